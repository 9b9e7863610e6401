import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.autosave import Autosave
from desktop_app.ui.journal import Entry, Journal

CONV1 = "/block/inner/conv1"


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path / "journal")


def test_what_is_kept_comes_back_until_it_is_forgotten(journal):
    entry = Entry("net.onnx", Recipe(seed=3))
    journal.write("ab", entry)
    assert journal.read("ab") == entry
    assert journal.read("cd") is None
    journal.forget("ab")
    journal.forget("ab")
    assert journal.read("ab") is None


def test_a_damaged_file_is_as_good_as_none(journal, tmp_path):
    journal.write("ab", Entry("net.onnx", Recipe()))
    (tmp_path / "journal" / "ab.json").write_text('{"model": 3')
    assert journal.read("ab") is None


def test_unsaved_edits_are_offered_when_the_model_is_opened_again(document, summary, journal, qtbot):
    autosave = Autosave(document, journal)
    operations.set_bits(document, [CONV1], 8)
    edited = document.recipe
    autosave.flush()

    with qtbot.waitSignal(autosave.found) as found:
        document.show(Opened(summary, "/again"))
    assert found.args == [edited]

    autosave.flush()
    assert journal.read(summary.sha256) is not None, "unanswered, it must stay"
    autosave.restore(edited)
    assert document.recipe == edited
    assert document.dirty


def test_edits_are_written_soon_without_being_asked(document, summary, journal, qtbot):
    autosave = Autosave(document, journal)
    autosave._timer.setInterval(10)
    operations.set_bits(document, [CONV1], 8)
    qtbot.waitUntil(lambda: journal.read(summary.sha256) is not None)


def test_what_was_saved_or_discarded_is_forgotten(document, summary, journal, tmp_path):
    autosave = Autosave(document, journal)
    operations.set_bits(document, [CONV1], 8)
    autosave.flush()
    document.saved(tmp_path / "recipe.yaml")
    autosave.flush()
    assert journal.read(summary.sha256) is None

    journal.write(summary.sha256, Entry("net.onnx", Recipe(seed=3)))
    document.show(Opened(summary, "/again"))
    autosave.discard()
    assert journal.read(summary.sha256) is None


def test_a_folder_that_cannot_be_written_is_no_catastrophe(document, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    operations.set_bits(document, [CONV1], 8)
    Autosave(document, Journal(tmp_path / "file")).flush()
    assert "journal" in caplog.text
