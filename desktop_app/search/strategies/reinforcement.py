"""By reinforcement: a policy that walks the layers and sets what stays of each under the budget that remains.

As in AMC (He et al., AMC: AutoML for Model Compression and Acceleration on Mobile Devices, ECCV 2018) a walk aims at
costs, each step may only take what leaves these within reach of the layers behind it, and the reward is what is
fidelity beyond what such costs usually leave. The policy is a softmax over the values of a choice, of what is known of
the layer and of the price that the remaining budget has come to, and it learns by REINFORCE with a baseline and an
entropy bonus (Williams 1992). Beginning, it is the gradient's: the distribution of most entropy among those that meet
the budget, at the noise that the sensitivities foretell; to the limits it is told what noises were seen to be since,
and most of those walks imitate one of the best (Oh et al. 2018, "Self-Imitation Learning").

Nothing is kept but the candidates: the policy is what its updates over all that were judged make of it.
"""

from collections.abc import Sequence
from math import inf

import numpy as np
from optuna.samplers import BaseSampler

from desktop_app.core.judged import Judged
from desktop_app.search.strategies.alike import all_alike
from desktop_app.search.strategies.base import Genes, Outlook, Strategy
from desktop_app.search.strategies.nearby import one_of_the_best
from desktop_app.search.strategies.policy import Policy
from desktop_app.search.strategies.relearning import relearned
from desktop_app.search.strategies.repairing import relaxed, tightened

TIME, BYTES, MACS = range(3)
"""Costs, as `LayerCosts` orders them."""

AT_LIMITS = 0.6
"""Share of the walks that aim at the limits themselves; the others aim anywhere, for a front and not for a point."""

IMITATING = 0.7
"""Share of the walks to the limits that imitate the best so far."""

RELAXED = 0.5
"""Share of the walks to the limits that end on them."""

GENTLEST, STRONGEST = 0.15, 0.95
"""Where walks aim that do not aim at the limits: shares of the time and of the size that go."""

CORRECTIONS = 4
"""So often a walk is made again, when its costs together are not what its values alone save in sum."""

CLOSE = 0.03
"""How near a walk comes to what it aims at, as a share of the original's costs."""


class Reinforcement(Strategy):
    """A policy gradient."""

    name = "reinforcement"
    weighs = True

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._learnt: list[int] = []

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """All choices alike: what is to be beaten is learnt from, too."""
        alike = all_alike(outlook)
        return () if alike is None else (alike,)

    def draw(self, outlook: Outlook, judged: Sequence[Judged], seed: int) -> Genes:
        """A walk of the policy as it is after what was judged."""
        lot, policy = np.random.default_rng(seed), self.after(outlook, judged)
        if outlook.limited and lot.random() < AT_LIMITS:
            good = one_of_the_best(outlook, judged, lot) if lot.random() < IMITATING else None
            outlook = relearned(outlook, judged, lot)
            policy = policy.told(outlook.damages)
            return _to_limits(policy if good is None else policy.imitating(good), outlook, lot)
        return _walk(policy, outlook, lot.uniform(GENTLEST, STRONGEST, 2), lot)

    def sampler(self, seed: int) -> BaseSampler | None:
        """None: it draws by itself."""
        return None

    def after(self, outlook: Outlook, judged: Sequence[Judged]) -> Policy:
        """The policy after all that was judged, in its order; only what is new is learnt anew."""
        made, axes = [one for one in judged if not one.failed and any(one.genes)], _axes(outlook)
        if self._policy is None or [one.number for one in made[: len(self._learnt)]] != self._learnt:
            whole = _costs(outlook.foretell(outlook.damages.none), axes)
            self._policy, self._learnt = Policy(outlook.damages, whole, axes), []
        for one in made[len(self._learnt) :]:
            self._policy.learn(one.genes, _costs(one, axes), one.sqnr_db)
            self._learnt.append(one.number)
        return self._policy


def _to_limits(policy: Policy, outlook: Outlook, lot: np.random.Generator) -> Genes:
    """A walk to the limits; some give back what they need not take."""
    aim = _limit(outlook, outlook.foretell(outlook.damages.none), _axes(outlook))
    genes = tightened(_walk(policy, outlook, aim, lot), outlook)
    return relaxed(genes, outlook) if lot.random() < RELAXED else genes


def _walk(policy: Policy, outlook: Outlook, aim: np.ndarray, lot: np.random.Generator) -> Genes:
    """A walk whose costs together come near to what it aims at: values save less together than alone.

    A cost that need not be saved may be saved as it comes.
    """
    whole, seed = outlook.foretell(outlook.damages.none), int(lot.integers(2**63))
    asked, genes = aim, outlook.damages.none
    for _ in range(CORRECTIONS):
        genes = policy.walk(asked, np.random.default_rng(seed))
        off = np.where(aim > 0.0, aim - _saved(outlook.foretell(genes), whole, _axes(outlook)), 0.0)
        if np.abs(off).max() < CLOSE:
            break
        asked = np.maximum(asked + off, 0.0)
    return genes


def _axes(outlook: Outlook) -> tuple[int, int]:
    """The two costs that a walk goes by: time and size; work instead of time where that is limited, and time is not."""
    return (MACS, BYTES) if outlook.limits.macs is not None and not outlook.limits.timed else (TIME, BYTES)


def _limit(outlook: Outlook, whole: Judged, axes: tuple[int, int]) -> np.ndarray:
    """Shares of both costs that must go for the limits."""
    limits, costs = outlook.limits, _costs(whole, (TIME, BYTES, MACS))
    asked = [
        min(limits.latency_ms or inf, whole.latency_ms / limits.speedup if limits.speedup else inf),
        limits.bytes or inf,
        limits.macs or inf,
    ]
    left = np.where(costs > 0.0, np.minimum(asked, costs) / np.maximum(costs, 1e-9), 1.0)
    if axes[0] == TIME:
        left[TIME] = min(left[TIME], left[MACS])
    aim: np.ndarray = np.clip(1.0 - left[list(axes)], 0.0, STRONGEST)
    return aim


def _costs(one: Judged, axes: Sequence[int]) -> np.ndarray:
    costs = (one.latency_ms, float(one.bytes), float(one.macs))
    return np.array([costs[axis] for axis in axes])


def _saved(one: Judged, whole: Judged, axes: Sequence[int]) -> np.ndarray:
    saved: np.ndarray = 1.0 - _costs(one, axes) / np.maximum(_costs(whole, axes), 1e-9)
    return saved
