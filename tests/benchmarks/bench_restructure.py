"""ResNet-20 with depthwise separable convolutions: how they start, what they cost, and what training gives back.

Every 3 x 3 convolution of layers 2 and 3 becomes separable; so do those of the last block of layer 1 unless
`--layers` says otherwise, since the stem and layer 1 alone are 36 % of the multiply-accumulates. Three ways to start:
"random" (He et al., 2015), "plain" (the singular value decomposition of each channel's kernels) and "fitted" (this
step, 300 unlabelled images of cifar10/train). With `--train` the fitted one is then distilled by so many steps of 128
unlabelled images; 1,500 take about ten minutes of one core.

Passes if the model keeps at most 35 % of the multiply-accumulates, agrees more with the original than both others, is
faster in ONNX Runtime, and reaches 70 % top-1 where it was trained.

Run: python tests/benchmarks/bench_restructure.py [--data ../shared/data] [--layers layer2,layer3] [--multiplier 1]
     [--share 0.5] [--train 1500] [--evaluate 5000] [--fast-only]
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from desktop_app.bench.evaluate import evaluate
from desktop_app.bench.latency import compare
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.methods import Methods, RecoverMethod, RestructureMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride
from desktop_app.graph.constants import array_of, set_tensor
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data.opening import open_data
from desktop_app.io.onnx_reader import read_model
from desktop_app.metering import cost_of
from desktop_app.run import calibration_samples
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.clean import Clean
from desktop_app.steps.recover import Recover
from desktop_app.steps.restructure import Restructure

DATA = Path(__file__).parents[3] / "shared" / "data"
CIFAR = Preprocess(scale=255.0, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
MOST_MACS, LEAST_ACCURACY = 0.35, 0.70
PARTS = ("/depthwise", "/pointwise")


class Bench:
    """ResNet-20, its data, and what is asked of it."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.original = read_model(arguments.data / "models/resnet20_cifar10.onnx")
        self._evaluated: int = arguments.evaluate
        multiplier = "auto" if arguments.multiplier == "auto" else int(arguments.multiplier)
        method = RestructureMethod(multiplier, arguments.share, keep_faster=arguments.fast_only)
        wanted = tuple(arguments.layers.split(","))
        names = [one.name for one in self.original.layers if one.kernel == (3, 3) and one.name[1:].startswith(wanted)]
        self.recipe = Recipe(
            data=DataSettings(path=str(arguments.data / "cifar10/train"), preprocess=CIFAR, calibration=300),
            layers={name: LayerOverride(structure="separable") for name in names},
            methods=Methods(restructure=method, recover=RecoverMethod(steps=arguments.train, batch=128, share=0.999)),
        )
        inputs = input_specs(self.original)
        settings = replace(self.recipe.data, path=str(arguments.data / "cifar10/val"))
        self._judging = open_data(settings, inputs, seed=0)
        training = open_data(self.recipe.data, inputs, seed=0, training=self.recipe.methods.recover.share)
        self._samples = calibration_samples(training, self.recipe)
        self.start = Clean().apply(self.original, Recipe(), self.calibration(), SilentToken()).model
        self.chosen = Restructure().choose(self.start, self.recipe, SilentToken()) if arguments.fast_only else None

    def calibration(self, *, synthetic: bool = False) -> DataCalibration:
        """The images that calibrate and train; as if they were made up, on demand."""
        samples = self._samples
        return DataCalibration(samples.batches, samples.count, synthetic, {}, self.original, samples.training)

    def rewritten(self, *, fitted: bool) -> Model:
        """The model with separable convolutions, by its outputs or by its weights."""
        recipe = self.recipe if self.chosen is None else self.chosen.recipe
        return Restructure().apply(self.start, recipe, self.calibration(synthetic=not fitted), SilentToken()).model

    def trained(self, model: Model) -> Model:
        """The model after the distillation."""
        return Recover().apply(model, self.recipe, self.calibration(), SilentToken()).model

    def say(self, name: str, model: Model) -> tuple[float, float]:
        """Prints a row; gives agreement and accuracy."""
        every = self._judging.evaluation_indices
        indices = every[:: max(len(every) // self._evaluated, 1)]
        found = evaluate(model, self._judging, indices, reference=self.original, threads=1)
        agreement = 0.0 if found.fidelity is None else found.fidelity.top1_agreement or 0.0
        share = cost_of(model).macs / cost_of(self.original).macs
        _say(f"{name:10} {share:7.2%} {agreement:10.1%} {found.accuracy or 0.0:8.1%}")
        return agreement, found.accuracy or 0.0


def main() -> int:
    """Prints a row for each way to start; 1 if the fitted one misses."""
    parser = argparse.ArgumentParser(description="Separable convolutions.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--layers", default="layer1/layer1.2,layer2,layer3")
    parser.add_argument("--multiplier", default="1", help='kernels for each channel, or "auto"')
    parser.add_argument("--share", type=float, default=0.5, help="of a layer's operations, where it is auto")
    parser.add_argument("--train", type=int, default=0)
    parser.add_argument("--evaluate", type=int, default=5000)
    parser.add_argument("--fast-only", action="store_true", help="leave what the table of times does not call faster")
    bench = Bench(parser.parse_args())
    for outcome in () if bench.chosen is None else bench.chosen.outcomes:
        _say(f"{outcome.layer}: {outcome.reason}")
    _say(f"{'start':10} {'MACs':>7} {'agreement':>10} {'top-1':>8}")
    plain, fitted = bench.rewritten(fitted=False), bench.rewritten(fitted=True)
    others = [bench.say("random", _random(plain))[0], bench.say("plain", plain)[0]]
    agreement = bench.say("fitted", fitted)[0]
    ratio = compare((bench.original, fitted), seconds=8.0, threads=1).rows[1].ratio
    _say(f"original's time over its own: {ratio.median:.2f} ({ratio.ci95[0]:.2f} to {ratio.ci95[1]:.2f})")
    share = cost_of(fitted).macs / cost_of(bench.original).macs
    passed = agreement > max(others) and ratio.ci95[0] > 1.0 and share <= MOST_MACS
    if bench.recipe.trains:
        passed = bench.say("distilled", bench.trained(fitted))[1] >= LEAST_ACCURACY and passed
    _say("passed" if passed else "missed")
    return 0 if passed else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _random(model: Model) -> Model:
    """The model with random weights in its separable convolutions, and their biases as they are."""
    rng, copy = np.random.default_rng(0), model.clone()
    for node in copy.graph:
        array = array_of(node.inputs[1]) if (node.name or "").endswith(PARTS) else None
        if array is not None and node.inputs[1] is not None:
            scale = np.sqrt(2.0 / np.prod(array.shape[1:]))
            set_tensor(node.inputs[1], (scale * rng.standard_normal(array.shape)).astype(np.float32))
    return Model(copy.ir)


if __name__ == "__main__":
    sys.exit(main())
