"""Whether the window stays awake while the worker works: lateness of a 10 ms timer in the window's thread.

Run: python tests/benchmarks/bench_heartbeat.py [MODEL.onnx [DATA]]   (MobileNet, ImageNet sample by default)
Wants: p99 under 16 ms and no beat more than 150 ms late; a wish to stop acknowledged within 100 ms, done within 2 s.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs.messages import BenchmarkModels, ExportModel, OpenModel, ProfileModel, Request, RunRecipe
from desktop_app.ui.runner import Runner

BEAT_MS = 10
P99_MS, MAX_MS = 16.0, 150.0
SHARED = Path(os.environ.get("COMPRESSION_STUDIO_DATA", Path(__file__).parents[3] / "shared" / "data"))
PREPROCESS = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))


@dataclass
class Phase:
    """One kind of work, and how late every beat was while it went on."""

    name: str
    lateness_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def row(self) -> str:
        p50, p99 = np.percentile(self.lateness_ms, (50, 99))
        worst = max(self.lateness_ms)
        verdict = "ok" if p99 < P99_MS and worst < MAX_MS else "LATE"
        return f"{self.name:12}{self.seconds:8.1f}{len(self.lateness_ms):8}{p50:8.1f}{p99:8.1f}{worst:8.1f}  {verdict}"


class Heartbeat(QObject):
    """A timer in the window's thread that notes how late it is."""

    def __init__(self) -> None:
        super().__init__()
        self.phases: list[Phase] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        phase = Phase(name)
        self.phases.append(phase)
        began = self._last = perf_counter()
        self._timer.start()
        yield
        self._timer.stop()
        phase.seconds = perf_counter() - began

    def _beat(self) -> None:
        now = perf_counter()
        self.phases[-1].lateness_ms.append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self._last = now


class Work:
    """Has requests done, one after another, while the event loop runs."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def do(self, request: Request) -> object:
        answers: list[object] = []
        loop = QEventLoop()
        for signal in (self._runner.finished, self._runner.failed):
            signal.connect(answers.append)
            signal.connect(loop.quit)
        self._runner.submit(request)
        loop.exec()
        for signal in (self._runner.finished, self._runner.failed):
            signal.disconnect()
        if type(answers[0]) is not request.Result:
            sys.exit(f"{type(request).__name__}: {answers[0]}")
        return answers[0]

    def stop(self, request: Request, after_ms: int) -> tuple[float, float]:
        """Milliseconds from the wish to stop until it was acknowledged, and until all was over."""
        loop = QEventLoop()
        times: dict[str, float] = {}

        def note(what: str) -> None:
            times.setdefault(what, perf_counter())

        def cancel() -> None:
            note("asked")
            self._runner.cancel()

        self._runner.acknowledged.connect(lambda: note("acknowledged"))
        self._runner.stopped.connect(lambda: note("stopped"))
        self._runner.stopped.connect(loop.quit)
        self._runner.started.connect(lambda _: QTimer.singleShot(after_ms, cancel))
        self._runner.submit(request)
        loop.exec()
        for signal in (self._runner.acknowledged, self._runner.stopped, self._runner.started):
            signal.disconnect()
        acknowledged = times.get("acknowledged", float("nan"))
        return (acknowledged - times["asked"]) * 1000, (times["stopped"] - times["asked"]) * 1000


def rest(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def measure(model: Path, data: Path, folder: Path) -> None:
    runner = Runner()
    heart, work = Heartbeat(), Work(runner)
    settings = DataSettings(path=str(data), preprocess=PREPROCESS, calibration=100)
    recipe = Recipe(data=settings, defaults=LayerSettings(bits=8))
    with heart.during("idle"):
        rest(3)
    with heart.during("open"):
        opened = work.do(OpenModel(str(model)))
    with heart.during("profile"):
        work.do(ProfileModel(opened.snapshot))
    with heart.during("run"):
        run = work.do(RunRecipe(opened.snapshot, recipe, str(folder)))
    with heart.during("benchmark"):
        work.do(BenchmarkModels((opened.snapshot, run.model)))
    with heart.during("export"):
        work.do(ExportModel(run.model, opened.snapshot, str(folder / "out.onnx"), "onnx", str(folder)))
    sys.stdout.write(f"{'':12}{'s':>8}{'beats':>8}{'p50':>8}{'p99':>8}{'max ms':>8}\n")
    sys.stdout.write("".join(phase.row() + "\n" for phase in heart.phases))
    sys.stdout.write(f"\n{'stop after':>12}{'heard ms':>10}{'done ms':>10}\n")
    for after in (200, 1000, 3000, 6000, 9000):
        heard, done = work.stop(RunRecipe(opened.snapshot, recipe, str(folder)), after)
        sys.stdout.write(f"{after:9} ms{heard:10.1f}{done:10.1f}\n")
    runner.shutdown()


def main() -> None:
    arguments = [Path(argument).absolute() for argument in sys.argv[1:]]
    model, data = (*arguments, SHARED / "models" / "mobilenet_v1_0.75_224.onnx", SHARED / "imagenet-sample")[:2]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        measure(model, data if len(arguments) != 1 else SHARED / "imagenet-sample", Path(folder))
    del application


if __name__ == "__main__":
    main()
