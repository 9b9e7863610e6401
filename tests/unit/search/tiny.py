"""A tiny model in a search that costs nothing to prepare: the times of its layers are made up."""

from pathlib import Path

from msgspec.structs import replace
from optuna.samplers import RandomSampler

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs, summarise
from desktop_app.io.data import open_data
from desktop_app.search.finding import Search
from desktop_app.search.judging import Judge
from desktop_app.search.space import Space, grounded, space_of
from desktop_app.search.strategies.base import Genes
from desktop_app.search.study import Asked, Study
from desktop_app.search.who import Who, this_process
from desktop_app.steps.int8.scheme import settled
from tests.contracts.small_nets import residual

BUDGET = Budget(limits=BudgetLimits(bytes=20_000), trials=7, data=DataSettings(calibration=24))


def summary_of(model: Model) -> ModelSummary:
    return summarise(model, name="m", path="m", sha256="m", file_bytes=len(model.to_bytes()))


def base_of(budget: Budget, recipe: Recipe | None = None) -> Recipe:
    recipe = recipe or Recipe()
    methods = replace(recipe.methods, quantize=settled(recipe.methods.quantize))
    return grounded(replace(recipe, data=budget.data, seed=budget.seed, methods=methods))


def judge_of(budget: Budget = BUDGET) -> Judge:
    model, base = residual(), base_of(budget)
    summary = summary_of(model)
    data = open_data(budget.data, input_specs(model), seed=budget.seed, shapes=model.shapes)
    return Judge(model, "m", summary, profile_of(summary), space_of(summary, budget, base), base, data)


def profile_of(summary: ModelSummary) -> LayerProfile:
    """Made-up times."""
    milliseconds = {layer.name: layer.macs / 1e5 for layer in summary.layers}
    return LayerProfile(sum(milliseconds.values()), milliseconds, 1)


def sensitivity_of(summary: ModelSummary) -> Sensitivity:
    """Of made-up layers: what takes more away costs more, and later layers cost more than earlier ones."""
    decibels = {"int8": 40.0, "int6": 35.0, "rank 0.75": 30.0, "rank 0.5": 20.0, "rank 0.25": 10.0}
    decibels |= {"channels 0.75": 25.0, "channels 0.5": 15.0, "channels 0.25": 5.0}
    rows = tuple(
        LayerSensitivity(layer.name, 1.0, {title: Candidate(0.0, one - place) for title, one in decibels.items()})
        for place, layer in enumerate(summary.layers)
    )
    return Sensitivity(rows, {}, 8, True)


class Looker:
    """Keeps the best candidates as they come."""

    def __init__(self) -> None:
        self.best: list[tuple[Judged, Model]] = []

    def improved(self, judged: Judged, model: Model) -> None:
        self.best.append((judged, model))


DEAD = Who("here", this_process().system, this_process().pid, began=0.0)
"""A process of this machine whose number another has by now."""


def study_of(folder: Path, space: Space, budget: Budget, who: Who | None = None, lease: int = 60) -> Study:
    storage = f"sqlite:///{(folder / 's.sqlite').as_posix()}"
    return Study(storage, "one", space, budget.limits, who=who, lease=lease)


def claimed(study: Study, genes: Genes, start: Genes | None = None) -> Asked | None:
    """A claim for a candidate, as it was drawn."""
    return study.claim(study.standing().free, study.draw(RandomSampler(seed=0), start or genes), genes)


def search_in(folder: Path, budget: Budget = BUDGET, looker: Looker | None = None) -> Search:
    judge = judge_of(budget)
    study = study_of(folder, judge.space, budget)
    return Search(judge, budget, study, lambda: sensitivity_of(judge.summary), (looker or Looker()).improved)


class StopsAfter(SilentToken):
    """Asks to stop once so many candidates were judged."""

    def __init__(self, candidates: int) -> None:
        self._left = candidates

    def report(self, event: object) -> None:
        if isinstance(event, Judged):
            self._left -= 1
            self.cancelled = self._left <= 0
