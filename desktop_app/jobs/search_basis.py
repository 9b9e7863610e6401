"""What a search goes out from: the model with its samples, what there is to choose, and the name of the study."""

from dataclasses import dataclass

from msgspec.structs import replace

from desktop_app.bench.machine import this_machine, versions
from desktop_app.core.budget import Budget
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.core.summary import ModelSummary
from desktop_app.jobs.opened import OpenedModel, opened, summary_of
from desktop_app.jobs.sampled import Sampled, sampled, settled_for
from desktop_app.search.goal import mark_of
from desktop_app.search.naming import study_name
from desktop_app.search.space import Space, grounded, space_of


@dataclass(frozen=True)
class Basis:
    """What a search goes out from.

    Attributes:
        one: The opened model.
        samples: The samples.
        base: What candidates go out from.
        summary: The layer table.
        space: What there is to choose.
        machine: Where times are measured.
        study: The name of the search.
        mark: What tells the samples from others.
    """

    one: OpenedModel
    samples: Sampled
    base: Recipe
    summary: ModelSummary
    space: Space
    machine: Machine
    study: str
    mark: str


def basis_of(snapshot: str, budget: Budget, asked: Recipe, threads: int, token: Token) -> Basis:
    """Finds it out.

    Args:
        snapshot: The opened model.
        budget: What is asked for.
        asked: The recipe whose methods and locks hold.
        threads: To measure with.
        token: Hears of progress; says when to stop.

    Raises:
        StudioError: when the data do not fit, or the model does not run.
        Cancelled: when the token says so.
    """
    one = opened(snapshot)
    token.report(Progress("data", 0.0))
    samples = sampled(one.model, budget.data, budget.seed, token)
    base = grounded(settled_for(replace(asked, seed=budget.seed), samples))
    if budget.limits.max_drop is not None and samples.data.synthetic:
        raise InvalidRecipeError(
            "limits.max_drop needs data with labels, and no data is named: name data, or use limits.min_agreement."
        )
    if budget.limits.max_drop is not None and not samples.data.labelled:
        raise InvalidRecipeError("limits.max_drop needs labels, and the data has none: use limits.min_agreement.")
    summary = summary_of(one)
    space = space_of(summary, budget, base)
    machine = this_machine(threads)
    mark = mark_of(samples.data)
    name = study_name(one.snapshot.sha256, budget, space, base, machine, mark, versions())
    return Basis(one, samples, base, summary, space, machine, name, mark)
