"""Comparing the latency of models."""

from desktop_app.bench.latency import compare
from desktop_app.bench.machine import this_machine
from desktop_app.bench.memory import peak_memory
from desktop_app.core.progress import Token
from desktop_app.jobs.measurements import Benchmarked, BenchmarkModels, BenchmarkRow
from desktop_app.jobs.opened import opened


def run(request: BenchmarkModels, token: Token) -> Benchmarked:
    """Compares the models, interleaved; the first is the one that the others are compared with.

    Raises:
        InvalidFileError: when a file cannot be read, or ONNX Runtime refuses a model.
        Cancelled: when the token says so.
    """
    all_opened = [opened(path) for path in request.models]
    threads, seconds = request.measuring.threads, request.measuring.seconds
    comparison = compare([one.model for one in all_opened], threads=threads, seconds=seconds, token=token)
    rows = [
        BenchmarkRow(path, one.snapshot.bytes, row.latency_ms, row.ratio, peak_memory(one.model, token=token))
        for path, one, row in zip(request.models, all_opened, comparison.rows, strict=True)
    ]
    return Benchmarked(tuple(rows), this_machine(threads), comparison.warnings)
