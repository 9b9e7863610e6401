"""No model gets slower by the preset "INT8 for this CPU": nets with HardSwish, SiLU, squeeze and excitation.

Prints for each net its time over that of the float model with 8 bits throughout, and as the preset leaves it; with what
the preset says. Passes if none takes longer than the float model by more than 3 %.

Run: python tests/benchmarks/bench_never_slower.py [--data ../shared/data] [--seconds 4]
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import CalibrationSamples, Pipeline, StepDone
from tests.benchmarks.bench_kernels import DATA, measured_ratio
from tests.unit.steps.modern_nets import efficientnet, mobilenet_v3

REAL = ("mobilenet_v1_0.75_224", "resnet20_cifar10", "resnet56_cifar10", "resnet8_cifar10_mlperf")
MOST = 1.03


def main() -> int:
    """Prints two rows for each net; 1 if one is slower than float."""
    parser = argparse.ArgumentParser(description="The int8 preset never makes a model slower.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    worst = 0.0
    for name, model in nets(arguments.data).items():
        feeds = made_up_feeds(inputs_of(open_session(model)), model.shapes)
        for keep_faster in (False, True):
            done = quantized(model, feeds, keep_faster=keep_faster)
            ratio = measured_ratio(model, done[-1].result.model, arguments.seconds)
            worst = max(worst, ratio) if keep_faster else worst
            title = "preset" if keep_faster else "8 bits throughout"
            notes = " ".join(note for one in done for note in one.result.notes if "processor" in note)
            sys.stdout.write(f"{name:24} {title:18} {ratio:6.3f}  {notes}\n")
            sys.stdout.flush()
    sys.stdout.write(f"slowest {worst:.3f}, limit {MOST:g}\n")
    return 0 if worst <= MOST else 1


def nets(data: Path) -> dict[str, Model]:
    """Made-up nets of modern kinds, and the real ones that are there."""
    found = {
        "like MobileNetV3": mobilenet_v3(),
        "like MobileNetV3, older": mobilenet_v3(decomposed=True),
        "like EfficientNet": efficientnet(),
    }
    paths = {name: data / "models" / f"{name}.onnx" for name in REAL}
    return found | {name: read_model(path) for name, path in paths.items() if path.exists()}


def quantized(model: Model, feeds: Mapping[str, np.ndarray], *, keep_faster: bool) -> list[StepDone]:
    """What the pipeline makes of a model, calibrated on made-up inputs."""
    method = QuantizeMethod(keep_faster=keep_faster)
    recipe = Recipe(defaults=LayerSettings(bits=8), methods=Methods(quantize=method))
    samples = CalibrationSamples(lambda: iter([feeds]), 1, True, "made up")
    return list(Pipeline().run(model, "model", recipe, samples, SilentToken()))


if __name__ == "__main__":
    sys.exit(main())
