"""What each strategy finds for as many candidates: the volume of bytes, predicted time and noise that its front beats.

The volume is that between the front and the model as it is, each axis relative to it (noise to the outputs): 1 would be
a model of no bytes, no time and no noise. "At half the MACs" is the best candidate of no more multiply-accumulates than
the same prune ratio everywhere leaves at half of them, without anything else. Candidates that several strategies come
to are made once. With --whole the best of the budget is carried out whole, and its accuracy told. With --half the
budget is half the multiply-accumulates, by pruning alone.

Run: python tests/benchmarks/bench_search.py [--data ../shared/data] [--model resnet20] [--candidates 200]
     [--half] [STRATEGY ...]
"""

import argparse
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from msgspec.structs import replace
from real_models import DATA, MODELS, Case

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.profile import profile_layers
from desktop_app.core.budget import Budget, BudgetLimits, misses
from desktop_app.core.data import DataSettings
from desktop_app.core.judged import Judged, front_of
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.graph.model import Model
from desktop_app.inspection import summarise
from desktop_app.metering import cost_of
from desktop_app.search.finding import Search
from desktop_app.search.judging import Judge
from desktop_app.search.sensitivities import changes_weighed
from desktop_app.search.space import grounded, space_of
from desktop_app.search.strategies import STRATEGIES
from desktop_app.search.study import Study
from desktop_app.sensitivity import find_sensitivity
from desktop_app.steps.int8.scheme import settled

SPEEDUP, SMALLER = 2.0, 6.0
"""What the budget asks for: so many times as fast, and as small."""


class OnceJudge(Judge):
    """Makes each candidate once, whatever strategy asks for it."""

    def judge(self, number: int, genes: Sequence[int], token: Token) -> tuple[Judged, Model | None]:
        known: dict[tuple[int, ...], tuple[Judged, Model | None]] = self.__dict__.setdefault("known", {})
        if tuple(genes) not in known:
            known[tuple(genes)] = super().judge(number, genes, token)[0], None
        return replace(known[tuple(genes)][0], number=number), None


def volume(points: np.ndarray) -> float:
    """Of the part of the unit cube that points (n, 3) dominate, exactly: slices along the last axis."""
    points = points[(points < 1.0).all(axis=1)]
    levels = np.unique(np.append(points[:, 2], 1.0))
    return sum((high - low) * _area(points[points[:, 2] <= low, :2]) for low, high in pairwise(levels))


def _area(points: np.ndarray) -> float:
    area, lowest = 0.0, 1.0
    for x, y in points[np.argsort(points[:, 0])]:
        if y < lowest:
            area += (1.0 - x) * (lowest - y)
            lowest = y
    return float(area)


def judge_of(case: Case, budget: Budget) -> Judge:
    """The judge of a real model."""
    size = len(case.model.to_bytes())
    summary = summarise(case.model, name=case.name, path=case.name, sha256=case.name, file_bytes=size)
    base = Recipe(data=budget.data, seed=budget.seed)
    base = grounded(replace(base, methods=replace(base.methods, quantize=settled(base.methods.quantize))))
    profile = profile_layers(case.model, threads=1)
    curves = width_curves(case.model.layers, profile.milliseconds, KernelTimes(1))
    space = space_of(summary, budget, base)
    return OnceJudge(case.model, case.name, summary, replace(profile, curves=curves), space, base, case.data)


def main() -> None:
    """Prints a row for each strategy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strategies", nargs="*", default=list(STRATEGIES), metavar="STRATEGY")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--whole", action="store_true", help="Carry out the best of each at half the MACs.")
    parser.add_argument("--half", action="store_true", help="Search for half the MACs, by pruning alone.")
    asked = parser.parse_args()
    case = Case.open(asked.model, asked.data, calibration=200)
    file, samples, preprocess = MODELS[asked.model]
    data = DataSettings(path=str(asked.data / samples), preprocess=preprocess, calibration=200)
    limits = BudgetLimits(bytes=round(len(case.model.to_bytes()) / SMALLER), speedup=SPEEDUP)
    budget = Budget(limits=limits, trials=asked.candidates, data=data)
    if asked.half:
        budget = replace(budget, limits=BudgetLimits(macs=cost_of(case.model).macs // 2), free=("prune",))
    judge = judge_of(case, budget)
    sys.stdout.write(f"{file}: choices {dict(judge.space.told())}, 10^{judge.space.exponent:.0f} candidates\n")
    uniform, _ = judge.judge(0, uniform_genes(judge), SilentToken())
    sys.stdout.write(f"uniform    {uniform.macs / 1e6:.1f} MMACs, {uniform.sqnr_db:.2f} dB\n")
    for strategy in asked.strategies:
        sys.stdout.write(row(case, judge, replace(budget, strategy=strategy), uniform, asked.whole) + "\n")
        sys.stdout.flush()


def uniform_genes(judge: Judge) -> tuple[int, ...]:
    """The same prune ratio for all layers, such that about half of the MACs are left."""
    space, whole = judge.space, judge.summary.cost.macs

    def at(share: float) -> tuple[int, ...]:
        return tuple(
            min(range(len(one.values)), key=lambda gene, one=one: abs(float(one.values[gene] or 0.0) - share))
            if one.knob == "prune"
            else 0
            for one in space.choices
        )

    def off(genes: tuple[int, ...]) -> float:
        return abs(predict(judge.summary, space.recipe(genes, judge.base)).cost.macs / whole - 0.5)

    return min((at(share) for share in np.linspace(0.1, 0.7, 61)), key=off)


def row(case: Case, judge: Judge, budget: Budget, uniform: Judged, whole_run: bool) -> str:
    """What one strategy finds."""
    token, started = SilentToken(), perf_counter()
    with TemporaryDirectory() as folder:
        study = Study(f"sqlite:///{(Path(folder) / 's.sqlite').as_posix()}", "one", judge.space, budget.limits)

        def sensitivity() -> Sensitivity:
            key, titles = f"bench_search {case.name}", changes_weighed(judge.space, judge.base)
            return find_sensitivity(case.model, key, judge.base, case.data, 16, token, titles=titles)

        found = Search(judge, budget, study, sensitivity, lambda judged, model: None).find(token)
    whole = np.array(found[0].objectives[:2])
    points = np.array([(*(np.array(one.objectives[:2]) / whole), one.noise) for one in front_of(found)])
    within = [one for one in found if not one.failed and not misses(budget.limits, one)]
    best = max((one.sqnr_db for one in within), default=float("nan"))
    light = [one for one in found if one.macs <= uniform.macs and not one.failed]
    light_best = max(light, key=lambda one: one.sqnr_db, default=found[0])
    said = (
        f"{budget.strategy:13} volume {volume(points):.3f}, {len(within)} of {len(found)} in budget, "
        f"the best of them {best:.2f} dB; at half the MACs {light_best.sqnr_db:.2f} dB; "
        f"{perf_counter() - started:.0f} s"
    )
    if not whole_run:
        return said
    halved = budget.limits.macs is not None and within
    chosen = max(within, key=lambda one: one.sqnr_db) if halved else light_best
    compressed = case.run(judge.space.recipe(chosen.genes, judge.base))
    figures = case.figures(compressed.model)
    return f"{said}; carried out whole {100 * figures.accuracy:.1f} %, agreement {100 * figures.agreement:.1f} %"


if __name__ == "__main__":
    main()
