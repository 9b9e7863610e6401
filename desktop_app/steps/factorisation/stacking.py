"""A large kernel as several small ones that minimise an `Objective`: the numbers, without a graph.

What kernels give one after another is a convolution of them, linear in each. So they are fitted in turns, the others
held fixed, which never makes the error of the outputs larger. The start is no random one: the first kernels are the
directions that the windows of the large kernel need most, by what the layer reads.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from math import prod

import numpy as np

from desktop_app.core.stack import Stack
from desktop_app.steps.factorisation.objective import Objective, descend, falling, solve
from desktop_app.steps.factorisation.whitened import Approximation

SWEEPS, FEW_SWEEPS = 12, 4
"""Turns of the fit; of a large layer, where each takes seconds."""

LARGE = 1200
"""Inputs of one output from which a layer is large."""

STEPS = 6
"""Of conjugate gradients in each turn."""

FIRST_LEAP, LAST_LEAP = 2.0, 64.0
"""How far to go on in the direction of a turn (Harshman, 1970), twice as far after each success."""

RIDGE = 1e-6
"""Kernels may grow against each other."""


def stack_kernels(objective: Objective, stack: Stack, width: int, sweeps: int | None = None) -> Approximation:
    """The kernels (outputs, inputs, extents ...) with so many channels between them that so many turns find.

    As many turns as are worth it where `sweeps` is None.
    """
    if sweeps is None:
        sweeps = SWEEPS if objective.best.shape[1] <= LARGE else FEW_SWEEPS
    fit = _Fit(objective, stack)
    links = fit.start(width)
    leap = FIRST_LEAP
    for _ in range(sweeps):
        before = [*links]
        for place in range(len(links) - 1):
            links[place] = fit.improved(links, place)
            _even_out(links, place)
        links[-1] = fit.last(links)
        further = fit.further(before, links, leap)
        leap = FIRST_LEAP if further is None else min(2 * leap, LAST_LEAP)
        links = links if further is None else further
    fit.balance(links)
    return Approximation(tuple(links), fit.dense(links).reshape(len(links[-1]), -1))


Place = tuple[int | slice, ...]


class _Fit:
    """The chain of one layer. The kernels behind the first move over its results, `strides` apart."""

    def __init__(self, objective: Objective, stack: Stack) -> None:
        self._objective, self._stack = objective, stack
        self._inputs = objective.best.shape[1] // prod(stack.whole)
        self._ones = (1,) * len(stack.strides)

    def start(self, width: int) -> list[np.ndarray]:
        """Kernel after kernel: the directions that what comes behind needs most, and that as well as can be."""
        stack = self._stack
        left, links, steps = self._objective, [], stack.strides
        inputs, whole = self._inputs, stack.whole
        for link, extents in enumerate(stack.extents[:-1]):
            rest = stack.behind(link)
            lower = _directions(left, inputs, whole, (extents, rest, steps), width)
            features = _placed(lower, rest, whole, steps)
            half = left.times(features)
            moments = half @ features.T
            moments = (moments + moments.T) / 2
            left = Objective(solve(moments, half @ left.best.T, RIDGE).T, moments)
            links.append(lower)
            inputs, whole, steps = len(lower), rest, self._ones
        return [*links, left.best.reshape(-1, inputs, *whole)]

    def improved(self, links: Sequence[np.ndarray], place: int) -> np.ndarray:
        """A better kernel in one place."""
        link, upper = links[place], reduce(lambda before, one: compose(one, before, self._ones), links[place + 1 :])
        lower = self.dense(links[:place]) if place else None
        step = self._ones if place else self._stack.strides
        extents = link.shape[2:]
        inside = tuple(s * (u - 1) + e for s, u, e in zip(step, upper.shape[2:], extents, strict=True))

        def apply(one: np.ndarray) -> np.ndarray:
            dense = compose(upper, one, step)
            dense = dense if lower is None else compose(dense, lower, self._stack.strides)
            return back(self._objective.times(dense.reshape(len(dense), -1)))

        def back(flat: np.ndarray) -> np.ndarray:
            dense = flat.reshape(len(flat), self._inputs, *self._stack.whole)
            if lower is not None:
                dense = onto_upper(dense, lower, inside, self._stack.strides)
            return onto_lower(upper, dense, extents, step)

        across = np.einsum("oa...,ob...->ab", upper, upper, optimize=True)
        left, moments = _inverse(across), self._moments(lower, extents, upper.shape[2:])
        right = None if moments is None else _inverse(moments)

        def precondition(residual: np.ndarray) -> np.ndarray:
            flat: np.ndarray = left @ residual.reshape(len(residual), -1)
            return (flat if right is None else flat @ right).reshape(residual.shape)

        return descend(apply, back(self._objective.cross), link, precondition, STEPS)

    def last(self, links: Sequence[np.ndarray]) -> np.ndarray:
        """The best last kernel behind the others."""
        extents = links[-1].shape[2:]
        features = _placed(self.dense(links[:-1]), extents, self._stack.whole, self._stack.strides)
        half = self._objective.times(features)
        size = np.sqrt(np.maximum(np.sum(half * features, axis=1), 1e-100))
        moments = half @ features.T / np.outer(size, size)
        found: np.ndarray = solve(moments, half @ self._objective.best.T / size[:, None], RIDGE).T / size
        return found.reshape(len(found), -1, *extents)

    def further(
        self, before: Sequence[np.ndarray], links: Sequence[np.ndarray], leap: float
    ) -> list[np.ndarray] | None:
        """Kernels some way on in the direction of the last turn, which crawls along valleys; None if no better."""
        ahead = [now + leap * (now - then) for then, now in zip(before[:-1], links[:-1], strict=True)]
        ahead.append(self.last([*ahead, links[-1]]))
        return ahead if self.error(ahead) < self.error(links) else None

    def error(self, links: Sequence[np.ndarray]) -> float:
        """What is left."""
        return self._objective.error(self.dense(links).reshape(len(links[-1]), -1))

    def dense(self, links: Sequence[np.ndarray]) -> np.ndarray:
        """The kernel that the first of them are together."""
        return reduce(lambda before, one: compose(one, before, self._stack.strides), links)

    def balance(self, links: list[np.ndarray]) -> None:
        """Lets what is between be equally large in all channels, as few bits need it."""
        for place in range(len(links) - 1):
            features = _centred(self.dense(links[: place + 1]), self._stack.whole).reshape(len(links[place]), -1)
            strength = np.sqrt(np.maximum(np.sum(self._objective.times(features) * features, axis=1), 0.0))
            strength[strength <= 1e-9 * max(strength.max(initial=0.0), 1e-100)] = 1.0
            _scale(links, place, strength)

    def _moments(
        self, lower: np.ndarray | None, extents: tuple[int, ...], behind: tuple[int, ...]
    ) -> np.ndarray | None:
        """Second moments of what a kernel in the middle of the large one reads; None stands for the identity."""
        strides, whole, gram = self._stack.strides, self._stack.whole, self._objective.gram
        offset = tuple(s * ((u - 1) // 2) for s, u in zip(strides, behind, strict=True))
        if lower is None:
            spans = (slice(o, o + e) for o, e in zip(offset, extents, strict=True))
            places = np.arange(self._inputs * prod(whole)).reshape(self._inputs, *whole)[(slice(None), *spans)].ravel()
            return None if gram is None else gram[np.ix_(places, places)]
        inside = tuple(s * (e - 1) + size for s, e, size in zip(strides, extents, lower.shape[2:], strict=True))
        features = _placed(lower, extents, inside, strides).reshape(-1, self._inputs, *inside)
        flat = _within(features, whole, offset).reshape(len(features), -1)
        moments: np.ndarray = self._objective.times(flat) @ flat.T
        return moments


def compose(upper: np.ndarray, lower: np.ndarray, step: tuple[int, ...]) -> np.ndarray:
    """The kernel of two convolutions one after the other, (outputs, inputs, extents ...).

    Taps of the upper one are `step` taps of the lower one apart.
    """
    extents = tuple(s * (u - 1) + e for s, u, e in zip(step, upper.shape[2:], lower.shape[2:], strict=True))
    whole = np.zeros((len(upper), lower.shape[1], *extents))
    flat = lower.reshape(len(lower), -1)
    for tap, under in _windows(upper.shape[2:], lower.shape[2:], step):
        whole[under] += (upper[tap] @ flat).reshape(len(upper), *lower.shape[1:])
    return whole


def onto_lower(upper: np.ndarray, whole: np.ndarray, extents: tuple[int, ...], step: tuple[int, ...]) -> np.ndarray:
    """What a change of the whole asks of the lower one: the adjoint of `compose`."""
    found = np.zeros((upper.shape[1], whole.shape[1], *extents))
    for tap, under in _windows(upper.shape[2:], extents, step):
        part = whole[under]
        found += (upper[tap].T @ part.reshape(len(part), -1)).reshape(found.shape)
    return found


def onto_upper(whole: np.ndarray, lower: np.ndarray, extents: tuple[int, ...], step: tuple[int, ...]) -> np.ndarray:
    """What a change of the whole asks of the upper one."""
    found = np.zeros((len(whole), len(lower), *extents))
    flat = lower.reshape(len(lower), -1)
    for tap, under in _windows(extents, lower.shape[2:], step):
        found[tap] = whole[under].reshape(len(whole), -1) @ flat.T
    return found


def _windows(upper: tuple[int, ...], lower: tuple[int, ...], step: tuple[int, ...]) -> Iterator[tuple[Place, Place]]:
    """Where every tap of the upper kernel stands in it, and what it covers of the whole."""
    for tap in np.ndindex(*upper):
        spans = (slice(s * t, s * t + e) for s, t, e in zip(step, tap, lower, strict=True))
        yield (slice(None), slice(None), *tap), (slice(None), slice(None), *spans)


def _placed(lower: np.ndarray, extents: tuple[int, ...], whole: tuple[int, ...], step: tuple[int, ...]) -> np.ndarray:
    """The rows by which an upper kernel makes the whole: (channels * taps, inputs * whole)."""
    rows = np.zeros((len(lower), prod(extents), lower.shape[1], *whole))
    for number, (_, under) in enumerate(_windows(extents, lower.shape[2:], step)):
        rows[:, number][under] = lower
    return rows.reshape(len(lower) * prod(extents), -1)


def _directions(
    objective: Objective,
    inputs: int,
    whole: tuple[int, ...],
    window: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
    width: int,
) -> np.ndarray:
    """So many kernels that tell most of what the windows of the whole one take from what they read.

    `window` are its extents, how many there are along each axis, and how far apart.
    """
    extents, count, step = window
    best = objective.best.reshape(-1, inputs, *whole)
    numbers = np.arange(inputs * prod(whole)).reshape(1, inputs, *whole)
    windows = [under for _, under in _windows(count, extents, step)]
    parts = np.concatenate([best[under].reshape(len(best), -1) for under in windows])
    back = np.eye(parts.shape[1])
    if objective.gram is not None:
        moments = sum(objective.gram[np.ix_(places, places)] for places in (numbers[one].ravel() for one in windows))
        values, vectors = falling(np.asarray(moments))
        roots = np.sqrt(values + 1e-9 * max(values.mean(), 1e-100))
        parts, back = parts @ (vectors * roots), (vectors / roots).T
    _, directions = falling(parts.T @ parts)
    found: np.ndarray = directions[:, :width].T @ back
    return found.reshape(-1, inputs, *extents)


def _centred(kernels: np.ndarray, whole: tuple[int, ...]) -> np.ndarray:
    return _within(kernels, whole, tuple((w - e) // 2 for w, e in zip(whole, kernels.shape[2:], strict=True)))


def _within(kernels: np.ndarray, whole: tuple[int, ...], offset: tuple[int, ...]) -> np.ndarray:
    """Kernels somewhere in a larger extent, zero elsewhere."""
    found = np.zeros((*kernels.shape[:2], *whole))
    spans = (slice(o, o + e) for o, e in zip(offset, kernels.shape[2:], strict=True))
    found[(slice(None), slice(None), *spans)] = kernels
    return found


def _even_out(links: list[np.ndarray], place: int) -> None:
    """Kernels of length 1: else some would grow while what reads them shrinks."""
    length = np.sqrt(np.square(links[place]).reshape(len(links[place]), -1).sum(axis=1))
    _scale(links, place, np.maximum(length, 1e-100))


def _scale(links: list[np.ndarray], place: int, strength: np.ndarray) -> None:
    """Takes a factor of each channel from a kernel into the one that reads it."""
    spare = (1,) * (links[place].ndim - 2)
    links[place] = links[place] / strength.reshape(-1, 1, *spare)
    links[place + 1] = links[place + 1] * strength.reshape(1, -1, *spare)


def _inverse(symmetric: np.ndarray) -> np.ndarray:
    scale = max(float(np.trace(symmetric)) / len(symmetric), 1e-100)
    found: np.ndarray = np.linalg.inv((symmetric + symmetric.T) / 2 + 1e-6 * scale * np.eye(len(symmetric)))
    return found
