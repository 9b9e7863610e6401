import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton

from desktop_app.core.progress import Progress
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import Importance
from desktop_app.jobs.searches import SearchModel
from desktop_app.ui.language import speak
from desktop_app.ui.work import Task
from tests.flows.clicks import OPEN_MS
from tests.unit.ui.searching.search_samples import BUDGET, CANDIDATES, LIMITS, ORIGINAL, begun, measured


@pytest.fixture
def searched(opened, qtbot):
    """The window on its tab Search, with a search that was stopped after five candidates."""
    search = opened.session.search
    search.budget, search.standing = BUDGET, "stopped"
    search.candidates.forget(LIMITS)
    search.candidates.begin(begun(ORIGINAL, *CANDIDATES))
    search.candidates.weigh(Importance(12, (0.6, -0.1), (-0.9, 0.0), (-0.2, -0.7)))
    search.candidates.take_up_all()
    opened.workspace.tabs.setCurrentWidget(opened.workspace.search)
    search.changed.emit()
    opened.workspace.search.draw()
    return opened


def rows(table):
    model = table.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_an_empty_tab_offers_to_search(opened, qtbot):
    opened.workspace.tabs.setCurrentWidget(opened.workspace.search)
    assert opened.findChild(QToolButton, "search.start").isVisible()


def test_before_there_are_candidates_it_is_said_what_is_waited_for(opened, qtbot):
    search, work = opened.session.search, opened.session.work
    qtbot.waitUntil(lambda: work.current is None, timeout=OPEN_MS)  # its answers would be taken for those of this task
    work._current = Task(SearchModel("/snapshot", BUDGET, Recipe(), "/folder"), "Searching", lambda found: None)
    work.changed.emit()
    search.budget, search.standing = BUDGET, "working"
    opened.workspace.tabs.setCurrentWidget(opened.workspace.search)
    search.changed.emit()
    view, verdict = opened.workspace.search, opened.findChild(QLabel, "verdict")
    assert verdict.text() == "The model is judged as it is first; then candidates come."
    work.progress.emit(Progress("sensitivity", 0.2, "conv1", 90.0))
    assert verdict.isVisible()
    assert verdict.text().startswith("What every change of every layer costs is measured first")
    assert opened.findChild(QLabel, "searchTitle").text() == "Sensitivity  ·  1\u00a0min 30\u00a0s left"
    search.candidates.begin(begun(ORIGINAL))
    search.candidates.take_up_all()
    view.draw()
    assert view.parallel.isHidden()
    assert opened.findChild(QComboBox, "search_acrossChoice").count() > 1
    search.candidates.add(CANDIDATES[2])
    search.candidates.take_up_all()
    view.draw()
    assert not view.parallel.isHidden()
    assert verdict.text().startswith("#3 keeps the budget as a draft")
    search.standing, work._current = "stopped", None
    work.changed.emit()


def test_one_selection_in_pictures_table_and_commands(searched, qtbot):
    view, candidates = searched.workspace.search, searched.session.search.candidates
    assert rows(view.table) == ["#1 ○", "#2 ○", "#3 ●", "#4 ●"]
    assert not searched.actions_["run.use"].isEnabled()
    spot = view.scatter.pixel_of("3")
    qtbot.mouseClick(view.scatter.canvas.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert candidates.selected == ("3",)
    qtbot.waitUntil(lambda: view.scatter._selected == view.parallel._selected == {"3"})
    qtbot.waitUntil(lambda: view.table.view.selectionModel().hasSelection())
    assert [index.data() for index in view.table.view.selectionModel().selectedRows()] == ["#3 ●"]
    searched.actions_["run.use"].trigger()
    assert searched.document.recipe == searched.session.search.recipe(CANDIDATES[2])
    assert searched.document.undo_stack.undoText() == "Recipe of candidate #3"
    searched.document.undo_stack.undo()
    assert not searched.document.recipe.layers
    view.table.view.selectRow(0)
    assert candidates.selected == ("1",)


def test_what_was_found_is_said_in_words(searched):
    assert searched.findChild(QLabel, "searchTitle").text() == "Stopped  ·  5 candidates judged, 2 keep the budget"
    assert searched.findChild(QLabel, "searchAsked").text() == (
        "Asked for: size at most 600 kB, speed-up at least 1.50×"
    )
    assert searched.findChild(QLabel, "verdict").text().startswith("#3 keeps the budget as a draft")
    costs = searched.findChild(QLabel, "limitCosts").text()
    assert costs.startswith("Without the limit “size at most 600 kB”, #3 was judged to keep all others")


def test_what_was_measured_and_what_keeps_the_budget_differ_by_their_signs(searched):
    candidates, view = searched.session.search.candidates, searched.workspace.search
    candidates.add(measured(CANDIDATES[2], 1.6))
    candidates.add(measured(CANDIDATES[1], 1.4))
    candidates.take_up_all()
    view.draw()
    drawn = (view.scatter._dots, view.scatter._beaten, view.scatter._beyond)
    assert sorted(point.symbol() for item in drawn for point in item.points()) == ["d", "o", "s", "x"]
    legend = searched.findChild(QLabel, "searchScatterLegend").text()
    assert "◇ measured whole" in legend
    assert "□ measured whole, beyond the limits" in legend


def test_what_matters_most_stands_first(searched):
    table = searched.workspace.search.weights
    assert rows(table) == ["/block/inner/conv1", "/head/classifier"]
    assert table.rows.rows()[0][3].text.startswith("█████")
    assert "−0.90" in table.rows.rows()[0][3].text
    assert "By 12 candidates" in table._note.text()


def test_all_is_there_again_in_another_language_in_the_middle_of_a_search(searched, qtbot):
    candidates = searched.session.search.candidates
    candidates.select(["4"])
    searched.session.search.standing = "working"
    before = searched.workspace.search
    speak("zh_CN")
    qtbot.waitUntil(lambda: searched.workspace.search is not before)
    view = searched.workspace.search
    candidates.add(measured(CANDIDATES[3], 1.9))
    candidates.take_up_all()
    searched.workspace.tabs.setCurrentWidget(view)
    view.draw()
    assert len(rows(view.table)) == 4
    assert view.scatter._selected == {"4"}
    assert "满足预算" in searched.findChild(QLabel, "searchTitle").text()
    speak("en")
    searched.session.search.standing = "stopped"


def test_another_model_forgets_the_search(searched):
    searched.session.search._on_opened()
    assert searched.session.search.standing == "none"
    assert searched.session.search.candidates.trials == ()
    assert searched.findChild(QToolButton, "search.start").isVisible()


def test_what_goes_on_is_asked_about_before_the_window_closes(searched):
    searched.session.work._current = Task(
        SearchModel("/snapshot", BUDGET, Recipe(), "/folder"), "Searching", lambda found: None
    )
    assert searched.leaving.working
    searched.session.work._current = None
