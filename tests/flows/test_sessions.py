"""What a window was when its program was killed, it is again; and nothing that lives is taken for dead."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton

from desktop_app.core.resources import resource
from desktop_app.jobs.history.store import History
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from tests.flows.clicks import OPEN_MS, click

SCRIPT = Path(__file__).with_name("program.py")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="this system has no SIGKILL")


SCREEN = {
    "name": "one",
    "x": 0,
    "y": 0,
    "width": 1920,
    "height": 1080,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}


def start(folder, wish, screens=(SCREEN,)):
    """Another process with the real window, on these screens."""
    config = folder / "screens.json"
    config.write_text(json.dumps({"screens": screens}))
    variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    command = [sys.executable, str(SCRIPT), str(folder), wish]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **variables}, text=True)


def told(process):
    """How its window stands, once it has ended."""
    return json.loads(process.communicate(timeout=120)[0])


@pytest.fixture
def new_window(qtbot, settings_folder, tmp_path):
    """Makes windows as the next start of the program would."""
    made = []

    def make():
        shown = MainWindow(Runner(), Store(tmp_path / "sessions"), History(tmp_path / "history"))
        shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(shown)
        made.append(shown)
        shown.show()
        return shown

    yield make
    for one in made:
        one.setProperty("closing", True)
        one.close()


def answer(window, question, button):
    box = window.findChild(QMessageBox, question)
    next(one for one in box.buttons() if one.text() == button).click()


def test_after_a_kill_the_session_is_offered_and_is_as_it_was(tmp_path):
    process = start(tmp_path, "kill")
    stood = told(process)
    assert process.returncode == -9
    assert stood["filter"] == "conv"
    assert stood["index"] != stood["clean"]
    stands = told(start(tmp_path, "reopen"))
    assert stands == stood


def test_a_window_on_a_screen_that_is_gone_comes_onto_one_that_is_there(tmp_path):
    second = SCREEN | {"name": "two", "x": -1920}
    stood = told(start(tmp_path, "kill", [second]))
    assert stood["place"][0] < 0
    stands = told(start(tmp_path, "reopen"))
    assert 0 <= stands["place"][0] <= 1920 - stands["size"][0]
    assert 0 <= stands["place"][1] <= 1080 - stands["size"][1]
    assert stands["recipe"] == stood["recipe"]


def test_a_window_of_another_process_that_lives_is_left_alone(new_window, tmp_path):
    process = start(tmp_path, "stay")
    process.stdout.readline()
    try:
        window = new_window()
        assert not window.start.sessions.isVisible()
        assert not window.actions_["file.reopen"].isEnabled()
    finally:
        process.kill()
        process.communicate()
    window.reopening.refresh()
    assert window.start.sessions.isVisible()
    assert "before it was closed" in window.findChild(QLabel, "sessionsTitle").text()
    assert "digits.onnx" in window.findChild(QLabel, "sessionsRows").text()


@pytest.fixture
def own_model(tmp_path):
    path = tmp_path / "models" / "net.onnx"
    path.parent.mkdir()
    shutil.copyfile(resource("sample/digits.onnx"), path)
    return path


def crash(window):
    """The program of a window is gone: the system lets go of its lock."""
    window.keeper.write_view()
    window.keeper._place.release()
    window.keeper._place = None


@pytest.fixture
def crashed(new_window, own_model, qtbot):
    """The recipe of a model that was edited in a window whose program was killed."""
    window = new_window()
    window.errands.open_model(str(own_model))
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=OPEN_MS)
    operations.set_bits(window.document, [window.document.layers[0].name], 4)
    crash(window)
    return window.document.recipe


def test_unsaved_edits_are_offered_when_their_model_is_opened(new_window, crashed, own_model, qtbot):
    window = new_window()
    window.errands.open_model(str(own_model))
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "offer") is not None, timeout=OPEN_MS)
    assert window.document.recipe == Document().recipe
    answer(window, "offer", "Ask again later")
    assert len(window.keeper.store.found()) == 1, "it stays until it is answered"
    crash(window)

    again = new_window()
    again.errands.open_model(str(own_model))
    qtbot.waitUntil(lambda: again.findChild(QMessageBox, "offer") is not None, timeout=OPEN_MS)
    answer(again, "offer", "Take it up")
    assert again.document.recipe == crashed


def test_a_model_that_is_gone_is_asked_for(new_window, crashed, own_model, qtbot, monkeypatch):
    moved = own_model.rename(own_model.with_name("moved.onnx"))
    window = new_window()
    click(qtbot, window, QPushButton, "reopenButton")
    box = window.findChild(QMessageBox, "goneQuestion")
    assert "no longer in" in box.text()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(moved), ""))
    answer(window, "goneQuestion", "Find the model…")
    qtbot.waitUntil(lambda: window.document.recipe == crashed, timeout=OPEN_MS)


def test_a_model_that_has_changed_is_told(new_window, crashed, own_model, qtbot):
    shutil.copyfile(resource("sample/digits.onnx"), own_model)
    with own_model.open("r+b") as file:
        content = file.read().replace(b"pytorch", b"pytorcH", 1)
        file.seek(0)
        file.write(content)
    window = new_window()
    click(qtbot, window, QPushButton, "reopenButton")
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=OPEN_MS)
    assert "not the file that it was" in text.text()
    assert window.document.recipe == crashed


def test_a_model_that_is_no_longer_one_is_told_and_its_session_stays(new_window, crashed, own_model, qtbot):
    own_model.write_bytes(b"this is no model")
    window = new_window()
    click(qtbot, window, QPushButton, "reopenButton")
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=OPEN_MS)
    assert "damaged" in text.text()
    assert window.start.sessions.isVisible()
    click(qtbot, window, QPushButton, "discardButton")
    assert window.keeper.store.found() == ()
    assert not window.start.sessions.isVisible()


@pytest.fixture
def edited(sample):
    """The window with the sample and an edit that is in no file."""
    operations.set_bits(sample.document, [sample.document.layers[0].name], 4)
    return sample


def test_closing_asks_about_edits_and_saves_them(edited, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "saved.yaml"
    recipe = edited.document.recipe
    edited.close()
    assert edited.isVisible()
    assert "not saved" in edited.findChild(QMessageBox, "unsavedQuestion").text()
    answer(edited, "unsavedQuestion", "Cancel")
    assert edited.isVisible()

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    edited.close()
    answer(edited, "unsavedQuestion", "Save")
    qtbot.waitUntil(lambda: not edited.isVisible(), timeout=OPEN_MS)
    assert path.is_file()
    (last,) = edited.keeper.store.found()
    assert (last.history.recipe, last.unsaved, last.history.path) == (recipe, False, str(path))


def test_a_recipe_that_cannot_be_saved_keeps_the_window_open(edited, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "folder.yaml"), ""))
    edited.close()
    answer(edited, "unsavedQuestion", "Save")
    text = edited.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=OPEN_MS)
    assert edited.isVisible()
    assert edited.document.dirty


def test_edits_that_are_given_up_do_not_come_back(edited, new_window, qtbot):
    saved = edited.document.undo_stack.cleanIndex()
    edited.close()
    answer(edited, "unsavedQuestion", "Don't save")
    qtbot.waitUntil(lambda: not edited.isVisible(), timeout=OPEN_MS)

    window = new_window()
    assert window.findChild(QLabel, "sessionsTitle").text() == "Last session"
    click(qtbot, window, QPushButton, "reopenButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    assert window.document.undo_stack.index() == saved
    assert not window.document.dirty
