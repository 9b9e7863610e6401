from desktop_app.core.progress import Measurement
from desktop_app.core.report import Latency, Machine, Ratio
from desktop_app.jobs.measurements import Benchmarked, BenchmarkRow
from desktop_app.ui.benchmarks import measured_again
from desktop_app.ui.plots.series import latency_series, verdict


def row(model, milliseconds, ratio):
    latency = Latency(milliseconds, 2 * milliseconds, (0.9 * milliseconds, 1.1 * milliseconds))
    return BenchmarkRow(model, 1000, latency, Ratio(ratio, (ratio - 0.1, ratio + 0.1)))


def test_a_benchmark_takes_the_place_of_what_was_measured_before():
    result = Benchmarked((row("/a.onnx", 10.0, 1.0), row("/b.onnx", 5.0, 2.0)), Machine("a processor", (), 1))
    before = (Measurement("latency_ms", 30.0, "original"), Measurement("latency_ratio", 1.0, "final", 0.9, 1.1))
    measured = (*before, *measured_again(result))
    assert [(one.stage, one.value) for one in latency_series(measured).points] == [("original", 10.0), ("final", 5.0)]
    assert verdict(measured) == "2.00× faster [1.90, 2.10]"
