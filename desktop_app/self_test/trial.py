"""What the parts of the self-test work with: a worker, the sample opened by it, and a folder for what they make."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import LowRankMethod, Methods, QuantizeMethod, RestructureMethod
from desktop_app.core.outcome import Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.messages import Failed, Opened, OpenModel, Request, Result, RunFinished, RunRecipe

SAMPLES = 40
"""To calibrate on; the rest of the sample's images evaluate."""
MEASURING = Measuring(threads=1, seconds=1.0)
"""What is proved here is that it works, not how precise it is."""

UNTIMED = Methods(
    low_rank=LowRankMethod(keep_faster=False),
    restructure=RestructureMethod(keep_faster=False),
    quantize=QuantizeMethod(keep_faster=False),
)
"""Nothing is chosen by measuring: one run does that, as recipes usually do, and the others need not."""


class NotHere(Exception):  # noqa: N818 - no error: this size of the program lacks it, and says so
    """A part that this installation cannot have, with the reason."""


@dataclass
class Trial:
    """A worker and what it has made so far.

    Attributes:
        folder: Where results and pictures are left.
    """

    folder: Path
    host: WorkerHost = field(default_factory=WorkerHost)

    @cached_property
    def sample(self) -> Opened:
        """The bundled model, opened."""
        opened: Opened = self.ask(OpenModel(str(resource("sample/digits.onnx"))))
        return opened

    @cached_property
    def data(self) -> DataSettings:
        """The bundled images."""
        return DataSettings(path=str(resource("sample/digits")), calibration=SAMPLES)

    @cached_property
    def compressed(self) -> RunFinished:
        """The sample with fewer channels and in 8 bits."""
        return self.run(LayerSettings(prune=0.25, bits=8))

    def run(
        self,
        defaults: LayerSettings,
        methods: Methods | None = None,
        steps: Sequence[str] = (),
        layers: Mapping[str, LayerOverride] | None = None,
    ) -> RunFinished:
        """Carries out a recipe on the sample.

        Raises:
            StudioError: when it fails, or when one of `steps` changed nothing.
        """
        folder = self.new_folder("run")
        recipe = Recipe(data=self.data, defaults=defaults, layers=dict(layers or {}), methods=methods or Methods())
        finished: RunFinished = self.ask(RunRecipe(self.sample.snapshot, recipe, str(folder), MEASURING))
        if missing := without_effect(finished.report.layers, steps):
            raise StudioError(f"nothing was changed by {', '.join(missing)}")
        return finished

    def ask(self, request: Request) -> Any:
        """Has the worker do something and waits for its result. Raises StudioError with the worker's sentence."""
        for reply in self.host.submit(request):
            if isinstance(reply, Failed):
                (self.folder / "failure.txt").write_text(reply.details, encoding="utf-8")
                raise StudioError(reply.sentence)
            if isinstance(reply, Result):
                return reply
        raise StudioError("the worker gave no result")

    def stop_after(self, request: Request, kind: type[object], enough: int) -> None:
        """Has the worker do something and stops it, as a user would, after so many replies of a kind.

        Raises:
            StudioError: when it fails before.
        """
        job, told = self.host.submit(request), 0
        for reply in job:
            if isinstance(reply, Failed):
                raise StudioError(reply.sentence)
            told += isinstance(reply, kind)
            if told >= enough:
                job.cancel()

    def seconds_computed(self) -> float:
        """Seconds that this process, its workers and what they have started have computed (Windows: those that run)."""
        seconds = sum(os.times()[:4])  # with those of workers that have ended
        with contextlib.suppress(psutil.Error):
            if pid := self.host.worker_pid:
                seconds += sum(psutil.Process(pid).cpu_times()[:4])
        return seconds

    def new_folder(self, name: str) -> Path:
        """An empty folder of that name; with a number where there is one already."""
        number = sum(1 for one in self.folder.glob(f"{name}*"))
        made = self.folder / f"{name}-{number}"
        made.mkdir(parents=True)
        return made


def without_effect(layers: Sequence[Outcome], steps: Sequence[str]) -> list[str]:
    """Those of the steps that changed no layer."""
    changed = {outcome.step for outcome in layers if outcome.changed}
    return [step for step in steps if step not in changed]
