import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QToolButton, QToolTip

from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import Opened
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.trial_list import Picture
from desktop_app.ui.views.run_strip import strip_runs
from desktop_app.ui.views.tradeoff import TradeOffView
from desktop_app.ui.window import MainWindow
from tests.unit.ui.run_samples import kept_run, whole_run

SPOTS = ((1, 0.90), (2, 0.94), (2.5, 0.93), (3, 0.96), (5, 0.955))
RUNS = [kept_run(number, *spot) for number, spot in enumerate(SPOTS, start=1)]
IDS = [run.id for run in RUNS]


@pytest.fixture
def shown(window, summary, qtbot):
    """The real window with five runs of a model made by hand."""
    window.document.show(Opened(summary, "/snapshot"))
    window.session.stop()
    window.session.past.refresh = lambda: None  # the history of this test is empty
    with qtbot.waitCallback() as answered:  # behind what it was asked for before
        window.session.past._archive.ask(lambda _: None, answered)
    window.document.runs.put(RUNS)
    window.workspace.tabs.setCurrentWidget(window.workspace.tradeoff)
    qtbot.waitUntil(lambda: len(titles(window.workspace.tradeoff)) == len(RUNS))
    return window


def titles(view: TradeOffView) -> list[str]:
    model = view.table.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def selected_rows(view: TradeOffView) -> list[str]:
    return [index.data() for index in view.table.view.selectionModel().selectedRows()]


def type_into(qtbot, box, text):
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_one_selection_in_pictures_and_table(shown, qtbot):
    view, runs = shown.workspace.tradeoff, shown.document.runs
    assert titles(view) == ["#1 ●", "#2 ●", "#3 ○", "#4 ●", "#5 ○"]
    control = Qt.KeyboardModifier.ControlModifier
    for one in IDS[:2]:
        qtbot.mouseClick(view.scatter.canvas.viewport(), Qt.MouseButton.LeftButton, control, view.scatter.pixel_of(one))
    assert runs.selected == tuple(IDS[:2])
    assert selected_rows(view) == ["#1 ●", "#2 ●"]
    assert shown.findChild(QToolButton, "run.compare.button").isEnabled()
    table = view.table.view
    cell = table.visualRect(table.model().index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert runs.selected == (IDS[3],)
    assert view.scatter._selected == view.parallel._selected == {IDS[3]}


def test_the_selection_stays_with_its_runs_when_the_table_is_sorted(shown, qtbot):
    view = shown.workspace.tradeoff
    shown.document.runs.select([IDS[4]])
    header = view.table.view.horizontalHeader()
    for _ in range(2):
        qtbot.mouseClick(
            header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(header.sectionViewportPosition(1) + 9, 9)
        )
    assert titles(view) == ["#5 ○", "#4 ●", "#3 ○", "#2 ●", "#1 ●"]
    assert selected_rows(view) == ["#5 ○"]
    assert shown.document.runs.selected == (IDS[4],)


def test_a_click_on_a_point_takes_its_recipe_which_can_be_undone(shown, qtbot):
    view, before = shown.workspace.tradeoff, shown.document.recipe
    qtbot.mouseClick(view.scatter.canvas.viewport(), Qt.MouseButton.LeftButton, pos=view.scatter.pixel_of(IDS[2]))
    assert shown.document.recipe == RUNS[2].recipe
    assert shown.document.undo_stack.undoText() == "Recipe of run #3"
    shown.document.undo_stack.undo()
    assert shown.document.recipe == before


def test_the_keys_go_through_the_points_and_take_one(shown, qtbot):
    canvas = shown.workspace.tradeoff.scatter.canvas
    for _ in range(2):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.accessibleDescription().startswith("#2")
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert shown.document.runs.selected == (IDS[1],)
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert shown.document.recipe == RUNS[0].recipe


def test_hovering_tells_the_recipe_and_the_figures(shown, qtbot):
    scatter = shown.workspace.tradeoff.scatter
    qtbot.mouseMove(scatter.canvas.viewport(), scatter.pixel_of(IDS[0]))
    scatter.canvas.moved.emit(scatter.pixel_of(IDS[0]))  # offscreen windows do not track the pointer
    told = QToolTip.text()
    for words in (
        "#1",
        "nothing is changed",
        "Size: 4.00 MB → 1.00 MB",
        "Accuracy: 95.0 % → 90.0 %",
        "2.00× [1.80, 2.20]",
    ):
        assert words in told
    assert scatter._under(QPoint(1, 1)) is None


def test_limits_hide_what_does_not_keep_them(shown, qtbot):
    view = shown.workspace.tradeoff
    type_into(qtbot, shown.findChild(QDoubleSpinBox, "mostSize"), "2.5")
    assert [dot.trial.id for dot in view.picture().dots if dot.feasible] == IDS[:3]
    assert len(titles(view)) == 5
    shown.findChild(QCheckBox, "onlyFeasible").click()
    qtbot.waitUntil(lambda: titles(view) == ["#1 ●", "#2 ●", "#3 ○"])
    assert "2 hidden by the limits" in shown.findChild(QLabel, "scatterLegend").text()
    type_into(qtbot, shown.findChild(QDoubleSpinBox, "mostLost"), "2")
    qtbot.waitUntil(lambda: titles(view) == ["#2 ●", "#3 ○"])


def test_axes_can_be_chosen_among_those_that_are_known(shown, qtbot):
    choice = shown.findChild(QComboBox, "acrossChoice")
    known = [choice.itemText(place) for place in range(choice.count())]
    assert known == ["Size, MB", "Latency, ms", "Speed-up, ×", "Accuracy, %", "Same answers, %", "Fidelity, SQNR, dB",
                     "MACs, MMAC", "Params, M"]  # fmt: skip
    choice.setFocus()
    qtbot.keyClicks(choice, "Spe")
    assert shown.workspace.tradeoff.picture().x.id == "speedup"
    assert shown.document.runs.picture == Picture(x="speedup")


def test_a_view_made_anew_shows_what_the_one_before_showed(shown, qtbot):
    shown.document.runs.select([IDS[1]])
    shown.document.runs.look(Picture("macs", "sqnr"))
    other = TradeOffView(shown.session)
    qtbot.addWidget(other)
    other.resize(600, 700)
    other.show()
    assert other.picture() == shown.workspace.tradeoff.picture()
    assert selected_rows(other) == ["#2 ●"]
    other.recall(shown.workspace.tradeoff.memory())
    qtbot.waitUntil(lambda: titles(other) == titles(shown.workspace.tradeoff))


def test_commands_on_runs_say_why_they_are_off(shown):
    shown.document.runs.select([])
    assert "Select one run first." in shown.actions_["run.load"].toolTip()
    shown.document.runs.put(RUNS[:1])
    assert "no two runs" in shown.actions_["run.compare"].toolTip()


def test_a_shown_run_whose_file_is_gone_cannot_be_exported(shown, summary):
    gone = kept_run(6, 1, 0.9, file_bytes=0)
    shown.document.runs.put([*RUNS, gone])
    shown.document.runs.show(gone.id, whole_run(gone, summary))
    assert "was removed to save space" in shown.actions_["file.export"].toolTip()
    shown.document.runs.show(IDS[0], whole_run(RUNS[0], summary))
    assert shown.actions_["file.export"].isEnabled()


def test_the_strip_has_the_newest_runs_and_the_shown_one():
    assert strip_runs(RUNS, None) == RUNS[1:]
    assert strip_runs(RUNS, RUNS[0]) == [RUNS[0], *RUNS[2:]]
    assert strip_runs(RUNS[:2], RUNS[1]) == RUNS[:2]


def test_a_damaged_list_is_told_when_the_window_opens(qtbot, settings_folder, tmp_path):
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "runs.sqlite").write_bytes(b"no database" * 1000)
    window = MainWindow(Runner(), Store(tmp_path / "sessions"), History(folder))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()
    text = window.messages.findChild(QLabel, "messageText")
    qtbot.waitUntil(text.isVisible, timeout=20_000)
    assert "put aside" in text.text()
    assert len(list(folder.glob("damaged-*.sqlite"))) == 1
    window.close()


def test_the_ring_of_the_lowest_point_is_seen_whole(shown, qtbot):
    scatter = shown.workspace.tradeoff.scatter
    scatter.canvas.setFixedHeight(150)
    shown.document.runs.select([IDS[0]])
    qtbot.waitUntil(lambda: scatter.canvas.height() == 150)
    bottom = scatter.canvas.getViewBox().sceneBoundingRect().bottom()
    assert bottom - scatter.pixel_of(IDS[0]).y() >= 10


def test_names_have_room_in_the_size_that_the_picture_has_at_last(shown, qtbot):
    scatter = shown.workspace.tradeoff.scatter
    view = scatter.canvas.getViewBox()
    for height in (150, 320):
        scatter.canvas.setFixedHeight(height)
        qtbot.waitUntil(lambda height=height: abs(scatter.canvas.height() - height) < 2)
        qtbot.wait(30)
        top = view.sceneBoundingRect().top()
        names = [one for one in scatter._names._items if one.isVisible()]
        assert len(names) == 6
        assert all(one.mapToScene(one.boundingRect()).boundingRect().top() >= top for one in names)


def test_of_many_runs_those_on_the_front_and_the_selected_are_named(shown, qtbot):
    """All names would pile up until the picture is of names only."""
    scatter, runs = shown.workspace.tradeoff.scatter, shown.document.runs
    beaten = [kept_run(number, 3 + number / 10, 0.9) for number in range(10, 25)]
    runs.put([*RUNS, *beaten])
    runs.select([beaten[0].id])
    qtbot.waitUntil(lambda: len(titles(shown.workspace.tradeoff)) == 20)

    def named() -> set[str]:
        return {one.toPlainText() for one in scatter._names._items if one.isVisible()}

    qtbot.waitUntil(lambda: named() == {"#1", "#2", "#4", "#10", "original"})
