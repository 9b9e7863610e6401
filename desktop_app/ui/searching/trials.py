"""A candidate of a search as a point of a trade-off."""

from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Fidelity, Figures, Latency, Ratio
from desktop_app.core.trial import Trial
from desktop_app.ui.text import tr

NO_RECIPE = Recipe()
"""Candidates are told by their genes: their recipes are made when they are asked for."""


def as_trial(judged: Judged, original: Figures) -> Trial:
    """A candidate; its recipe is `Candidates.recipe`."""
    low, high = judged.speedup_low, judged.speedup_high
    speedup = Ratio(judged.speedup, (judged.speedup if low is None else low, judged.speedup if high is None else high))
    return Trial(
        id=str(judged.number),
        title=title_of(judged),
        recipe=NO_RECIPE,
        original=original,
        compressed=as_figures(judged),
        speedup=speedup,
        origin="search",
        lost=judged.drop,
        measured=judged.measured,
    )


def as_figures(judged: Judged) -> Figures:
    """What a candidate costs; what it loses is told relative to the original."""
    time = judged.latency_ms
    fidelity = Fidelity(judged.sqnr_db, 0.0, judged.agreement, judged.samples, synthetic=False)
    return Figures(
        bytes=judged.bytes,
        params=0,
        macs=judged.macs,
        latency_ms=Latency(time, time, (time, time)),
        peak_memory=judged.peak_memory,
        fidelity=fidelity,
    )


def title_of(judged: Judged) -> str:
    """What the user calls a candidate."""
    return tr("#{number}").format(number=judged.number)
