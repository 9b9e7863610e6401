"""Latency that a search predicts for random candidates, against that of the whole models: the mean error in percent.

Candidates are drawn with every knob, each value equally likely, and then with fewer changed. Both models run in turns,
in time of the processor, in fresh sessions for each block. The aim is 10 % on average.

Run: python tests/benchmarks/bench_search_latency.py [--data ../shared/data] [--recipes 20] [MODEL ...]
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from bench_kernels import measured_ratio
from bench_search import judge_of
from real_models import DATA, MODELS, Case

from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings
from desktop_app.core.progress import SilentToken
from desktop_app.search.judging import Judge

CHANGED = (1.0, 0.6, 0.3)
"""Shares of the choices that a candidate takes something else for, in turns."""


def main() -> None:
    """Prints a row for each candidate and a mean for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["resnet56", "mobilenet"], metavar="MODEL")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--recipes", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0)
    asked = parser.parse_args()
    for name in asked.models:
        case = Case.open(name, asked.data, calibration=60)
        _, samples, preprocess = MODELS[name]
        data = DataSettings(path=str(asked.data / samples), preprocess=preprocess, calibration=60)
        judge = judge_of(case, Budget(data=data))
        errors = [_error(judge, name, number, asked.seconds) for number in range(asked.recipes)]
        sys.stdout.write(f"{name}: mean absolute error {100 * np.mean(np.abs(errors)):.1f} %, aim 10 %\n")
        sys.stdout.flush()


def _error(judge: Judge, name: str, number: int, seconds: float) -> float:
    """Predicted over measured, less 1; prints it."""
    generator = np.random.default_rng(number)
    changed = generator.random(len(judge.space.sizes)) < CHANGED[number % len(CHANGED)]
    drawn = [int(generator.integers(size)) for size in judge.space.sizes]
    genes = judge.effective([gene if one else 0 for gene, one in zip(drawn, changed, strict=True)])
    predicted = judge.latency_of(genes) / judge.profile.total_ms
    measured = measured_ratio(judge.model, judge.make(genes, SilentToken()), seconds)
    error = predicted / measured - 1.0
    sys.stdout.write(
        f"{name} #{number}: predicted {predicted:.3f}, measured {measured:.3f}, off {100 * error:+.1f} %\n"
    )
    sys.stdout.flush()
    return error


if __name__ == "__main__":
    main()
