"""Tests of what is known of the data: it follows the recipe, and nothing that goes first makes it forgotten."""

import pytest
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.jobs.messages import OpenModel
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.known_data import KnownData
from desktop_app.ui.work import Task
from tests.unit.ui.hand import Hand

PICTURES, OTHERS = DataSettings(path="/pictures"), DataSettings(path="/others")
FOUND = DataPreview("images", 500, True, 10, 300, 200, None, False, ())


@pytest.fixture
def known(document, work) -> KnownData:
    return KnownData(document, work)


def asked(hand: Hand) -> DataSettings | None:
    return hand.request.data if isinstance(getattr(hand, "request", None), PreviewData) else None


def test_nothing_is_asked_without_data(known, document: Document, hand):
    operations.set_recipe(document, replace(document.recipe, seed=3))
    assert asked(hand) is None


def test_data_are_looked_at_however_they_came(known, document: Document, hand):
    operations.set_data(document, PICTURES)
    assert asked(hand) == PICTURES
    hand.finished.emit(FOUND)
    assert document.data == FOUND
    operations.set_recipe(document, replace(document.recipe, data=OTHERS))
    assert document.data is None
    assert asked(hand) == OTHERS
    hand.finished.emit(FOUND)
    document.undo_stack.undo()
    assert document.data is None
    assert asked(hand) == PICTURES


def test_an_answer_on_other_data_is_not_shown(known, document: Document, hand):
    operations.set_data(document, PICTURES)
    operations.set_data(document, OTHERS)
    hand.finished.emit(FOUND)
    assert document.data is None
    assert asked(hand) == OTHERS


def test_what_went_first_only_puts_the_look_off(known, document: Document, work, hand):
    operations.set_data(document, PICTURES)
    work.ask_first(Task(OpenModel("/net.onnx"), "Opening", print))
    assert asked(hand) is None
    hand.finished.emit(None)
    assert asked(hand) == PICTURES


def test_who_stops_the_look_does_not_get_it_again(known, document: Document, work, hand):
    operations.set_data(document, PICTURES)
    known.give_up()
    work.cancel()
    assert work.current is None
