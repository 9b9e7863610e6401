"""Quantisation-aware training of real models, taught by the original without labels.

ResNet-20 learns on images of cifar10/train and is judged on cifar10/val; MobileNet v1 0.75 learns on 300 images of the
ImageNet sample and is judged on the other 200. A row each for float, for the post-training quantisation that the
training starts from, and for what came of it, packed as the pipeline packs it. Passes if ResNet-20 with weights of
4 bits and activations of 8 loses at most 1.5 points of float's accuracy, and with 8 bits agrees with the original as
often as without training.

Run: python tests/benchmarks/bench_quantised_training.py [--models resnet20] [--bits 4,8] [--steps 468] [--data ...]
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from msgspec.structs import replace
from real_models import CIFAR, DATA, IMAGENET, MODELS

from desktop_app.bench.evaluate import evaluate
from desktop_app.bench.latency import compare
from desktop_app.core.data import DataSettings
from desktop_app.core.methods import Methods, QuantizeMethod, RecoverMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.base import DataSet
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.stats.calibration import Batch
from desktop_app.stats.training import TrainingSamples

BATCH = 10
MOST_LOST = 0.015
CALIBRATED = 300


@dataclass(frozen=True)
class Lesson:
    """A model, the data that teaches, those of its samples that do, the data that judges, and which samples do."""

    model: Model
    data: DataSet
    taught: Sequence[int]
    judging: DataSet
    judged: Sequence[int]

    @classmethod
    def open(cls, name: str, folder: Path) -> "Lesson":
        """One of `real_models.MODELS`."""
        model = read_model(folder / "models" / MODELS[name][0])
        inputs = inputs_of(open_session(model))
        if name == "mobilenet":
            settings = DataSettings(path=str(folder / "imagenet-sample"), preprocess=IMAGENET, calibration=CALIBRATED)
            data = open_data(settings, inputs, seed=0)
            return cls(model, data, data.calibration_indices, data, data.evaluation_indices)
        teaching, judging = (
            open_data(
                DataSettings(path=str(folder / "cifar10" / part), preprocess=CIFAR, calibration=count), inputs, seed=0
            )
            for part, count in (("train", CALIBRATED), ("val", 1))
        )
        everything = range(teaching.samples), range(judging.samples)
        taught = [*teaching.calibration_indices, *(set(everything[0]) - {*teaching.calibration_indices})]
        return cls(model, teaching, taught, judging, everything[1])

    def carried_out(self, recipe: Recipe) -> tuple[Model, float]:
        """What the pipeline makes of the model, and the seconds of the processor that it takes."""

        def batches() -> Iterator[Batch]:
            return (batch.inputs for batch in self.data.batches(self.data.calibration_indices, BATCH))

        training = TrainingSamples(self.data.batches, tuple(self.taught), True, "nchw", key="bench")
        samples = CalibrationSamples(batches, len(self.data.calibration_indices), False, "bench", training)
        started = process_time()
        done = [*Pipeline().run(self.model, "bench", recipe, samples, SilentToken())]
        for note in (note for one in done if one.step.name == "recover_quantised" for note in one.result.notes):
            sys.stdout.write(f"    {note}\n")
        return done[-1].result.model, process_time() - started


def main() -> int:
    """Prints the rows; 1 if one that counts misses its figure."""
    parser = argparse.ArgumentParser(description="Quantisation-aware training.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default="resnet20")
    parser.add_argument("--bits", default="4,8")
    parser.add_argument("--steps", type=int, default=468)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=None)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    sys.stdout.write(f"{'model':10} {'what':16} {'bytes':>9} agreement   SQNR   top-1  speed-up  CPU s\n")
    passed = True
    for name in arguments.models.split(","):
        lesson = Lesson.open(name, arguments.data)
        accuracy = _row(lesson, name, "float", lesson.model, 0.0, 0.0)[1]
        for bits in map(int, arguments.bits.split(",")):
            method = RecoverMethod(quantised_steps=arguments.steps, batch=arguments.batch, rate=arguments.rate)
            found = {}
            for label, steps in (("post-training", 0), ("trained", arguments.steps)):
                model, seconds = lesson.carried_out(_recipe(bits, replace(method, quantised_steps=steps)))
                found[label] = _row(lesson, name, f"{bits} {label}", model, seconds, arguments.seconds)
            if name == "resnet20":
                passed &= found["trained"][1] >= accuracy - MOST_LOST
                passed &= bits < 8 or found["trained"][0] >= found["post-training"][0]
    return 0 if passed else 1


def _recipe(bits: int, method: RecoverMethod) -> Recipe:
    quantize = QuantizeMethod(four_bits="integer", keep_faster=False)
    return Recipe(defaults=LayerSettings(bits=bits), methods=Methods(quantize=quantize, recover=method))


def _row(lesson: Lesson, name: str, what: str, model: Model, seconds: float, timed: float) -> tuple[float, float]:
    """Prints a row; gives agreement and accuracy."""
    found = evaluate(model, lesson.judging, lesson.judged, reference=lesson.model, threads=1)
    speedup = compare((lesson.model, model), seconds=timed, threads=1).rows[1].ratio.median if timed else 1.0
    fidelity = found.fidelity
    agreement = (None if fidelity is None else fidelity.top1_agreement) or 0.0
    sqnr = 0.0 if fidelity is None else fidelity.sqnr_db
    sys.stdout.write(
        f"{name:10} {what:16} {len(model.to_bytes()):9,} {agreement:9.2%} {sqnr:6.1f} {found.accuracy or 0:7.2%} "
        f"{speedup:9.2f} {seconds:6.0f}\n"
    )
    sys.stdout.flush()
    return agreement, found.accuracy or 0.0


if __name__ == "__main__":
    sys.exit(main())
