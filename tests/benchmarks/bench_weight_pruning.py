"""Weights pruned by four criteria on real models: agreement, signal to noise and size, against magnitude.

300 images calibrate, others evaluate, for each seed another split. Passes if steps with refit agree more, and have more
signal, than magnitude in every row.

Run: python tests/benchmarks/bench_weight_pruning.py [--data ../shared/data] [--models resnet20,resnet56,mobilenet]
"""

import argparse
import sys
from pathlib import Path

from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Bits, LayerSettings
from tests.benchmarks.real_models import DATA, Case

ASKED: tuple[tuple[str, float, str, Bits], ...] = (
    ("weights", 0.5, "layer", 32),
    ("weights", 0.7, "layer", 32),
    ("weights", 0.7, "global", 32),
    ("2:4", 0.5, "layer", 32),
    ("weights", 0.5, "layer", 4),
)
CRITERIA = ("l2", "wanda", "sparsegpt")


def main() -> int:
    """Prints a row for each model, split and criterion; 1 if a figure is missed."""
    parser = argparse.ArgumentParser(description="Weight pruning.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default="resnet20,resnet56,mobilenet")
    parser.add_argument("--seeds", default="0")
    arguments = parser.parse_args()
    sys.stdout.write(
        f"{'model':10} seed {'unit':8} prune scope  bits criterion {'MB':>6} agreement   SQNR  top-1  CPU s\n"
    )
    missed = []
    for name in arguments.models.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            case = Case.open(name, arguments.data, seed=seed)
            for unit, ratio, scope, bits in ASKED:
                missed += _measure(case, unit, ratio, scope, bits)
    sys.stdout.write("".join(f"MISSED: {one}\n" for one in missed))
    return 1 if missed else 0


def _measure(case: Case, unit: str, ratio: float, scope: str, bits: Bits) -> list[str]:
    """Prints the rows of one request; what is missed."""
    found = {}
    for criterion in CRITERIA:
        prune = PruneMethod(unit=unit, criterion=criterion, scope=scope)  # type: ignore[arg-type]
        methods = Methods(prune=prune, quantize=QuantizeMethod(activations=False))
        compressed = case.run(Recipe(defaults=LayerSettings(prune=ratio, bits=bits), methods=methods))
        figures = found[criterion] = case.figures(compressed.model)
        sys.stdout.write(
            f"{case.name:10} {case.seed:4} {unit:8} {ratio:5.0%} {scope:6} {bits:4} {criterion:9} "
            f"{figures.bytes / 1e6:6.2f} {figures.agreement:9.1%} {figures.sqnr_db:6.1f} {figures.accuracy:6.1%} "
            f"{compressed.seconds:6.1f}\n"
        )
        sys.stdout.flush()
    plain, refitted = found["l2"], found["sparsegpt"]
    if refitted.sqnr_db > plain.sqnr_db and refitted.agreement > plain.agreement:
        return []
    return [f"{case.name}, {unit} {ratio:.0%} {scope}: steps with refit are no better than magnitude"]


if __name__ == "__main__":
    sys.exit(main())
