import pytest

from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.report import Fidelity, Figures, Machine, Report
from desktop_app.ui.live import LiveRun, measured_in


def told(live):
    return [(one.name, one.state) for one in live.stages]


def test_stages_are_ticked_off_and_the_one_that_works_stands_last(qapp):
    live = LiveRun()
    live.start()
    live.report(Progress("clean", 1.0))
    live.report(Progress("measure", 0.5))
    live.report(Progress("quantize_static", 0.5, "calibrating", 9.0))
    assert told(live) == [("clean", "done"), ("measure", "done"), ("quantize_static", "working")]
    assert live.left == pytest.approx(9.0, abs=1.0)
    live.report(Progress("measure", 0.1))
    assert told(live)[-1] == ("measure", "working")


def test_a_stopped_run_says_where_it_stopped(qapp):
    live = LiveRun()
    live.start()
    live.report(Progress("clean", 1.0))
    live.report(Progress("low_rank", 0.5))
    live.end("stopped")
    assert told(live) == [("clean", "done"), ("low_rank", "stopped")]
    assert not live.running


def test_the_next_run_starts_empty(qapp):
    live = LiveRun()
    live.start()
    live.report(Measurement("bytes", 1.0, "original"))
    live.start()
    assert live.measurements == ()
    assert live.running


def test_the_report_tells_how_good_the_outputs_are():
    fidelity = Fidelity(31.0, 0.99, 0.96, 200, False)
    sides = Figures(10, 2, 3, accuracy=0.9), Figures(5, 2, 3, accuracy=0.89, fidelity=fidelity)
    report = Report(*sides, None, Machine("a processor", (), 1), {}, {}, (), ())
    assert [(one.metric, one.value, one.stage) for one in measured_in(report)] == [
        ("accuracy", 0.9, "original"),
        ("accuracy", 0.89, "final"),
        ("sqnr_db", 31.0, "final"),
        ("top1_agreement", 0.96, "final"),
    ]
