"""What strategies that weigh are told before any candidate is judged."""

from collections.abc import Callable

import msgspec
import numpy as np

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.core.predictor import Predictor
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.search.damages import Damages
from desktop_app.search.judging import Judge
from desktop_app.search.layer_costs import Floats, Genes
from desktop_app.search.sensitivities import layer_costs, noises_of, untried_of
from desktop_app.search.strategies.base import Outlook
from desktop_app.search.study import Study

NOISES = "noises"
"""Under this name the study keeps them, so that a search that goes on tells the same."""

UNTRIED = "untried"
"""Under this name it keeps the layers that were not tried, for want of time: a search that goes on tries them."""

MARGIN = 0.02
"""Share of a limit that strategies leave, where they go by predictions."""


def kept_noises(study: Study, judge: Judge, sensitivity: Callable[[], Sensitivity], timed: bool) -> tuple[Floats, ...]:
    """What every value alone costs, see `noises_of`: as the study keeps it, or found and kept.

    Args:
        study: Keeps it.
        judge: Whose space it is.
        sensitivity: Asked for where it is to be found.
        timed: Whether this process leads a search whose time is limited: layers that were not tried are tried then.
            Without such a limit a search that was stopped goes on as if it had not been.
    """
    noted, untried = study.noted(NOISES), study.noted(UNTRIED)
    if noted is not None and not (timed and untried):
        return tuple(np.array(one) for one in msgspec.json.decode(noted, type=list[list[float]]))
    found = sensitivity()
    noises = noises_of(judge.space, found, judge.base)
    study.note(UNTRIED, "\n".join(untried_of(judge.space, found)))
    study.note(NOISES, msgspec.json.encode([one.tolist() for one in noises]).decode())
    return noises


def outlook_of(judge: Judge, limits: BudgetLimits, noises: tuple[Floats, ...]) -> Outlook:
    """What is known of candidates by prediction, and the limits as strategies are to keep them."""
    predictor = Predictor(judge.summary)

    def foretell(genes: Genes) -> Judged:
        told = predictor.predict(judge.space.recipe(genes, judge.base), judge.profile)
        latency = told.latency_ms or 0.0
        speedup = judge.profile.total_ms / latency if latency > 0 else 1.0
        return Judged(0, genes, told.cost.bytes, told.cost.macs, latency, speedup)

    damages = Damages(noises, layer_costs(judge.space, judge.summary, judge.profile, judge.base))
    return Outlook(damages, foretell, _with_margin(limits))


def _with_margin(limits: BudgetLimits) -> BudgetLimits:
    """The limits on costs that can be predicted, a little tighter: predictions are not exact, but those of work are."""
    return BudgetLimits(
        bytes=None if limits.bytes is None else round((1.0 - MARGIN) * limits.bytes),
        macs=limits.macs,
        latency_ms=None if limits.latency_ms is None else (1.0 - MARGIN) * limits.latency_ms,
        speedup=None if limits.speedup is None else limits.speedup / (1.0 - MARGIN),
    )
