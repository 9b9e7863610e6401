"""Every control of the window and of every dialog has a name, and shows that it has the keyboard."""

import pytest
from PySide6.QtWidgets import QDialog, QPushButton, QToolButton, QVBoxLayout

from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.ui import announcing
from desktop_app.ui.commands import COMMANDS
from desktop_app.ui.theme import paint
from tests.accessible import problems, without_visible_focus

ASKS = [one.id for one in COMMANDS if one.text.endswith("…") or one.id in ("help.keys", "help.about")]
"""Commands that open a dialog; those that open the system's own dialogs for files are left out."""
OF_THE_SYSTEM = ("file.open", "recipe.open", "recipe.save_as", "view.save_picture", "view.save_table")
OF_RUNS = ("run.compare", "run.delete")
"""They need runs that were kept."""


@pytest.fixture
def filled(window, summary, profiled, qtbot):
    """The window with a model, in the middle of a run with a training, and a message."""
    window.document.show(Opened(summary, "/snapshot"))
    window.document.set_profile(profiled)
    live = window.session.live
    live.start()
    for event in (
        Progress("prune_channels", 1.0),
        Progress("recover", 0.5),
        Measurement("bytes", 2e6, "original"),
        Measurement("bytes", 1e6, "prune_channels"),
        Measurement("latency_ms", 9.0, "original", 8.9, 9.1),
        *(Measurement("loss", 1 / step, "recover") for step in range(1, 5)),
    ):
        live.report(event)
    window.messages.fail(Failed("It failed.", "details"))
    window.document.selection.choose([("stem", "conv", "/stem/conv")], ["/stem/conv"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_window_and_every_tab(filled, qtbot, qapp, dark):
    paint(qapp, dark)
    tabs = filled.workspace.tabs
    for place in range(tabs.count()):
        tabs.setCurrentIndex(place)
        qapp.processEvents()
        assert problems(filled) == []
        assert without_visible_focus(filled) == []


@pytest.mark.parametrize("name", [name for name in ASKS if name not in OF_THE_SYSTEM + OF_RUNS])
def test_every_dialog(filled, qtbot, qapp, name):
    before = set(filled.findChildren(QDialog))
    filled.actions_[name].setEnabled(True)  # also those that wait for the worker
    filled.actions_[name].trigger()
    qtbot.waitUntil(lambda: bool(set(filled.findChildren(QDialog)) - before))
    for dialog in set(filled.findChildren(QDialog)) - before:
        qtbot.waitUntil(dialog.isVisible)
        assert problems(dialog) == []
        assert without_visible_focus(dialog) == []
        dialog.reject()


def test_the_walk_finds_what_is_wrong(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout = QVBoxLayout(dialog)
    icon_only, same, again = QToolButton(), QPushButton("Go"), QPushButton("Go")
    unseen = QPushButton("Unseen")
    unseen.setStyleSheet("border: none; outline: none; background: none;")
    for widget in (icon_only, same, again, unseen):
        layout.addWidget(widget)
    dialog.show()
    told = " ".join(problems(dialog))
    assert "QToolButton" in told
    assert "called Go" in told
    assert any("Unseen" in one for one in without_visible_focus(dialog))


def test_the_end_of_a_run_is_announced(window, summary, monkeypatch):
    said = []
    monkeypatch.setattr(announcing.QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    window.document.show(Opened(summary, "/snapshot"))
    window.session.live.start()
    for size, stage in ((2e6, "original"), (1e6, "final")):
        window.session.live.report(Measurement("bytes", size, stage))
    window.session.live.end("done")
    assert said == ["The run is done. Size, MB: 2.00 → 1.00. 2.0× smaller"]
    window.messages.fail(Failed("It did not work."))
    assert said[-1] == "It did not work."
