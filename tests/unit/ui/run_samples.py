"""Runs made by hand, as the history would tell of them."""

from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Fidelity, Figures, Latency, Machine, Ratio, Report, StepReport
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.messages import RunFinished

MACHINE = Machine("a processor", ("avx2",), 1)
ORIGINAL = Figures(4_000_000, 1000, 2000, Latency(10.0, 11.0, (9.9, 10.1)), None, 0.95)


def figures(megabytes: float, accuracy: float) -> Figures:
    fidelity = Fidelity(30.0, 0.99, 0.98, 100, False)
    return Figures(round(megabytes * 1e6), 500, 1000, Latency(5.0, 6.0, (4.9, 5.1)), None, accuracy, fidelity)


def kept_run(number: int, megabytes: float, accuracy: float, speedup: float = 2.0, **more) -> KeptRun:
    more = {"recipe": Recipe(seed=number), "file_bytes": 100, **more}
    return KeptRun(
        id=f"run{number}",
        number=number,
        sha256="ab" * 32,
        model="net.onnx",
        finished=1e9 + number,
        original=ORIGINAL,
        compressed=figures(megabytes, accuracy),
        speedup=Ratio(speedup, (speedup * 0.9, speedup * 1.1)),
        machine=MACHINE,
        **more,
    )


def whole_run(kept: KeptRun, summary) -> RunFinished:
    steps = (
        StepReport("clean", 0.1, 4_000_000, 1, cached=True),
        StepReport("quantize_static", 1.0, kept.compressed.bytes, 3, Ratio(1.9, (1.8, 2.0)), notes=("It is so.",)),
    )
    report = Report(kept.original, kept.compressed, kept.speedup, MACHINE, {}, {}, steps, ())
    return RunFinished(f"/runs/{kept.id}/model.onnx", kept.recipe, report, summary, kept)
