"""By reinforcement: a policy that walks the layers and sets what stays of each under the budget that remains.

As in AMC (He et al., AMC: AutoML for Model Compression and Acceleration on Mobile Devices, ECCV 2018) a walk aims at
costs, each step may only take what leaves these within reach of the layers behind it, and the reward is what is
fidelity beyond what such costs usually leave. The policy is a softmax over the values of a choice, of what is known of
the layer and of the price that the remaining budget has come to, and it learns by REINFORCE with a baseline and an
entropy bonus (Williams 1992). Beginning, it is the gradient's: the distribution of most entropy among those that meet
the budget, at the noise that the sensitivities foretell.

Nothing is kept but the candidates: the policy is what its updates over all that were judged make of it.
"""

from collections.abc import Sequence

import numpy as np
from optuna.samplers import BaseSampler

from desktop_app.core.judged import Judged
from desktop_app.search.strategies.base import Genes, Outlook, Strategy
from desktop_app.search.strategies.policy import Policy
from desktop_app.search.strategies.repairing import tightened

AT_LIMITS = 0.4
"""Share of the walks that aim at the limits themselves; the others aim anywhere, for a front and not for a point."""

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

    def draw(self, outlook: Outlook, judged: Sequence[Judged], seed: int) -> Genes:
        """A walk of the policy as it is after what was judged."""
        policy = self.after(outlook, judged)
        generator = np.random.default_rng(seed)
        whole = outlook.foretell(outlook.damages.none)
        at_limits = outlook.limited and generator.random() < AT_LIMITS
        aim = _limit(outlook, whole) if at_limits else generator.uniform(GENTLEST, STRONGEST, 2)
        walk_seed = int(generator.integers(2**63))
        asked, genes = aim, outlook.damages.none
        for _ in range(CORRECTIONS):
            genes = policy.walk(asked, np.random.default_rng(walk_seed))
            off = aim - _saved(outlook.foretell(genes), whole)
            if np.abs(off).max() < CLOSE:
                break
            asked = asked + off
        return tightened(genes, outlook) if at_limits else genes

    def sampler(self, seed: int) -> BaseSampler | None:
        """None: it draws by itself."""
        return None

    def after(self, outlook: Outlook, judged: Sequence[Judged]) -> Policy:
        """The policy after all that was judged, in its order; only what is new is learnt anew."""
        made = [one for one in judged if not one.failed and any(one.genes)]
        if self._policy is None or [one.number for one in made[: len(self._learnt)]] != self._learnt:
            self._policy, self._learnt = Policy(outlook.damages, _costs(outlook.foretell(outlook.damages.none))), []
        for one in made[len(self._learnt) :]:
            self._policy.learn(one.genes, _costs(one), one.sqnr_db)
            self._learnt.append(one.number)
        return self._policy


def _limit(outlook: Outlook, whole: Judged) -> np.ndarray:
    """Shares of time and size that must go for the limits."""
    limits = outlook.limits
    times = [
        limits.latency_ms or whole.latency_ms,
        whole.latency_ms / limits.speedup if limits.speedup else whole.latency_ms,
        whole.latency_ms * limits.macs / max(whole.macs, 1) if limits.macs else whole.latency_ms,
    ]
    size = (limits.bytes or whole.bytes) / max(whole.bytes, 1)
    return np.clip([1.0 - min(times) / max(whole.latency_ms, 1e-9), 1.0 - size], 0.0, STRONGEST)


def _costs(one: Judged) -> np.ndarray:
    return np.array([one.latency_ms, float(one.bytes)])


def _saved(one: Judged, whole: Judged) -> np.ndarray:
    saved: np.ndarray = 1.0 - _costs(one) / np.maximum(_costs(whole), 1e-9)
    return saved
