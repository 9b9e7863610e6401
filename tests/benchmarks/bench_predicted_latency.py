"""Latency as the window predicts it for a recipe, from a profile with curves, against latency measured.

The profile is taken as the window takes it. For every model and recipe the predicted time over the predicted time of
the model as it is, and the measured ratio in turns. Passes if no ratio is more than 15 % off.

Run: python tests/benchmarks/bench_predicted_latency.py [--data ../shared/data] [--models ...] [--seconds 4]
"""

import argparse
import sys
from pathlib import Path

from msgspec.structs import replace

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.profile import profile_layers
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Bits, LayerSettings
from desktop_app.inspection import summarise
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean
from tests.benchmarks.bench_kernels import DATA, MODELS, MOST_OFF, applied, measured_ratio, variants

ASKED: dict[str, tuple[float, int, Bits]] = {
    "int8": (0.0, 1, 8),
    "70 % of 8": (0.3, 8, 32),
    "50 % of 8": (0.5, 8, 32),
    "70 % odd": (0.3, 1, 32),
    "50 % of 8, int8": (0.5, 8, 8),
    "70 % odd, int8": (0.3, 1, 8),
}
"""Title of a variant to what its recipe asks: share that goes, multiple of channels, bits."""


def main() -> int:
    """Prints a row for each variant; 1 if one is predicted too badly."""
    parser = argparse.ArgumentParser(
        description="Latency of recipes predicted from a profile against latency measured."
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    worst = 0.0
    sys.stdout.write(f"{'model':24} {'variant':16} predicted  measured     off\n")
    for name in arguments.models.split(","):
        original = applied(Clean(), read_model(arguments.data / "models" / f"{name}.onnx"), Recipe())
        summary = summarise(original, name=name, path="", sha256="", file_bytes=0)
        profile = profile_layers(original, threads=1, token=SilentToken())
        curves = width_curves(original.layers, profile.milliseconds, KernelTimes(1))
        profile = replace(profile, curves=curves)
        whole = predict(summary, Recipe(), profile).latency_ms or 1.0
        for title, (_, small, _) in variants(original).items():
            predicted = (predict(summary, _recipe(title), profile).latency_ms or 0.0) / whole
            measured = measured_ratio(original, small, arguments.seconds)
            off = predicted / measured - 1.0
            worst = max(worst, abs(off))
            sys.stdout.write(f"{name:24} {title:16} {predicted:9.3f} {measured:9.3f} {off:+7.1%}\n")
            sys.stdout.flush()
    sys.stdout.write(f"worst {worst:.1%}, limit {MOST_OFF:.0%}\n")
    return 0 if worst <= MOST_OFF else 1


def _recipe(title: str) -> Recipe:
    share, multiple, bits = ASKED[title]
    methods = Methods(prune=PruneMethod(criterion="l1", reconstruct=False, round_to=multiple))
    return Recipe(defaults=LayerSettings(prune=share, bits=bits), methods=methods)


if __name__ == "__main__":
    sys.exit(main())
