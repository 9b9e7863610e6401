"""`benchmark`: models against each other, interleaved."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands import figures
from desktop_app.commands.console import print_json, print_line, print_table
from desktop_app.commands.options import MOST_SECONDS, Threads
from desktop_app.commands.work import working
from desktop_app.core.measuring import USUAL_SECONDS, Measuring
from desktop_app.core.units import size
from desktop_app.jobs.measurements import BenchmarkModels


def benchmark(
    models: Annotated[list[Path], typer.Argument(help="Two or more .onnx files; the first is the reference.")],
    threads: Threads = 0,
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=0.0, max=MOST_SECONDS, help="To measure for; slow models take longer."),
    ] = USUAL_SECONDS,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the latency of models on this machine: interleaved pairs, ratios with 95 % intervals."""
    with working() as worker:
        result = worker.do(
            BenchmarkModels(tuple(str(model.absolute()) for model in models), Measuring(threads, seconds))
        )
    if json:
        print_json(result)
        return
    rows = [
        (
            Path(r.model).name,
            size(r.bytes),
            figures.latency(r.latency_ms),
            f"{r.latency_ms.p95:.3g} ms",
            figures.ratio(r.ratio),
        )
        for r in result.rows
    ]
    print_table(("Model", "Size", "Latency (median, 95 % interval)", "p95", "Speed-up against the first"), rows)
    print_line(f"{result.machine.cpu}, {result.machine.threads} thread{'s' if result.machine.threads > 1 else ''}")
    for warning in result.warnings:
        print_line(f"note: {warning}")
