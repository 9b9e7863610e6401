"""A comparison of two models as the figures that the pictures are drawn from."""

from desktop_app.core.progress import Measurement
from desktop_app.jobs.measurements import Benchmarked

STAGES = ("original", "final")


def measured_again(result: Benchmarked) -> tuple[Measurement, ...]:
    """Latency of the original and of the compressed model, and the ratio of the pairs, with their intervals."""
    latencies = [
        Measurement("latency_ms", row.latency_ms.median, stage, *row.latency_ms.ci95)
        for stage, row in zip(STAGES, result.rows, strict=True)
    ]
    ratio = result.rows[-1].ratio
    return (*latencies, Measurement("latency_ratio", ratio.median, STAGES[-1], *ratio.ci95))
