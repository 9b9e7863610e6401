"""A weight as a sum of separable kernels: one vector each for outputs, inputs and kernel (CP; Lebedev et al., 2015).

Each of the three is fitted in its turn. As for all that is fitted here, what is minimised is the error of the outputs.
"""

import numpy as np

from desktop_app.steps.factorisation.objective import Objective, descend, solve
from desktop_app.steps.factorisation.split import STEPS, Split

CP_RIDGE = 1e-6
"""Components may grow against each other without end (de Silva and Lim, 2008)."""


def separable_factors(
    objective: Objective, inputs: int, places: int, rank: int, sweeps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors for the inputs (rank, inputs), the kernel (rank, places) and the outputs (outputs, rank).

    What the first give is equally large, and the second are of length 1.
    """
    split = Split(objective, places)
    lower, taps = _single_channels(objective, inputs, places, rank)
    for sweep in range(sweeps):
        up = _best_outputs(objective, lower, taps)
        if sweep == sweeps - 1:
            break
        taps = _better_kernels(objective, up, lower, taps)
        lower = split.improved(lower, as_upper(_best_outputs(objective, lower, taps), taps))
    strength = np.sqrt(np.maximum(np.einsum("am,mn,an->a", lower, split.gram, lower), 1e-100))
    width = np.maximum(np.linalg.norm(taps, axis=1), 1e-100)
    return lower / strength[:, None], taps / width[:, None], up * strength * width


def depthwise_factors(
    objective: Objective, inputs: int, places: int, multiplier: int, sweeps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Kernels of single channels (inputs * multiplier, places), and the outputs (outputs, inputs * multiplier).

    What the kernels give is equally large. They start as the strongest ones of their channel.
    """
    lower, taps = _each_channel(objective, inputs, places, multiplier)
    up = _best_outputs(objective, lower, taps)
    for _ in range(sweeps - 1):
        taps = _better_kernels(objective, up, lower, taps)
        up = _best_outputs(objective, lower, taps)
    features = (lower[:, :, None] * taps[:, None, :]).reshape(len(lower), -1)
    strength = np.sqrt(np.maximum(np.sum(objective.times(features) * features, axis=1), 0.0))
    strength[strength <= 1e-9 * max(strength.max(initial=0.0), 1e-100)] = 1.0
    return taps / strength[:, None], up * strength


def as_upper(up: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """The last two links of a CP decomposition as one matrix, (outputs, rank * places)."""
    upper: np.ndarray = (up[:, :, None] * taps[None]).reshape(len(up), -1)
    return upper


def _single_channels(objective: Objective, inputs: int, places: int, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a CP decomposition starts: the strongest kernels of single input channels, and which channels those are."""
    kernels, strengths = _by_strength(objective, inputs, places)
    count = strengths.shape[1]
    order = np.argsort(-strengths.ravel(), kind="stable")[:rank]
    channel, number = np.divmod(np.resize(order, rank), count)
    taps = kernels[channel, number]
    if len(order) < rank:
        taps = _apart(taps)
    return np.eye(inputs)[channel], taps


def _each_channel(objective: Objective, inputs: int, places: int, multiplier: int) -> tuple[np.ndarray, np.ndarray]:
    """So many of the strongest kernels of every input channel, and which channel each is of."""
    kernels, strengths = _by_strength(objective, inputs, places)
    count = strengths.shape[1]
    taps = kernels[:, np.resize(np.arange(count), multiplier)].reshape(inputs * multiplier, places)
    return np.repeat(np.eye(inputs), multiplier, axis=0), taps if multiplier <= count else _apart(taps)


def _apart(taps: np.ndarray) -> np.ndarray:
    """The same with a little noise, by which kernels that are there twice can grow apart."""
    noise = np.random.default_rng(0).standard_normal(taps.shape)
    apart: np.ndarray = taps + 1e-3 * np.abs(taps).mean() * noise
    return apart


def _by_strength(objective: Objective, inputs: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Kernels of every channel by itself, (inputs, any, places), strongest first, and strengths (inputs, any)."""
    blocks = np.broadcast_to(np.eye(places), (inputs, places, places))
    if objective.gram is not None:
        blocks = np.einsum("mpmq->mpq", objective.gram.reshape(inputs, places, inputs, places))
    values, vectors = np.linalg.eigh(blocks)
    roots = np.sqrt(np.maximum(values, 0.0) + 1e-9 * np.maximum(values.mean(axis=1, keepdims=True), 1e-100))
    best = objective.best.reshape(-1, inputs, places).transpose(1, 0, 2)
    _, strengths, right = np.linalg.svd(best @ (vectors * roots[:, None]), full_matrices=False)
    return right @ (vectors / roots[:, None]).transpose(0, 2, 1), strengths


def _best_outputs(objective: Objective, lower: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """The best last link, (outputs, rank)."""
    features = (lower[:, :, None] * taps[:, None, :]).reshape(len(lower), -1)
    half = objective.times(features)
    size = np.sqrt(np.maximum(np.sum(half * features, axis=1), 1e-100))
    moments = half @ features.T / np.outer(size, size)
    up: np.ndarray = solve(moments, half @ objective.best.T / size[:, None], CP_RIDGE).T / size
    return up


def _better_kernels(objective: Objective, up: np.ndarray, lower: np.ndarray, taps: np.ndarray) -> np.ndarray:
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
