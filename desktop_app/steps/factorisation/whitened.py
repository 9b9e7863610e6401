"""Factors of a weight that minimise an `Objective`: the numbers, without a graph.

All kinds but "channel" have a first link that works on one part of what the weight multiplies (the channels, or the
channels with the kernel's height), and links behind it; they are fitted in turns, the others held fixed, which never
makes the error larger. Zhang et al., "Accelerating Very Deep Convolutional Networks" (2015), for the outputs; Jaderberg
et al. (2014), Kim et al. (2016) and Lebedev et al. (2015) for the other kinds, here with the error of the layer's
outputs in the place of the weight's.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from desktop_app.core.rank import FactorKind
from desktop_app.steps.factorisation.objective import Objective, descend, falling, solve

SWEEPS = 6
"""Turns of the final fit."""

CP_SWEEPS = 16
"""Likewise; a sum of separable kernels is approached more slowly."""

STEPS = 6
"""Of conjugate gradients in each turn."""

CP_RIDGE = 1e-6
"""Components of a CP decomposition may grow against each other without end (de Silva and Lim, 2008)."""


@dataclass(frozen=True)
class Approximation:
    """Links in the order of execution, each (outputs, inputs, kernel ...), and the weight that they stand for.

    Attributes:
        links: Without the kernel's axes where the layer is a matrix.
        dense: Their product, (outputs, unknowns).
    """

    links: tuple[np.ndarray, ...]
    dense: np.ndarray


def approximate(
    objective: Objective, kernel: tuple[int, ...], kind: FactorKind, ranks: tuple[int, ...], sweeps: int = 0
) -> Approximation:
    """The best factors that so many turns find.

    Args:
        objective: Its unknowns are (inputs, kernel ...).
        kernel: Spatial extents; empty for a matrix.
        kind: Which factorisation.
        ranks: As in `Factor`.
        sweeps: How often each link is fitted; 0 stands for as often as is worth it.
    """
    sweeps = sweeps or (CP_SWEEPS if kind == "cp" else SWEEPS)
    inputs = objective.best.shape[1] // prod(kernel)
    if kind in ("svd", "channel"):
        return _by_outputs(objective, inputs, kernel, ranks[0])
    if kind == "spatial":
        return _spatial(objective, inputs, kernel, ranks[0], sweeps)
    if kind == "tucker2":
        return _tucker(objective, inputs, kernel, (ranks[0], ranks[-1]), sweeps)
    return _cp(objective, inputs, kernel, ranks[0], sweeps)


def tucker_errors(objective: Objective, kernel: tuple[int, ...], first: int) -> np.ndarray:
    """Error of Tucker-2 with that first rank, for every second rank from 0 on; without turns."""
    split = _Split(objective, prod(kernel))
    upper, gram = split.upper(split.start(first))
    energies, _ = falling(upper @ gram @ upper.T)
    lost = objective.energy - float(energies.sum())
    errors: np.ndarray = max(lost, 0.0) + np.append(np.cumsum(energies[::-1])[::-1], 0.0)
    return errors


def _by_outputs(objective: Objective, inputs: int, kernel: tuple[int, ...], rank: int) -> Approximation:
    """The outputs projected on the directions with most energy: the exact optimum."""
    up = objective.spectrum[1][:, :rank]
    if up.shape[1] < rank:
        up = np.pad(up, ((0, 0), (0, rank - up.shape[1])))
    down, up = _balanced(up.T @ objective.best, up, objective)
    links = (down.reshape(rank, inputs, *kernel), _pointwise(up, kernel))
    return Approximation(links, up @ down)


def _spatial(objective: Objective, inputs: int, kernel: tuple[int, ...], rank: int, sweeps: int) -> Approximation:
    """Height, then width: the second link is a matrix on the first's outputs at `width` places."""
    height, width = kernel
    split = _Split(objective, width)
    lower = split.start(rank)
    upper, _ = split.upper(lower)
    for _ in range(sweeps - 1):
        lower = split.improved(lower, upper)
        upper, _ = split.upper(lower)
    lower, upper = split.balanced(lower, upper)
    links = (lower.reshape(rank, inputs, height, 1), upper.reshape(-1, rank, 1, width))
    return Approximation(links, split.dense(upper, lower))


def _tucker(
    objective: Objective, inputs: int, kernel: tuple[int, ...], ranks: tuple[int, int], sweeps: int
) -> Approximation:
    """1 x 1 down, and on its outputs the best matrix of the second rank."""
    split = _Split(objective, prod(kernel))
    lower = split.start(ranks[0])
    up, core = split.truncated(lower, ranks[1])
    for _ in range(sweeps - 1):
        lower = split.improved(lower, up @ core)
        up, core = split.truncated(lower, ranks[1])
    lower, core = split.balanced(lower, core)
    core, up = _balanced(core, up, Objective(core, split.upper(lower)[1]))
    links = (_pointwise(lower, kernel), core.reshape(ranks[1], ranks[0], *kernel), _pointwise(up, kernel))
    return Approximation(links, split.dense(up @ core, lower))


def _cp(objective: Objective, inputs: int, kernel: tuple[int, ...], rank: int, sweeps: int) -> Approximation:
    """A sum of products of one vector each for outputs, inputs and kernel, each fitted in its turn."""
    places = prod(kernel)
    split = _Split(objective, places)
    lower, taps = _single_channels(objective, inputs, places, rank)
    for sweep in range(sweeps):
        up = _cp_up(objective, lower, taps)
        if sweep == sweeps - 1:
            break
        taps = _cp_taps(objective, up, lower, taps)
        lower = split.improved(lower, _cp_upper(_cp_up(objective, lower, taps), taps))
    strength = np.sqrt(np.maximum(np.einsum("am,mn,an->a", lower, split.gram, lower), 1e-100))
    width = np.maximum(np.linalg.norm(taps, axis=1), 1e-100)
    lower, taps, up = lower / strength[:, None], taps / width[:, None], up * strength * width
    links = (_pointwise(lower, kernel), taps.reshape(rank, 1, *kernel), _pointwise(up, kernel))
    return Approximation(links, split.dense(_cp_upper(up, taps), lower))


class _Split:
    """A weight whose unknowns are (first, places): a link on `first`, and an upper matrix on (its outputs, places)."""

    def __init__(self, objective: Objective, places: int) -> None:
        self._objective = objective
        self._places = places
        self._first = objective.best.shape[1] // places
        self.gram = np.eye(self._first)
        if objective.gram is not None:
            blocks = objective.gram.reshape(self._first, places, self._first, places)
            self.gram = np.einsum("mpnp->mn", blocks) / places
        self._inverse = np.linalg.inv(self.gram + 1e-9 * np.trace(self.gram) / self._first * np.eye(self._first))

    def start(self, rank: int) -> np.ndarray:
        """The directions of the first part that matter most, as if places did not depend on each other."""
        values, vectors = falling(self.gram)
        roots = np.sqrt(values + 1e-9 * values.mean())
        best = self._objective.best.reshape(-1, self._first, self._places)
        weighed = np.einsum("omp,mn->nop", best, (vectors * roots) @ vectors.T, optimize=True)
        weighed = weighed.reshape(self._first, -1)
        _, directions = falling(weighed @ weighed.T)
        lower: np.ndarray = directions[:, :rank].T @ ((vectors / roots) @ vectors.T)
        return lower

    def upper(self, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best matrix (outputs, rank * places) on what `lower` gives, and the second moments of that."""
        wide, first, places = len(lower) * self._places, self._first, self._places
        gram = self._objective.gram
        if gram is None:
            half = np.kron(lower, np.eye(places)).reshape(wide, first, places)
        else:
            half = (lower @ gram.reshape(first, -1)).reshape(wide, first, places)
        moments = np.einsum("kmq,bm->kbq", half, lower, optimize=True).reshape(wide, wide)
        moments = (moments + moments.T) / 2
        cross = half.reshape(wide, -1) @ self._objective.best.T
        return solve(moments, cross).T, moments

    def truncated(self, lower: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
        """The best such matrix of a rank, as (outputs, rank) and (rank, rank of the lower * places)."""
        upper, moments = self.upper(lower)
        _, directions = falling(upper @ moments @ upper.T)
        up = directions[:, :rank]
        return up, up.T @ upper

    def improved(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """A better first link for that upper matrix."""
        rank, places = len(lower), self._places
        blocks = upper.reshape(len(upper), rank, places)
        across = np.einsum("oap,obp->ab", blocks, blocks, optimize=True)
        inverse = np.linalg.inv(across + 1e-9 * max(np.trace(across) / rank, 1e-100) * np.eye(rank))

        def back(dense: np.ndarray) -> np.ndarray:
            shaped = dense.reshape(len(dense), self._first, places)
            summed: np.ndarray = np.einsum("oap,omp->am", blocks, shaped, optimize=True)
            return summed

        return descend(
            lambda link: back(self._objective.times(self.dense(upper, link))),
            back(self._objective.cross),
            lower,
            lambda residual: inverse @ residual @ self._inverse,
            STEPS,
        )

    def dense(self, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """The weight that both make, (outputs, unknowns)."""
        blocks = upper.reshape(len(upper), len(lower), self._places)
        whole: np.ndarray = np.einsum("oap,am->omp", blocks, lower, optimize=True)
        return whole.reshape(len(upper), -1)

    def balanced(self, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same with outputs of the first link that are equally large, as few bits need them."""
        strength = np.sqrt(np.maximum(np.einsum("am,mn,an->a", lower, self.gram, lower), 1e-100))
        return lower / strength[:, None], upper * np.repeat(strength, self._places)


def _single_channels(objective: Objective, inputs: int, places: int, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a CP decomposition starts: the strongest kernels of single input channels, and which channels those are."""
    blocks = np.broadcast_to(np.eye(places), (inputs, places, places))
    if objective.gram is not None:
        blocks = np.einsum("mpmq->mpq", objective.gram.reshape(inputs, places, inputs, places))
    values, vectors = np.linalg.eigh(blocks)
    roots = np.sqrt(np.maximum(values, 0.0) + 1e-9 * np.maximum(values.mean(axis=1, keepdims=True), 1e-100))
    best = objective.best.reshape(-1, inputs, places).transpose(1, 0, 2)
    _, strengths, right = np.linalg.svd(best @ (vectors * roots[:, None]), full_matrices=False)
    kernels = right @ (vectors / roots[:, None]).transpose(0, 2, 1)
    count = strengths.shape[1]
    order = np.argsort(-strengths.ravel(), kind="stable")[:rank]
    channel, number = np.divmod(np.resize(order, rank), count)
    taps = kernels[channel, number]
    if len(order) < rank:
        taps = taps + 1e-3 * np.abs(taps).mean() * np.random.default_rng(0).standard_normal(taps.shape)
    return np.eye(inputs)[channel], taps


def _cp_up(objective: Objective, lower: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """The best last link, (outputs, rank)."""
    features = (lower[:, :, None] * taps[:, None, :]).reshape(len(lower), -1)
    half = objective.times(features)
    size = np.sqrt(np.maximum(np.sum(half * features, axis=1), 1e-100))
    moments = half @ features.T / np.outer(size, size)
    up: np.ndarray = solve(moments, half @ objective.best.T / size[:, None], CP_RIDGE).T / size
    return up


def _cp_taps(objective: Objective, up: np.ndarray, lower: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Better kernels, (rank, places)."""
    rank, inputs = lower.shape
    places = taps.shape[1]
    own = np.sum(np.square(lower), axis=1)[:, None, None] * np.eye(places)
    if objective.gram is not None:
        half = (lower @ objective.gram.reshape(inputs, -1)).reshape(rank, places, inputs, places)
        own = np.einsum("apnq,an->apq", half, lower, optimize=True)
    own = own * np.maximum(np.sum(np.square(up), axis=0), 1e-100)[:, None, None]
    sizes = np.maximum(np.trace(own, axis1=1, axis2=2) / places, 1e-100)
    inverse = np.linalg.inv(own + 1e-9 * sizes[:, None, None] * np.eye(places))

    def back(dense: np.ndarray) -> np.ndarray:
        shaped = (up.T @ dense).reshape(rank, inputs, places)
        summed: np.ndarray = np.einsum("am,amp->ap", lower, shaped)
        return summed

    def apply(kernels: np.ndarray) -> np.ndarray:
        dense = up @ (lower[:, :, None] * kernels[:, None, :]).reshape(rank, -1)
        return back(objective.times(dense))

    return descend(
        apply, back(objective.cross), taps, lambda residual: np.einsum("apq,aq->ap", inverse, residual), STEPS
    )


def _cp_upper(up: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """The last two links of a CP decomposition as one matrix, (outputs, rank * places)."""
    upper: np.ndarray = (up[:, :, None] * taps[None]).reshape(len(up), -1)
    return upper


def _balanced(down: np.ndarray, up: np.ndarray, inputs: Objective) -> tuple[np.ndarray, np.ndarray]:
    """The same product with a first matrix whose outputs are equally large."""
    strength = np.sqrt(np.maximum(np.sum(inputs.times(down) * down, axis=1), 0.0))
    strength[strength <= 1e-9 * max(strength.max(initial=0.0), 1e-100)] = 1.0
    return down / strength[:, None], up * strength


def _pointwise(matrix: np.ndarray, kernel: tuple[int, ...]) -> np.ndarray:
    """A matrix as the weight of a 1 x 1 convolution, if the layer is one."""
    return matrix.reshape(*matrix.shape, *([1] * len(kernel)))
