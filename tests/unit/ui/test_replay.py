from desktop_app.ui.plots.series import latency_series, size_series, verdict
from desktop_app.ui.replay import replay
from desktop_app.ui.views.figures import figures
from tests.unit.ui.run_samples import kept_run, whole_run


def test_a_run_that_is_over_looks_as_it_did(summary):
    shown = replay(whole_run(kept_run(1, 1.0, 0.93), summary).report)
    assert [(one.name, one.state, one.text) for one in shown.stages] == [
        ("clean", "done", "taken from the run before"),
        ("quantize_static", "done", "It is so."),
    ]
    assert [point.value for point in size_series(shown.measurements).points] == [4.0, 4.0, 1.0, 1.0]
    assert [point.stage for point in latency_series(shown.measurements).points] == [
        "original", "quantize_static", "final",
    ]  # fmt: skip
    assert verdict(shown.measurements).startswith("2.00× faster")
    assert figures(shown.measurements)[2] == ("Accuracy, %", "95.0 → 93.0", "98.0 % of the answers as before")
