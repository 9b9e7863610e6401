from collections.abc import Iterator

import pytest

from desktop_app.ui.views.one_by_one import OneByOne


def parts(drawn: list[str], names: str) -> Iterator[None]:
    for name in names:
        drawn.append(name)
        yield


@pytest.fixture
def drawn() -> list[str]:
    return []


def test_what_is_added_is_drawn_behind_what_waits(qtbot, drawn):
    drawing = OneByOne()
    drawing.begin(parts(drawn, "abc"))
    drawing.add(parts(drawn, "xy"))
    assert drawn == []
    qtbot.waitUntil(lambda: len(drawn) == 5)
    assert drawn == [*"abcxy"]


def test_another_beginning_takes_the_place_of_what_waits(qtbot, drawn):
    drawing = OneByOne()
    drawing.begin(parts(drawn, "abc"))
    qtbot.waitUntil(lambda: drawn == ["a"])
    drawing.begin(parts(drawn, "xy"))
    qtbot.waitUntil(lambda: len(drawn) == 3)
    qtbot.wait(60)
    assert drawn == [*"axy"]


def test_all_at_once_leaves_nothing_to_draw(qtbot, drawn):
    drawing = OneByOne()
    drawing.begin(parts(drawn, "abc"))
    drawing.at_once(parts(drawn, "xy"))
    assert drawn == [*"xy"]
    qtbot.wait(60)
    assert drawn == [*"xy"]
