"""Weights in 8, 4 and 2 bits on real models: size, agreement and signal to noise, against rounding to the nearest.

300 images calibrate, others evaluate, for each seed another split. Passes if in 4 bits ResNet-56 takes at most 0.6 MB
at 93 % agreement, MobileNet v1 0.75 takes at most 1.7 MB, and rounding against the inputs beats the nearest.

Run: python tests/benchmarks/bench_weight_only.py [--data ../shared/data] [--models resnet56,mobilenet] [--seeds 0,1]
"""

import argparse
import sys
from pathlib import Path

from desktop_app.core.methods import Block, Methods, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Bits, LayerSettings
from tests.benchmarks.real_models import DATA, Case

MOST_BYTES = {"resnet56": 600_000, "mobilenet": 1_700_000}
LEAST_AGREEMENT = {"resnet56": 0.93}

ROWS: tuple[tuple[Bits, str, Block], ...] = (
    (8, "nearest", "auto"),
    (8, "gptq", "auto"),
    (4, "nearest", 32),
    (4, "nearest", "auto"),
    (4, "gptq", None),
    (4, "gptq", 32),
    (4, "gptq", "auto"),
    (2, "nearest", "auto"),
    (2, "gptq", "auto"),
)


def main() -> int:
    """Prints a row for each model, split and method; 1 if a figure is missed."""
    parser = argparse.ArgumentParser(description="Weights only in 8, 4 and 2 bits.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default="resnet20,resnet56,mobilenet")
    parser.add_argument("--seeds", default="0,1")
    arguments = parser.parse_args()
    sys.stdout.write(f"{'model':10} seed bits {'rounding':8} {'block':>5} {'MB':>7} agreement   SQNR  top-1  CPU s\n")
    missed = []
    for name in arguments.models.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            missed += _measure(Case.open(name, arguments.data, seed=seed))
    sys.stdout.write("".join(f"MISSED: {one}\n" for one in missed))
    return 1 if missed else 0


def _measure(case: Case) -> list[str]:
    """Prints the rows of one model and split; what is missed."""
    missed = []
    found = {}
    for bits, rounding, block in ROWS:
        method = QuantizeMethod(activations=False, rounding=rounding, block=block)  # type: ignore[arg-type]
        compressed = case.run(Recipe(defaults=LayerSettings(bits=bits), methods=Methods(quantize=method)))
        figures = found[bits, rounding, block] = case.figures(compressed.model)
        sys.stdout.write(
            f"{case.name:10} {case.seed:4} {bits:4} {rounding:8} {block or 'none':>5} {figures.bytes / 1e6:7.3f} "
            f"{figures.agreement:9.1%} {figures.sqnr_db:6.1f} {figures.accuracy:6.1%} {compressed.seconds:6.1f}\n"
        )
        sys.stdout.flush()
    small = found[4, "gptq", "auto"]
    if small.bytes > MOST_BYTES.get(case.name, small.bytes):
        missed.append(f"{case.name} in 4 bits takes {small.bytes} bytes")
    if small.agreement < LEAST_AGREEMENT.get(case.name, 0.0):
        missed.append(f"{case.name} in 4 bits agrees on {small.agreement:.1%}")
    for bits in (8, 4, 2):
        if found[bits, "gptq", "auto"].sqnr_db <= found[bits, "nearest", "auto"].sqnr_db:
            missed.append(f"{case.name} in {bits} bits is no better than rounded to the nearest")
    return missed


if __name__ == "__main__":
    sys.exit(main())
