from desktop_app.core.progress import Measurement, Progress
from desktop_app.ui.live import LiveRun


def told(live):
    return [(one.name, one.state) for one in live.stages]


def test_stages_are_ticked_off_and_the_one_that_works_stands_last(qapp):
    live = LiveRun()
    live.start()
    live.report(Progress("clean", 1.0))
    live.report(Progress("measure", 0.5))
    live.report(Progress("quantize_static", 0.5, "calibrating", 9.0))
    assert told(live) == [("clean", "done"), ("measure", "done"), ("quantize_static", "working")]
    assert live.eta == 9.0
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
