"""Every control of the window and of every dialog has a name, shows the keyboard, and is reached as it is read."""

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QGraphicsView, QPushButton, QTabWidget, QToolButton, QVBoxLayout

from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs.messages import Failed, Opened
from desktop_app.ui import announcing
from desktop_app.ui.commands import COMMANDS
from desktop_app.ui.theme import paint
from tests.accessible import has_table, out_of_order, problems, without_visible_focus
from tests.unit.ui.run_samples import kept_run, whole_run

ASKS = [one.id for one in COMMANDS if one.text.endswith("…") or one.id in ("help.keys", "help.about")]
"""Commands that open a dialog; those that open the system's own dialogs for files are left out."""
OF_THE_SYSTEM = ("file.open", "recipe.open", "recipe.save_as", "view.save_picture", "view.save_table")
OF_RUNS = ("run.compare", "run.delete", "run.export_candidate")
"""They need runs that were kept."""


@pytest.fixture
def filled(window, summary, profiled, qtbot, qapp):
    """The window with a model, in the middle of a run with a training, and a message."""
    paint(qapp, False)  # what shows the keyboard is in the style sheet, whichever test comes first
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


def wrong(top):
    """All that is wrong in a window or dialog."""
    return problems(top) + without_visible_focus(top)


def test_the_window_and_every_tab(filled, qapp):
    tabs, found = filled.workspace.tabs, {}
    for dark in (False, True):
        paint(qapp, dark)
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            qapp.processEvents()
            found[dark, tabs.tabText(place)] = wrong(filled)
    assert len(found) >= 10
    assert {at: told for at, told in found.items() if told} == {}


@pytest.fixture
def two_runs(filled, summary, qtbot):
    """Two runs, selected, the second with the error of every layer; neither is in a history."""
    past, heard = filled.session.past, []
    past.refresh = lambda: None  # the history of this test is empty
    past._archive.ask(lambda _: True, heard.append)
    qtbot.waitUntil(lambda: bool(heard))  # behind all that was asked of it before: its answers come in that order
    for number, spot in enumerate(((1.0, 0.9), (2.0, 0.94)), start=1):
        kept = kept_run(number, *spot)
        filled.document.runs.put([*filled.document.runs.kept, kept])
        filled.document.runs.show(kept.id, whole_run(kept, summary))
    filled.document.runs.select([run.id for run in filled.document.runs.kept])
    return filled


def opened_dialog(window, qtbot, name):
    before = set(window.findChildren(QDialog))
    window.actions_[name].setEnabled(True)  # also those that wait for the worker
    window.actions_[name].trigger()
    qtbot.waitUntil(lambda: bool(set(window.findChildren(QDialog)) - before))
    (dialog,) = set(window.findChildren(QDialog)) - before
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def closed(dialog, qtbot, qapp):
    dialog.reject()
    qapp.processEvents()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)


def test_dialogs_of_runs_and_every_tab_of_their_comparison(two_runs, qtbot, qapp):
    found = {}
    for dark in (False, True):
        paint(qapp, dark)
        dialog = opened_dialog(two_runs, qtbot, "run.compare")
        tabs = dialog.findChild(QTabWidget, "compareTabs")
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            qapp.processEvents()
            found[dark, tabs.tabText(place)] = wrong(dialog) + out_of_order(dialog)
        closed(dialog, qtbot, qapp)
    assert len(found) >= 6
    dialog = opened_dialog(two_runs, qtbot, "run.delete")
    found["run.delete"] = wrong(dialog)
    closed(dialog, qtbot, qapp)
    assert {at: told for at, told in found.items() if told} == {}


def test_every_dialog(filled, qtbot, qapp):
    """In one window, one after another."""
    found = {}
    for name in (name for name in ASKS if name not in OF_THE_SYSTEM + OF_RUNS):
        dialog = opened_dialog(filled, qtbot, name)
        found[name] = wrong(dialog) + out_of_order(dialog)
        closed(dialog, qtbot, qapp)
    assert len(found) >= 12
    assert {at: told for at, told in found.items() if told} == {}


def test_every_plot_has_its_table(two_runs, qapp):
    """In the window with runs, a layer that is selected, and a training: what is drawn stands in a table, too."""
    tabs, plots = two_runs.workspace.tabs, set()
    for place in range(tabs.count()):
        tabs.setCurrentIndex(place)
        qapp.processEvents()
        shown = {one for one in two_runs.findChildren(QGraphicsView) if one.isVisible()}
        assert [one.accessibleName() for one in shown if not has_table(one)] == []
        plots |= shown
    assert len(plots) >= 3


def test_a_plot_without_a_table_is_found(qtbot):
    page = QDialog()
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(plot := QGraphicsView())
    assert not has_table(plot)


def test_the_walk_by_tab_finds_what_is_out_of_order(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout = QVBoxLayout(dialog)
    buttons = [QPushButton(text) for text in ("First", "Second", "Third")]
    for button in buttons:
        layout.addWidget(button)
    dialog.show()
    assert out_of_order(dialog) == []
    QDialog.setTabOrder(buttons[1], buttons[0])
    assert any("Second" in one and "First" in one for one in out_of_order(dialog))


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
