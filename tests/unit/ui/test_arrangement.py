import pytest
from PySide6.QtCore import QRect

from desktop_app.jobs.messages import Opened
from desktop_app.ui.arrangement import placed
from desktop_app.ui.recovery.kept import ViewState
from desktop_app.ui.views.tree_panel import TreePanel

ONE, TWO = QRect(0, 0, 1920, 1040), QRect(1920, 0, 1280, 1000)
FRAME = QRect(100, 80, 1200, 800)


@pytest.mark.parametrize("frame", [FRAME, FRAME.translated(1900, 0), FRAME.translated(1700, 0)])
def test_a_window_whose_title_can_be_taken_stays(frame):
    assert placed(frame, [ONE, TWO]) == frame


@pytest.mark.parametrize("frame", [FRAME.translated(1900, 0), FRAME.translated(0, 1100), FRAME.translated(0, -200)])
def test_a_window_that_no_hand_can_take_comes_to_the_middle_of_the_first_screen(frame):
    moved = placed(frame, [ONE])
    assert ONE.contains(moved)
    assert moved.size() == frame.size()


def test_a_window_larger_than_the_screen_is_made_to_fit():
    assert placed(QRect(5000, 0, 3000, 2000), [TWO]) == TWO


def test_no_screen_no_move():
    assert placed(FRAME, []) == FRAME


def test_what_another_version_has_written_is_left_out(window, summary):
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    panel = window.findChild(TreePanel)
    panel.filter_line.setText("conv1")
    state = window.arrangement()
    panel.filter_line.clear()
    window.arrange(ViewState({**state.views, panel.objectName(): '{"new": 1}'}, state.places, state.geometry))
    assert panel.filter_line.text() == ""
    window.arrange(state)
    assert panel.filter_line.text() == "conv1"
