"""The graph in the real window, under real clicks and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu, QTableView, QToolButton

from desktop_app.ui import operations
from desktop_app.ui.graph.state import NONE
from desktop_app.ui.theme import paint
from tests.unit.ui.graph.drawn import wait_drawn
from tests.unit.ui.ui_samples import find

STEM, RELU, CONV1, CONV2, ADD, NORM, HEAD = range(1, 8)


@pytest.fixture
def canvas(opened):
    return opened.workspace.graph.canvas


def group(state, *path):
    return next(number for number, one in state.tree.groups.items() if one.path == path)


def place_of(canvas, number) -> QPoint:
    canvas.reach(number)
    at = canvas.stage.at(number)
    point = at.center() if number not in canvas.stage.picture.scene.frames else at.topLeft() + QPoint(20, 12)
    return canvas.mapFromScene(point)


def click(qtbot, canvas, number, **more):
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place_of(canvas, number), **more)


def test_a_small_model_opens_with_its_groups_open(opened, state):
    scene = opened.workspace.graph.stage.picture.scene
    assert len(scene.boxes) == 9
    assert [state.tree.groups[one].path for one in scene.frames] == [("stem",), ("block",), ("block", "inner")]


def test_a_click_selects_in_tree_and_inspector_and_the_tree_selects_in_the_graph(opened, state, canvas, qtbot):
    click(qtbot, canvas, CONV2)
    assert opened.document.selection.layers == ("/block/inner/conv2",)
    assert opened.tree.selected_layers() == ("/block/inner/conv2",)
    assert canvas.stage.paint.marks.chosen == {CONV2}
    assert canvas.stage.paint.marks.members == {ADD}

    opened.tree.setCurrentIndex(find(opened.tree.model(), "conv1"))
    assert state.current == CONV1
    assert canvas.stage.paint.marks.chosen == {CONV1}


def test_a_node_between_stands_for_the_layer_that_it_is_counted_to(opened, canvas, qtbot):
    click(qtbot, canvas, ADD)
    assert opened.document.selection.layers == ("/block/inner/conv2",)
    assert opened.session.graph.current == ADD


def test_a_double_click_closes_and_opens_a_group_in_place(opened, state, canvas, qtbot):
    inner = group(state, "block", "inner")
    before = place_of(canvas, inner)
    qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=before)
    wait_drawn(qtbot, opened, 8)
    assert inner in canvas.stage.picture.scene.boxes
    assert opened.document.selection.rows == {("block", "inner")}
    after = canvas.mapFromScene(canvas.stage.at(inner).center())
    assert abs(after.y() - before.y()) < 60

    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    wait_drawn(qtbot, opened, 9)
    assert inner in canvas.stage.picture.scene.frames


def test_the_keys_go_along_the_lines(opened, state, canvas, qtbot):
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert state.current == 0
    for expected in (STEM, RELU):
        qtbot.keyClick(canvas, Qt.Key.Key_Down)
        assert state.current == expected
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert state.current in (CONV1, ADD)
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert state.current == HEAD
    assert "/head/classifier" in canvas.accessibleDescription()

    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert opened.document.settings(opened.document.layer("/head/classifier")).locked


def test_backspace_closes_the_group_around(opened, state, canvas, qtbot):
    canvas.setFocus()
    state.choose(CONV1)
    qtbot.keyClick(canvas, Qt.Key.Key_Backspace)
    wait_drawn(qtbot, opened, 8)
    assert state.current == group(state, "block", "inner")


def test_what_is_found_is_shown_wherever_it_is_hidden(opened, state, canvas, qtbot):
    state.close_all()
    wait_drawn(qtbot, opened, 5)
    field = opened.findChild(QLineEdit, "graphFind")
    qtbot.keyClicks(field, "inner conv2")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    wait_drawn(qtbot, opened, 8)
    assert state.current == CONV2
    assert canvas.viewport().rect().contains(canvas.mapFromScene(canvas.stage.at(CONV2).center()))
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert canvas.hasFocus()


def test_colours_follow_the_choice_and_the_recipe(opened, state, profiled):
    view, document = opened.workspace.graph, opened.document
    looks = view._paint.looks
    assert looks.of(CONV1).figure == ""
    document.set_profile(profiled)
    view.refresh()
    assert looks.of(CONV1).figure == "50.0 %"
    assert looks.of(CONV1).level == 1.0
    assert looks.of(CONV2).level < 1.0
    assert looks.of(RELU).level is None

    state.colour_by("bits")
    operations.set_bits(document, ["/block/inner/conv1"], 8)
    view.refresh()
    assert looks.of(CONV1).figure == "8 bit"
    assert looks.of(CONV2).figure == "32 bit"
    assert looks.of(CONV1).badges == (("8 bit", "asked"),)
    assert looks.of(group(state, "block")).figure == "8 bit"


def test_a_measure_that_is_not_known_is_off_and_says_why(opened, profiled):
    box = opened.findChild(QComboBox, "graphColours")
    item = box.model().item(box.findData("time"))
    assert not item.isEnabled()
    assert "not measured" in item.toolTip()
    opened.document.set_profile(profiled)
    opened.workspace.graph.refresh()
    assert item.isEnabled()


def test_locked_and_refused_are_marked(opened, state):
    looks = opened.workspace.graph._paint.looks
    operations.set_locked(opened.document, ["/stem/conv"], True)
    opened.workspace.graph.refresh()
    assert looks.of(STEM).badges == (("locked", "locked"),)


def test_zoom_fit_and_the_far_picture(opened, state, canvas, qtbot):
    canvas.setFocus()
    qtbot.keyClicks(canvas, "0")
    whole = canvas.scale_now
    qtbot.keyClicks(canvas, "++")
    assert canvas.scale_now > whole
    assert canvas.stage.near.isVisible()
    for _ in range(14):
        qtbot.keyClicks(canvas, "-")
    assert canvas.stage.far.isVisible()
    assert not canvas.stage.near.isVisible()
    click(qtbot, canvas, HEAD)
    assert state.current == HEAD


def test_the_table_lists_the_boxes_and_goes_to_them(opened, state, qtbot):
    qtbot.mouseClick(opened.findChild(QToolButton, "graph_table"), Qt.MouseButton.LeftButton)
    table = opened.findChild(QTableView, "graphTable")
    assert table.model().rowCount() == 9
    assert table.isVisible()
    table.setCurrentIndex(table.model().index(3, 0))
    assert state.current == CONV1
    assert table.model().index(5, 5).data() == "/block/inner/conv2, /stem/relu"


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_whole_graph_is_written(opened, tmp_path, qtbot, suffix):
    path = tmp_path / f"graph.{suffix}"
    with qtbot.waitSignal(opened.session.told, timeout=10_000):
        opened.workspace.graph.write(str(path))
    if suffix == "svg":
        text = path.read_text("utf-8")
        assert text.count("conv1") == 1
        assert "classifier" in text
    else:
        assert QImage(str(path)).height() > 500
    assert [one.name for one in tmp_path.glob("graph*")] == [path.name]


def test_a_file_that_cannot_be_written_is_told(opened, tmp_path, qtbot):
    with qtbot.waitSignal(opened.session.told, timeout=10_000) as told:
        opened.workspace.graph.write(str(tmp_path / "no" / "graph.svg"))
    assert "cannot be written" in told.args[0]


def test_what_is_open_outlives_the_view(opened, state, canvas, qtbot):
    from desktop_app.ui.graph.panel import GraphView

    state.toggle(group(state, "block"))
    wait_drawn(qtbot, opened, 6)
    canvas.zoom(1.4)
    spot = state.spot
    other = GraphView(opened.session)
    qtbot.addWidget(other)
    other.resize(opened.workspace.graph.size())
    other.show()
    qtbot.waitUntil(lambda: other.stage is not None)
    assert len(other.stage.picture.scene.boxes) == 6
    assert other.canvas.scale_now == pytest.approx(spot[0])


def test_it_takes_other_colours_and_another_direction(opened, state, canvas, qtbot, qapp):
    before = canvas.stage.paint.brush.inks.ground
    paint(qapp, True)
    assert canvas.stage.paint.brush.inks.ground != before
    paint(qapp, False)
    state.turn(True)
    wait_drawn(qtbot, opened)
    qtbot.waitUntil(lambda: canvas.stage.picture.across)
    assert canvas.stage.picture.width > canvas.stage.picture.height


def test_another_model_has_another_graph(opened, state, summary):
    from desktop_app.jobs.messages import Opened

    opened.document.show(Opened(summary, "/snapshot"))
    assert state.tree is None
    assert opened.workspace.graph.stage is None
    assert state.current == NONE


def test_the_menu_of_a_box_has_the_commands_on_layers(opened, canvas, state):
    opened.workspace.graph._show_menu(CONV1, QPoint(10, 10))
    menu = opened.workspace.graph.findChild(QMenu)
    texts = [action.text() for action in menu.actions()]
    assert "Lock or unlock" in texts
    assert "Close block/inner" in texts
    menu.close()
