"""The real models of the benchmarks with their data, and a recipe carried out on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.base import DataSet
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import CalibrationSamples, Pipeline, outcomes_of
from desktop_app.stats.calibration import Batch

DATA = Path(__file__).parents[3] / "shared" / "data"
IMAGENET = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
CIFAR = Preprocess(scale=255.0, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
BATCH = 10
MODELS = {
    "resnet20": ("resnet20_cifar10.onnx", "cifar10/val", CIFAR),
    "resnet56": ("resnet56_cifar10.onnx", "cifar10/val", CIFAR),
    "mobilenet": ("mobilenet_v1_0.75_224.onnx", "imagenet-sample", IMAGENET),
}


@dataclass(frozen=True)
class Case:
    """A model with its data: some samples calibrate, the first of the others evaluate."""

    name: str
    model: Model
    data: DataSet
    seed: int
    evaluated: int

    @classmethod
    def open(
        cls, name: str, folder: Path = DATA, *, seed: int = 0, evaluated: int = 1000, calibration: int = 300
    ) -> "Case":
        """One of `MODELS`."""
        file, samples, preprocess = MODELS[name]
        model = read_model(folder / "models" / file)
        settings = DataSettings(path=str(folder / samples), preprocess=preprocess, calibration=calibration)
        return cls(name, model, open_data(settings, inputs_of(open_session(model)), seed=seed), seed, evaluated)

    def run(self, recipe: Recipe) -> "Compressed":
        """Carries out a recipe."""
        indices = self.data.calibration_indices

        def batches() -> Iterator[Batch]:
            return (batch.inputs for batch in self.data.batches(indices, BATCH))

        samples = CalibrationSamples(batches, len(indices), self.data.synthetic, f"{self.name} {self.seed}")
        started = process_time()
        done = [*Pipeline().run(self.model, self.name, recipe, samples, SilentToken())]
        return Compressed(done[-1].result.model, outcomes_of(done), process_time() - started)

    def figures(self, model: Model) -> "Figures":
        """What is measured of a model on the samples that did not calibrate."""
        indices = self.data.evaluation_indices[: self.evaluated]
        found = evaluate(model, self.data, indices, reference=self.model, threads=1)
        fidelity = found.fidelity
        agreement = np.nan if fidelity is None or fidelity.top1_agreement is None else fidelity.top1_agreement
        sqnr = np.nan if fidelity is None else fidelity.sqnr_db
        return Figures(len(model.to_bytes()), float(agreement), float(sqnr), found.accuracy or 0.0)


@dataclass(frozen=True)
class Compressed:
    """A compressed model, what became of its layers, and the processor's seconds that it took."""

    model: Model
    outcomes: tuple[Outcome, ...]
    seconds: float


@dataclass(frozen=True)
class Figures:
    """Size of the file in bytes, share of equal first choices, signal to noise in decibel, share of right ones."""

    bytes: int
    agreement: float
    sqnr_db: float
    accuracy: float
