"""How far the comparison of latencies can be trusted: a model against itself, again and again.

Passes if 95 % of the ratios lie within 3 % of 1 and "faster" is claimed in at most 5 % of the comparisons.

Run: python tests/benchmarks/bench_aa.py [MODEL] [--runs 40] [--seconds 6] [--threads 0]
"""

import argparse
import sys
from pathlib import Path

from desktop_app.bench.latency import Comparison, compare

SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "digits.onnx"
TOLERANCE = 0.03
MIN_WITHIN = 0.95
MAX_CLAIMED = 0.05


def main() -> int:
    """Compares, prints a line for each comparison and the two figures; 1 if one of them fails."""
    parser = argparse.ArgumentParser(description="A model against itself.")
    parser.add_argument("model", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    comparisons = []
    for run in range(arguments.runs):
        comparison = compare(
            (arguments.model, arguments.model), threads=arguments.threads, seconds=arguments.seconds, seed=run
        )
        comparisons.append(comparison)
        sys.stdout.write(f"{run + 1:3} {line(comparison)}\n")
        sys.stdout.flush()
    within, claimed = figures(comparisons)
    sys.stdout.write(f"{within:.0%} within {TOLERANCE:.0%} of 1 (at least {MIN_WITHIN:.0%})\n")
    sys.stdout.write(f'"faster" claimed in {claimed:.1%} (at most {MAX_CLAIMED:.0%})\n')
    return 0 if within >= MIN_WITHIN and claimed <= MAX_CLAIMED else 1


def figures(comparisons: list[Comparison]) -> tuple[float, float]:
    """Share of ratios near 1, and share of comparisons that claim a speed-up."""
    ratios = [comparison.rows[1].ratio for comparison in comparisons]
    within = sum(abs(ratio.median - 1) <= TOLERANCE for ratio in ratios)
    claimed = sum(ratio.verdict.startswith("faster") for ratio in ratios)
    return within / len(ratios), claimed / len(ratios)


def line(comparison: Comparison) -> str:
    """One comparison in a line."""
    ratio, latency = comparison.rows[1].ratio, comparison.rows[1].latency_ms
    low, high = ratio.ci95
    busy = "  (busy)" if comparison.warnings else ""
    return f"{latency.median:8.3f} ms  ratio {ratio.median:.4f} [{low:.4f}, {high:.4f}]  {ratio.verdict}{busy}"


if __name__ == "__main__":
    sys.exit(main())
