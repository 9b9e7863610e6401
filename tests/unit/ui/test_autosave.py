"""The recipe is saved to its file by itself, where the user wants that; nothing else is written."""

import pytest

from desktop_app.jobs.recipes import RecipeWritten, WriteRecipe
from desktop_app.ui import operations
from desktop_app.ui.settings.rows import AUTOSAVE
from desktop_app.ui.settings.store import settings

STEM = "/stem/conv"


@pytest.fixture
def asked(opened, monkeypatch):
    """What the worker of the opened window is asked; it answers nothing."""
    requests = []
    monkeypatch.setattr(opened.session.runner, "submit", requests.append)
    opened.session.work._waiting.clear()
    opened.session.work._current = None
    return requests


def test_an_edit_is_saved_once_its_time_is_over(opened, asked, tmp_path):
    path = tmp_path / "net.recipe.yaml"
    opened.document.saved(path)
    settings().write(AUTOSAVE, 3)
    timer = opened.autosave._timer
    assert not timer.isActive()
    operations.set_bits(opened.document, [STEM], 8)
    assert timer.isActive()
    assert timer.interval() == 180_000

    timer.timeout.emit()
    (request,) = asked
    assert request == WriteRecipe(str(path), opened.document.recipe)
    assert opened.document.dirty
    opened.session.work._on_finished(RecipeWritten(str(path)))
    assert not opened.document.dirty
    assert not opened.autosave._timer.isActive()


def test_nothing_is_written_without_the_wish_or_without_a_file(opened, asked, tmp_path):
    operations.set_bits(opened.document, [STEM], 8)
    settings().write(AUTOSAVE, 1)
    assert not opened.autosave._timer.isActive()  # no file
    opened.document.saved(tmp_path / "net.recipe.yaml")
    operations.set_bits(opened.document, [STEM], 4)
    assert opened.autosave._timer.isActive()
    opened.document.undo_stack.undo()
    assert not opened.autosave._timer.isActive()  # as in the file
    operations.set_bits(opened.document, [STEM], 4)
    settings().write(AUTOSAVE, 0)
    assert not opened.autosave._timer.isActive()
    assert asked == []


def test_saving_waits_for_the_worker(opened, asked, tmp_path):
    opened.document.saved(tmp_path / "net.recipe.yaml")
    settings().write(AUTOSAVE, 1)
    opened.session.run()
    before = len(asked)
    operations.set_bits(opened.document, [STEM], 8)
    opened.autosave._timer.timeout.emit()
    assert len(asked) == before
    assert opened.autosave._timer.isActive()
