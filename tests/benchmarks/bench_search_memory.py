"""Memory of a search over many candidates, on the bundled sample: resident megabytes as it goes on.

Candidates are judged by prediction alone, so that what is measured is what a search keeps of them; `--whole` judges
them as a search does (seconds each).

Run: python tests/benchmarks/bench_search_memory.py [--candidates 1000] [--strategy evolution] [--whole]
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psutil
from msgspec.structs import replace

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.judged import Judged
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs, summarise
from desktop_app.io.data import open_data
from desktop_app.io.onnx_reader import read_model
from desktop_app.search.finding import Search
from desktop_app.search.judging import Judge
from desktop_app.search.sensitivities import changes_weighed
from desktop_app.search.space import grounded, space_of
from desktop_app.search.strategies import STRATEGIES
from desktop_app.search.study import Study
from desktop_app.sensitivity import find_sensitivity
from desktop_app.steps.int8.scheme import settled

MEGABYTE = 2**20


class Foretelling(Judge):
    """Judges by prediction."""

    def judge(self, number: int, genes: Sequence[int], token: Token) -> tuple[Judged, Model | None]:
        told = predict(self.summary, self.space.recipe(genes, self.base), self.profile)
        noise = sum(gene * (1 + place % 5) for place, gene in enumerate(genes))
        latency = told.latency_ms or 1.0
        cost = told.cost
        return Judged(number, tuple(genes), cost.bytes, cost.macs, latency, 1.0, 60.0 - noise), None


class Watching(SilentToken):
    """Prints the memory at every hundredth candidate."""

    def __init__(self) -> None:
        self._began = perf_counter()

    def report(self, event: object) -> None:
        if isinstance(event, Judged) and (event.number + 1) % 100 == 0:
            gc.collect()
            memory = psutil.Process().memory_info().rss / MEGABYTE
            seconds = perf_counter() - self._began
            sys.stdout.write(f"{event.number + 1:5} candidates  {memory:7.1f} MB  {seconds:6.1f} s\n")
            sys.stdout.flush()


def main() -> None:
    """Prints a row for every hundred candidates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--strategy", default="evolution", choices=[one for one in STRATEGIES if one != "gradient"])
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    data = DataSettings(path=str(resource("sample/digits")), calibration=96)
    limits = BudgetLimits(bytes=20_000)
    budget = Budget(limits=limits, trials=asked.candidates, strategy=asked.strategy, data=data)
    judge = judge_of(budget, whole=asked.whole)

    def sensitivity() -> Sensitivity:
        titles = changes_weighed(judge.space, judge.base)
        return find_sensitivity(judge.model, "digits", judge.base, judge.data, 16, SilentToken(), titles=titles)

    sys.stdout.write(f"{len(judge.space.choices)} choices, {asked.strategy}\n")
    with TemporaryDirectory() as folder:
        storage = f"sqlite:///{(Path(folder) / 's.sqlite').as_posix()}"
        with Study(storage, "one", judge.space, limits) as study:
            Search(judge, budget, study, sensitivity, lambda judged, model: None).find(Watching())


def judge_of(budget: Budget, *, whole: bool) -> Judge:
    """Of the bundled sample, with made-up times."""
    model = read_model(resource("sample/digits.onnx"))
    size = len(model.to_bytes())
    summary = summarise(model, name="digits", path="digits", sha256="digits", file_bytes=size)
    base = Recipe(data=budget.data, seed=budget.seed)
    base = grounded(replace(base, methods=replace(base.methods, quantize=settled(base.methods.quantize))))
    milliseconds = {layer.name: layer.macs / 1e6 for layer in summary.layers}
    profile = LayerProfile(sum(milliseconds.values()), milliseconds, 1)
    samples = open_data(budget.data, input_specs(model), seed=budget.seed, shapes=model.shapes)
    kind = Judge if whole else Foretelling
    return kind(model, "digits", summary, profile, space_of(summary, budget, base), base, samples)


if __name__ == "__main__":
    main()
