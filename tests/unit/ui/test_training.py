import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QTableView

from desktop_app.core.progress import Measurement
from desktop_app.ui.live import LiveRun
from desktop_app.ui.plots.curve import CurvePlot, span
from desktop_app.ui.plots.training import MAX_POINTS, CurveRecorder
from desktop_app.ui.theme import paint
from desktop_app.ui.views.results import ResultsView


def loss(value, stage="recover"):
    return Measurement("loss", value, stage)


def recorded(values):
    recorder = CurveRecorder("recover")
    for value in values:
        recorder.take(loss(value))
    return recorder.curve()


def test_few_losses_are_kept_as_they_are():
    assert [(one.at, one.value) for one in recorded([3.0, 2.0, 1.0]).loss.spots] == [(1, 3.0), (2, 2.0), (3, 1.0)]


@given(st.integers(1, 3000))
def test_however_many_losses_there_are_few_are_kept_and_none_is_lost(count):
    curve = recorded(range(count))
    spots = curve.loss.spots
    assert len(spots) <= MAX_POINTS
    assert curve.told > count - max(1, count // (MAX_POINTS // 4))
    begin = 0
    for spot in spots:
        assert spot.value == pytest.approx((begin + spot.at - 1) / 2)
        begin = spot.at


def test_judgements_stand_where_they_came_and_end_with_the_stage():
    recorder = CurveRecorder("recover")
    taken = [recorder.take(one) for one in (
        Measurement("top1_agreement", 0.5, "recover"), loss(2.0), loss(1.0),
        Measurement("top1_agreement", 0.8, "recover"), Measurement("top1_agreement", 0.1, "clean"),
        Measurement("bytes", 9.0, "recover"), Measurement("top1_agreement", 0.2, "recover"),
    )]  # fmt: skip
    assert taken == [True, True, True, True, False, False, False]
    agreement = recorder.curve().judged[0]
    assert [(one.at, one.value) for one in agreement.spots] == [(0, 0.5), (2, 0.8)]


def test_the_table_says_what_the_picture_says():
    recorder = CurveRecorder("recover")
    for one in (loss(2.0), loss(0.5), loss(1.0)):
        recorder.take(one)
    for share in (0.5, 0.875, 0.75):
        recorder.take(Measurement("top1_agreement", share, "recover"))
    assert recorder.curve().rows() == [
        ("Loss", "2.00", "0.500", "1.00"),
        ("Agreement", "50.0 %", "87.5 %", "75.0 %"),
    ]


def test_losses_do_not_pile_up_among_the_figures_of_the_run(qapp, qtbot):
    live = LiveRun()
    live.start()
    live.report(Measurement("bytes", 7.0, "low_rank"))
    live.report(Measurement("top1_agreement", 0.4, "recover"))
    with qtbot.waitSignal(live.learned, timeout=2000):
        for step in range(5000):
            live.report(loss(1 / (1 + step)))
    assert [one.metric for one in live.measurements] == ["bytes", "top1_agreement"]
    assert live.curve.judged[0].spots[0].at == 0
    live.start()
    assert live.curve is None


def test_the_window_draws_a_training_at_most_ten_times_a_second(qapp, qtbot):
    live, drawn = LiveRun(), []
    live.learned.connect(lambda: drawn.append(1))
    for _ in range(3):
        live.report(loss(1.0))
    qtbot.waitUntil(lambda: bool(drawn), timeout=2000)
    assert len(drawn) == 1


def test_the_curve_is_shown_only_where_something_is_trained(qtbot, qapp):
    live = LiveRun()
    view = ResultsView(live)
    qtbot.addWidget(view)
    view.resize(800, 900)
    view.show()
    live.start()
    live.report(Measurement("bytes", 7.0, "original"))
    assert view.curve_plot is None
    for value in (3.0, 2.0):
        live.report(loss(value))
    live.report(Measurement("top1_agreement", 0.5, "recover"))
    qtbot.waitUntil(lambda: view.curve_plot is not None and view.curve_plot.isVisible(), timeout=2000)
    assert view.curve_plot.curve.told == 2
    table = view.curve_plot.findChild(QTableView)
    assert table.model().index(1, 3).data() == "50.0 %"
    try:
        for dark in (True, False):
            paint(qapp, dark)
            QApplication.processEvents()
            assert (view.curve_plot._loss.plot.backgroundBrush().color().lightness() < 128) is dark
    finally:
        qapp.setStyleSheet("")


def test_a_plot_without_a_curve_draws_nothing(qtbot):
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.show_curve(None)
    assert plot.findChild(QTableView).model().rowCount() == 0


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0], [-3.0, 8.0]])
def test_an_axis_has_room_beyond_all_values(values):
    low, high = span(values)
    assert all(low < one < high for one in values)
    assert low < high
