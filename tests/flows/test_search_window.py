"""Search in the window: asked for, watched, paused, gone on with to its end, and its best recipe taken."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDoubleSpinBox, QLabel, QPushButton, QSpinBox, QToolButton

from desktop_app.core.data import DataSettings
from desktop_app.core.resources import resource
from desktop_app.ui import operations
from tests.flows.clicks import OPEN_MS, click

SEARCH_MS = 300_000


@pytest.fixture
def small(window, qtbot, tmp_path: Path):
    """The window with the sample's model and a few of its images."""
    folder = tmp_path / "digits"
    for images in sorted(resource("sample/digits").iterdir()):
        (folder / images.name).mkdir(parents=True)
        for image in sorted(images.iterdir())[:4]:
            (folder / images.name / image.name).write_bytes(image.read_bytes())
    window.errands.open_model(str(resource("sample/digits.onnx")))
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=SEARCH_MS)
    operations.set_data(window.document, DataSettings(path=str(folder), calibration=16))
    return window


def test_a_search_is_asked_for_paused_gone_on_with_and_its_best_taken(small, qtbot):
    window, search = small, small.session.search
    click(qtbot, window, QToolButton, "searchButton")
    dialog = window.findChild(QDialog, "searchDialog")
    dialog.findChild(QDoubleSpinBox, "limit_bytes").setValue(0.5)
    dialog.findChild(QDoubleSpinBox, "limit_min_agreement").setValue(10.0)
    for knob in ("prune", "rank"):
        dialog.findChild(QCheckBox, f"search_{knob}").setChecked(False)
    strategy = dialog.findChild(QComboBox, "searchStrategy")
    strategy.setCurrentIndex(strategy.findData("random"))
    dialog.findChild(QDoubleSpinBox, "searchMinutes").setValue(0.0)
    dialog.findChild(QSpinBox, "searchTrials").setValue(5)
    dialog.findChild(QSpinBox, "searchFinalists").setValue(1)
    space = dialog.findChild(QLabel, "searchSpace")
    qtbot.waitUntil(lambda: "choices of bits" in space.text(), timeout=SEARCH_MS)
    click(qtbot, dialog, QPushButton, "startSearch")
    assert window.workspace.tabs.currentWidget() is window.workspace.search
    qtbot.waitUntil(lambda: search.candidates.judged >= 2, timeout=SEARCH_MS)
    window.actions_["run.pause"].trigger()
    qtbot.waitUntil(lambda: search.standing == "paused", timeout=OPEN_MS)
    known = search.candidates.judged

    window.actions_["run.search"].trigger()  # the same is asked for again: there is something to go on with
    again = [one for one in window.findChildren(QDialog, "searchDialog") if one.isVisible()][-1]
    qtbot.waitUntil(lambda: again.findChild(QPushButton, "startSearch").text() == "Go on", timeout=SEARCH_MS)
    assert again.budget() == search.budget
    again.reject()

    window.actions_["run.go_on"].trigger()
    qtbot.waitUntil(lambda: search.standing == "finished", timeout=SEARCH_MS)
    assert search.found.judged == 5 > known
    assert [one.number for one in search.found.finalists] == [search.found.best.number]
    found = search.candidates.found(str(search.found.best.number))
    assert found.measured
    verdict = window.findChild(QLabel, "verdict").text()
    assert verdict.startswith("The budget is not met" if search.found.missed else "The budget is met")

    qtbot.waitUntil(lambda: window.document.runs.shown is not None, timeout=OPEN_MS)
    assert window.document.runs.shown.id == search.found.kept.id
    assert Path(window.document.run.model).stat().st_size == search.found.best.bytes

    before = window.document.recipe
    search.candidates.select([str(one.number) for one in search.candidates._found.values() if one.number][:1])
    window.actions_["run.use"].trigger()
    assert window.document.recipe == search.recipe(search.candidates.found(search.candidates.selected[0]))
    window.actions_["edit.undo"].trigger()
    assert window.document.recipe == before == replace(before)
