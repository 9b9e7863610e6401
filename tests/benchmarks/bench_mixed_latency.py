"""Latency predicted for models of which some layers compute in 8 bits and others in float, against latency measured.

What it costs to go over between the two is most of what such a mixture loses. Every row names the layers in 8 bits, the
measured time over that of the float model, and the prediction with and without the changing over. Passes if no
prediction is more than 20 % off, and none of MobileNet's more than 15 %.

Run: python tests/benchmarks/bench_mixed_latency.py [--data ../shared/data] [--models ...] [--seconds 6]
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench_kernels import applied
from msgspec.structs import replace
from real_models import DATA

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.profile import profile_layers
from desktop_app.bench.turns import take_turns
from desktop_app.core.layer import Layer
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.inspection import summarise
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean
from desktop_app.steps.int8.draft import draft, rehearse

MODELS = ("mobilenet_v1_0.75_224", "resnet56_cifar10", "resnet20_cifar10")
MOST_OFF: Mapping[str, float] = {"mobilenet_v1_0.75_224": 0.15}
USUAL_MOST_OFF = 0.2


def main() -> int:
    """Prints the rows; 1 if one is predicted too badly."""
    parser = argparse.ArgumentParser(description="Latency of mixtures of float and 8 bits, predicted and measured.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    sys.stdout.write(f"{'model':22} {'in 8 bits':14} measured predicted     off  as if going over cost nothing\n")
    passed = True
    for name in arguments.models.split(","):
        worst = _rows(name, arguments.data / "models" / f"{name}.onnx", arguments.seconds)
        limit = MOST_OFF.get(name, USUAL_MOST_OFF)
        passed &= worst <= limit
        sys.stdout.write(f"{'ok  ' if worst <= limit else 'MISS'} {name}: worst {worst:.0%}, limit {limit:.0%}\n")
    return 0 if passed else 1


def _rows(name: str, path: Path, seconds: float) -> float:
    """Prints the rows of a model; gives the worst error of a prediction."""
    model = applied(Clean(), read_model(path), Recipe())
    summary = summarise(model, name=name, path="", sha256="", file_bytes=0)
    profile = profile_layers(model, threads=1, token=SilentToken())
    profile = replace(profile, curves=width_curves(model.layers, profile.milliseconds, KernelTimes(1)))
    free = replace(profile, curves={key: replace(one, changeover=(0.0, 0.0)) for key, one in profile.curves.items()})
    mixtures = _mixtures(model.layers)
    whole, *times = take_turns(
        [model, *(_mixed(model, chosen) for chosen in mixtures.values())],
        threads=1,
        seconds=seconds,
        token=SilentToken(),
    )
    worst = 0.0
    for (title, chosen), time in zip(mixtures.items(), times, strict=True):
        recipe = Recipe().with_layers({layer.name: LayerSettings(bits=8) for layer in chosen})

        def off(profile: LayerProfile, recipe: Recipe = recipe, time: float = time) -> float:
            told = [predict(summary, one, profile).latency_ms or 0.0 for one in (recipe, Recipe())]
            return told[0] / told[1] / (time / whole) - 1.0

        worst = max(worst, abs(off(profile)))
        predicted = time / whole * (1.0 + off(profile))
        sys.stdout.write(
            f"{name:22} {title:14} {time / whole:8.3f} {predicted:9.3f} {off(profile):+7.0%} {off(free):+7.0%}\n"
        )
        sys.stdout.flush()
    return worst


def _mixtures(layers: Sequence[Layer]) -> dict[str, list[Layer]]:
    """Title to the layers in 8 bits."""
    chance, middle = random.Random(1), len(layers) // 2
    drawn = {
        title: [layer for layer in layers if chance.random() < share]
        for title, share in (("random half", 0.5), ("random 3/4", 0.75), ("random third", 0.33))
    }
    return {
        "all": [*layers],
        "every other": [*layers[::2]],
        "first half": [*layers[:middle]],
        "second half": [*layers[middle:]],
        **drawn,
        "largest ten": sorted(layers, key=lambda layer: -layer.bytes)[:10],
    }


def _mixed(model: Model, chosen: Sequence[Layer]) -> Model:
    drafted = draft(model, chosen)
    return rehearse(drafted.model, drafted.plan)


if __name__ == "__main__":
    sys.exit(main())
