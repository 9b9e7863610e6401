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
from desktop_app.steps.factorisation.objective import Objective, falling
from desktop_app.steps.factorisation.separable import as_upper, depthwise_factors, separable_factors
from desktop_app.steps.factorisation.split import Split

SWEEPS = 6
"""Turns of the final fit."""

CP_SWEEPS = 16
"""Likewise; a sum of separable kernels is approached more slowly."""


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
    sweeps = sweeps or (CP_SWEEPS if kind in ("cp", "separable") else SWEEPS)
    inputs = objective.best.shape[1] // prod(kernel)
    if kind in ("svd", "channel"):
        return _by_outputs(objective, inputs, kernel, ranks[0])
    if kind == "spatial":
        return _spatial(objective, inputs, kernel, ranks[0], sweeps)
    if kind == "tucker2":
        return _tucker(objective, inputs, kernel, (ranks[0], ranks[-1]), sweeps)
    if kind == "separable":
        return _depthwise(objective, inputs, kernel, ranks[0], sweeps)
    return _cp(objective, inputs, kernel, ranks[0], sweeps)


def tucker_errors(objective: Objective, kernel: tuple[int, ...], first: int) -> np.ndarray:
    """Error of Tucker-2 with that first rank, for every second rank from 0 on; without turns."""
    split = Split(objective, prod(kernel))
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
    split = Split(objective, width)
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
    split = Split(objective, prod(kernel))
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
    """1 x 1 down, the kernel on each channel by itself, 1 x 1 up."""
    lower, taps, up = separable_factors(objective, inputs, prod(kernel), rank, sweeps)
    links = (_pointwise(lower, kernel), taps.reshape(rank, 1, *kernel), _pointwise(up, kernel))
    return Approximation(links, Split(objective, prod(kernel)).dense(as_upper(up, taps), lower))


def _depthwise(objective: Objective, inputs: int, kernel: tuple[int, ...], rank: int, sweeps: int) -> Approximation:
    """The kernel on each channel by itself, as often as the rank is a multiple of the channels, and 1 x 1.

    All channels come once before any comes again, as when they are laid side by side so many times.
    """
    taps, up = depthwise_factors(objective, inputs, prod(kernel), rank // inputs, sweeps)
    dense = up[:, :, None] * taps[None]
    summed = dense.reshape(len(up), inputs, rank // inputs, prod(kernel)).sum(axis=2)
    in_turns = np.arange(rank).reshape(inputs, -1).T.ravel()
    links = (taps[in_turns].reshape(rank, 1, *kernel), _pointwise(up[:, in_turns], kernel))
    return Approximation(links, summed.reshape(len(up), -1))


def _balanced(down: np.ndarray, up: np.ndarray, inputs: Objective) -> tuple[np.ndarray, np.ndarray]:
    """The same product with a first matrix whose outputs are equally large."""
    strength = np.sqrt(np.maximum(np.sum(inputs.times(down) * down, axis=1), 0.0))
    strength[strength <= 1e-9 * max(strength.max(initial=0.0), 1e-100)] = 1.0
    return down / strength[:, None], up * strength


def _pointwise(matrix: np.ndarray, kernel: tuple[int, ...]) -> np.ndarray:
    """A matrix as the weight of a 1 x 1 convolution, if the layer is one."""
    return matrix.reshape(*matrix.shape, *([1] * len(kernel)))
