"""The policy of reinforcement learning: how likely each value of each choice is under what must still be saved."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desktop_app.search.damages import Damages
from desktop_app.search.layer_costs import Floats, Genes

EXPLORING = 0.7
"""Noise that chance may add to a walk, over the least that its costs can have."""

LEAST_TEMPERATURE = 1e-7

MIXES = ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
"""Of both costs, by which it is told how noisy it is to save so much."""

RATE, SHARED_RATE = 0.15, 0.01
"""Of learning: of what is known of single values, and of what all choices share."""

ENTROPY = 0.01
"""What a policy that stays undecided is worth, in rewards."""

MOST = 5.0
"""Logits that learning moves a value by, at most."""

LEAST_DB = -3.0
"""No reward is lower: what holds more noise than signal is lost, by how much does not matter."""

ALIKE, APART = 0.05, 0.02
"""What is near to a good choice, in shares of the values; and how likely is what is far, relative to it."""

TRUSTED = 0.1
"""How much noises still count beside that: they are of values alone, and what was seen is of values together."""

FIRST = 12
"""Candidates from which the baseline is told before any is learnt from."""

NEAR, RIDGE, LEAST_SPREAD = 0.25, 0.05, 0.3
"""The baseline: how far, in logarithms of costs, others tell what such costs leave; and decibels that always differ."""

FIRST_STEPS, NEXT_STEPS, HALVINGS, DAMPING, STEEPEST = 12, 2, 3, 1e-6, 1e6
"""Of Newton's method: at the first layer, and at each next one, where the prices of the one before are near."""

CLOSE = 2e-3
"""Prices are right where the walk is to save what is left to within this share of the original's costs."""


@dataclass(frozen=True)
class Step:
    """One step of a walk: the chances of the values, and the features by which the policy tells them apart."""

    chances: Floats
    features: Floats


@dataclass
class Policy:
    """A softmax over the values of every choice, one choice after another.

    Its logits are what a value saves, at the price of what must still be saved, less its noise at the temperature of
    what is aimed at, plus what was learnt: a number for each value, and weights of features that all choices share.

    Attributes:
        damages: What every value alone costs and saves.
        costs: Of the original: milliseconds and bytes, or what else it goes by.
        axes: Which two of the costs of `damages` these are.
    """

    damages: Damages
    costs: Floats
    axes: tuple[int, int] = (0, 1)
    _seen: list[tuple[Floats, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        damages, count = self.damages, len(self.damages.noise)
        self._there = _padded([np.ones(len(one)) for one in damages.noise]) > 0
        self._noise = _padded(damages.noise)
        saved = np.stack([_padded([one[axis] for one in damages.costs.saved]) for axis in self.axes], axis=2)
        self._saved = saved / np.maximum(self.costs, 1e-12)
        most = self._saved.max(axis=1)
        self._reach = np.concatenate([np.cumsum(most[::-1], axis=0)[::-1], np.zeros((1, 2))])
        self._ladders = self._made_ladders()
        self._strength = np.cumsum(self._there, axis=1) / np.maximum(self._there.sum(axis=1, keepdims=True), 1)
        self._depth = np.arange(count) / max(count - 1, 1)
        self._values = np.zeros(self._noise.shape)
        self._shared = np.zeros(5)

    def told(self, damages: Damages) -> "Policy":
        """The same policy, which is told that noises are others than it was made with."""
        other = copy(self)
        other._noise = _padded(damages.noise)
        return other

    def imitating(self, good: Genes) -> "Policy":
        """The same policy, but likelier to choose what a good candidate did, or what is near to that."""
        counts = self._there.sum(axis=1, keepdims=True)
        far = np.arange(self._there.shape[1]) - np.array(good)[:, None]
        near = np.exp(-0.5 * np.square(far / np.maximum(ALIKE * counts, 1.0)))
        other = copy(self)
        other._values = self._values + np.log(APART + near)
        other._noise = TRUSTED * self._noise
        return other

    def walk(self, aim: Floats, generator: np.random.Generator) -> Genes:
        """Values drawn one after another, so that alone they save shares `aim` of both costs in sum."""
        genes = list[int]()

        def drawn(place: int, chances: Floats) -> int:
            genes.append(int(np.searchsorted(np.cumsum(chances), generator.random())))
            genes[-1] = min(genes[-1], len(chances) - 1)
            return genes[-1]

        for _ in self._steps(aim, drawn):
            pass
        return tuple(genes)

    def learn(self, genes: Genes, costs: Floats, decibel: float) -> None:
        """Makes a candidate likelier where it kept more than such costs usually leave, and less likely otherwise.

        Args:
            genes: The candidate.
            costs: What it costs, as `costs`.
            decibel: Signal to noise of its outputs.
        """
        reward = max(decibel, LEAST_DB)
        known = self._known(costs)
        advantage = self._advantage(known, reward)
        self._seen.append((known, reward))
        if advantage == 0.0:
            return
        aim = sum((self._saved[place, gene] for place, gene in enumerate(genes)), np.zeros(2))
        values, shared = np.zeros_like(self._values), np.zeros_like(self._shared)
        for place, step in enumerate(self._steps(aim, lambda place, chances: genes[place])):
            count = len(step.chances)
            towards = advantage * (np.eye(count)[genes[place]] - step.chances)
            towards += ENTROPY * _entropy_slope(step.chances)
            values[place, :count] += towards
            shared += step.features.T @ towards
        self._values = np.clip(self._values + RATE * values, -MOST, MOST)
        self._shared = np.clip(self._shared + SHARED_RATE * shared / len(genes) ** 0.5, -MOST, MOST)

    def _steps(self, aim: Floats, choose: Callable[[int, Floats], int]) -> Iterator[Step]:
        """A walk: at each place the chances under what is left to save, then what was chosen is taken off that."""
        left, prices = np.array(aim, float), np.zeros(2)
        temperature = self._temperature(aim)
        for place in range(len(self._noise)):
            learnt = self._learnt(left)
            prices = self._prices(place, left, prices, temperature, learnt)
            count = int(self._there[place].sum())
            logits = self._logits(place, prices, temperature, learnt)[0, :count]
            chances = _softmax(np.where(self._within_reach(place, left)[:count], logits, -np.inf))
            yield Step(chances, self._features(left)[place, :count])
            left = left - self._saved[place, choose(place, chances)]

    def _within_reach(self, place: int, left: Floats) -> NDArray[np.bool_]:
        """Values after which the choices behind can still save what is left; all where none is so."""
        short = np.maximum(left - self._saved[place] - self._reach[place + 1], 0.0).sum(axis=1)
        able: NDArray[np.bool_] = short <= short[self._there[place]].min() + 1e-12
        return able

    def _logits(self, place: int, prices: Floats, temperature: float, learnt: Floats) -> Floats:
        """Of the values of all choices from a place on; what is not there is impossible."""
        found = self._saved[place:] @ prices - self._noise[place:] / temperature + learnt[place:]
        return np.where(self._there[place:], found, -np.inf)

    def _prices(self, place: int, left: Floats, prices: Floats, temperature: float, learnt: Floats) -> Floats:
        """What time and size must be worth for the rest of the walk to save what is left, on average.

        Newton's method on the dual, which is convex (the log-partition less what is paid for), with prices of zero
        held where they are (Bertsekas 1982, "Projected Newton Methods").
        """
        fixed = self._logits(place, np.zeros(2), temperature, learnt)
        saved = self._saved[place:]

        def dual(at: Floats) -> tuple[float, Floats]:
            logits = fixed + saved @ at
            top = logits.max(axis=1, keepdims=True)
            weights = np.exp(logits - top)
            total = weights.sum(axis=1, keepdims=True)
            return float((np.log(total) + top).sum() - at @ left), weights / total

        value, chances = dual(prices)
        for _ in range(NEXT_STEPS if place else FIRST_STEPS):
            mean = (chances[:, :, None] * saved).sum(axis=1)
            slope = mean.sum(axis=0) - left
            paid = (prices > 0.0) | (slope < 0.0)  # what is saved beyond what is asked has no price
            if np.abs(np.where(paid, slope, 0.0)).max() < CLOSE:
                break
            weighted = (chances[:, :, None] * saved).reshape(-1, 2)
            curve = weighted.T @ saved.reshape(-1, 2) - mean.T @ mean
            curve = np.where(np.outer(paid, paid), curve, 0.0) + DAMPING * np.eye(2)
            move = np.linalg.solve(curve, np.where(paid, slope, 0.0))
            for _ in range(HALVINGS):
                tried = np.clip(prices - move, 0.0, STEEPEST)
                lower, found = dual(tried)
                if lower <= value:
                    break
                move = move / 4
            if lower >= value - 1e-6 * abs(value):
                break  # no prices save what is left: the walk comes as near as it can
            prices, value, chances = tried, lower, found
        return prices

    def _learnt(self, left: Floats) -> Floats:
        return self._values + self._features(left) @ self._shared

    def _features(self, left: Floats) -> Floats:
        """(choices, values, 5): how strong a value is, alone and by place and what is left to save; how noisy it is."""
        strength, noise = self._strength, np.log10(np.clip(self._noise, 1e-6, 1.0)) / 6.0 + 1.0
        depth = self._depth[:, None]
        return np.stack([strength, strength * depth, strength * left[0], strength * left[1], noise], axis=2)

    def _temperature(self, aim: Floats) -> float:
        """In noise: chance may add so much in all, over the least noise that saves as much."""
        return max(EXPLORING * self._least_noise(aim) / max(len(self._noise), 1), LEAST_TEMPERATURE)

    def _least_noise(self, aim: Floats) -> float:
        """That comes with saving so much of each cost, were noises to add up: no mix of both is saved with less."""
        return max(
            float(np.exp(np.interp(float(mix @ aim), saved, np.log(noise)))) for mix, saved, noise in self._ladders
        )

    def _made_ladders(self) -> Sequence[tuple[Floats, Floats, Floats]]:
        """For each mix of the costs: shares of it saved, rising, and the least noise that they come with."""
        noise, each = np.where(self._there, self._noise, np.inf), np.arange(len(self._noise))
        ladders = []
        for mix in map(np.array, MIXES):
            mixed, points = self._saved @ mix, []
            for price in np.logspace(-6, 2, 65):
                chosen = np.argmin(noise - price * mixed, axis=1)
                points.append((mixed[each, chosen].sum(), max(self._noise[each, chosen].sum(), 1e-6)))
            saved, least = np.array(points).T
            ladders.append((mix, np.maximum.accumulate(saved), np.maximum.accumulate(least)))
        return ladders

    def _known(self, costs: Floats) -> Floats:
        """What the baseline goes by."""
        share = np.clip(costs / np.maximum(self.costs, 1e-12), 1e-3, 1.0)
        return np.array([1.0, *np.log(share), np.log(self._least_noise(1.0 - share))])

    def _advantage(self, known: Floats, reward: float) -> float:
        """By how many deviations a candidate is better than candidates of such costs were."""
        if len(self._seen) < FIRST:
            return 0.0
        table, rewards = np.array([one for one, _ in self._seen]), np.array([one for _, one in self._seen])
        near = np.exp(-0.5 * np.square((table - known)[:, 1:3] / NEAR).sum(axis=1))
        weighed = table.T * near
        weights = np.linalg.solve(weighed @ table + RIDGE * np.eye(len(known)), weighed @ rewards)
        off = np.square(rewards - table @ weights)
        spread = max(float(np.sqrt((near @ off) / max(near.sum(), 1e-9))), LEAST_SPREAD)
        return float(np.clip((reward - known @ weights) / spread, -2.0, 2.0))


def _entropy_slope(chances: Floats) -> Floats:
    """By the logits."""
    logs = np.log(np.maximum(chances, 1e-12))
    slope: Floats = -chances * (logs - float(chances @ logs))
    return slope


def _softmax(logits: Floats) -> Floats:
    weights = np.exp(logits - logits.max())
    chances: Floats = weights / weights.sum()
    return chances


def _padded(rows: Sequence[Floats]) -> Floats:
    wide = np.zeros((len(rows), max((len(one) for one in rows), default=1)))
    for place, row in enumerate(rows):
        wide[place, : len(row)] = row
    return wide
