"""Reaches a target: a share of the operations directly, a signal to noise ratio by building and measuring."""

from collections.abc import Sequence

from desktop_app.core.methods import LowRankMethod
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.factorisation.building import Builder
from desktop_app.steps.factorisation.plan import Plan, Planner, Samples
from desktop_app.steps.factorisation.sensitivity import Probe

ATTEMPTS = 6
NEAR = 0.85
"""A noise between this share of what is allowed and all of it is near enough."""

MEASURED_ON = 4
"""One of so many batches is not fitted on, but judges."""

JUDGES = 256
"""Samples that judge, at most."""


def reach(
    planner: Planner, builder: Builder, model: Model, method: LowRankMethod, samples: Samples
) -> tuple[Plan, tuple[str, ...]]:
    """The plan that the method asks for, and what is worth saying of it."""
    if method.automatic and method.chosen:
        return planner.as_written(), ()
    if method.target_macs is not None:
        plan = planner.for_macs(method.target_macs)
        return plan, _of_macs(planner.macs_of(plan), method.target_macs)
    if method.target_sqnr_db is not None:
        return _for_sqnr(planner, builder, model, method.target_sqnr_db, samples)
    return planner.as_asked(), ()


def _of_macs(share: float, target: float) -> tuple[str, ...]:
    if share <= target:
        return ()
    return (f"The layers that may be factorised bring the MACs to {share:.0%} of the model's, not to {target:.0%}.",)


def _for_sqnr(
    planner: Planner, builder: Builder, model: Model, decibels: float, samples: Samples
) -> tuple[Plan, tuple[str, ...]]:
    """Tries plans until one keeps the ratio, but hardly more than that, on samples that it was not fitted on."""
    allowed = 10 ** (-decibels / 10)
    if not samples.batches:
        said = "Without calibration samples the signal to noise ratio is only estimated, from the weights."
        return planner.for_noise(allowed), (said,)
    fitting, judging = _split(samples.batches)
    probe = Probe(model, judging, samples.token, JUDGES)
    kept: tuple[float, Plan] | None = None
    low, high, guess = 0.0, float("inf"), allowed
    for _ in range(ATTEMPTS):
        samples.token.check()
        plan = planner.for_noise(guess)
        noise = probe.noise(builder.build(plan, fitting).model)
        if noise <= allowed:
            low = guess
            if kept is None or planner.macs_of(plan) < planner.macs_of(kept[1]):
                kept = noise, plan
            if noise >= NEAR * allowed:
                break
        else:
            high = guess
        guess = _next(guess, allowed / max(noise, 1e-20), low, high)
    if kept is None:
        return Plan(left=planner.for_noise(0.0).left), (f"No rank that was tried keeps {decibels:g} dB.",)
    return kept[1], ()


def _next(guess: float, room: float, low: float, high: float) -> float:
    """The next guess: as if noise were proportional to it, but between what is known to be too little and too much."""
    proposed = guess * min(max(room * 0.95, 0.05), 20.0)
    if low and high < float("inf"):
        inner = (low * high) ** 0.5
        return proposed if low * 1.05 < proposed < high * 0.95 else inner
    return proposed


def _split(batches: Sequence[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Batches to fit on, and batches to judge by; the same where there is only one."""
    judging = [batch for number, batch in enumerate(batches) if number % MEASURED_ON == MEASURED_ON - 1]
    fitting = [batch for number, batch in enumerate(batches) if number % MEASURED_ON != MEASURED_ON - 1]
    return fitting, judging or fitting
