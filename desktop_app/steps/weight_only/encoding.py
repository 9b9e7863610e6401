"""A weight brought into a form: rounded, with what its layer's output loses by it."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from desktop_app.core.settings import ON_INTEGERS
from desktop_app.steps.rounding.gptq import round_rows
from desktop_app.steps.rounding.levels import Levels
from desktop_app.steps.rounding.limits import Pinned
from desktop_app.steps.rounding.moments import damped, error_of
from desktop_app.steps.rounding.polish import polish
from desktop_app.steps.rounding.scales import Scales, refit, search
from desktop_app.steps.weight_only.forms import Form

DECIBELS_PER_BIT = 6.02

FEW_SCALES = 32
"""So few are stored as they are: the node that widens them would take more than they do in half precision."""


@dataclass(frozen=True)
class Reads:
    """What a layer reads, as far as rounding goes.

    Attributes:
        moments: Second moments (groups, inputs, inputs), centred where a bias can take up a change of the mean.
        mean: (groups, inputs).
        known: Whether they come from data; else every input counts alike.
    """

    moments: np.ndarray
    mean: np.ndarray
    known: bool

    @classmethod
    def nothing(cls, inputs: int) -> "Reads":
        """What is assumed without data."""
        return cls(np.eye(inputs)[None], np.zeros((1, inputs)), known=False)


@dataclass(frozen=True)
class Encoded:
    """A rounded weight.

    Attributes:
        form: Its form.
        integers: int8 (outputs, inputs).
        scales: (outputs, blocks) each.
        noise: Share of the output's energy that is error.
        bytes: What it occupies.
    """

    form: Form
    integers: np.ndarray
    scales: Scales
    noise: float
    bytes: int

    @property
    def values(self) -> np.ndarray:
        """The weights that it stands for, (outputs, inputs)."""
        return self.scales.levels(self.integers.shape[1]).values(self.integers.astype(np.float64))

    @property
    def decibel(self) -> float:
        """Signal to noise, at most 200."""
        return -10.0 * float(np.log10(max(self.noise, 1e-20)))


def encode(rows: np.ndarray, reads: Reads, form: Form, *, against_inputs: bool) -> Encoded:
    """Rounds rows (outputs, inputs); weights that are exactly zero stay so.

    Args:
        rows: Finite float weights.
        reads: What the layer reads.
        form: The form to bring them into.
        against_inputs: Whether to round against the inputs (GPTQ) instead of to the nearest.
    """
    inputs = rows.shape[1]
    grouped = rows.reshape(len(reads.moments), -1, inputs).astype(np.float64)
    regular = damped(reads.moments)
    scales = _scales(rows, form, _importance(regular, grouped.shape))
    if against_inputs:
        integers, scales = _against_inputs(grouped, reads.moments, regular, scales)
    else:
        integers = scales.levels(inputs).nearest(rows).reshape(grouped.shape)
    flat = integers.reshape(rows.shape).astype(np.int8)
    difference = (rows - scales.levels(inputs).values(flat.astype(np.float64))).reshape(grouped.shape)
    signal = float(error_of(grouped, reads.moments).sum())
    noise = float(error_of(difference, reads.moments).sum()) / max(signal, 1e-30)
    return Encoded(form, flat, scales, noise, _bytes(flat.size, scales, form))


def _importance(moments: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    energy = np.diagonal(moments, axis1=1, axis2=2)[:, None, :]
    return np.broadcast_to(energy, shape).reshape(-1, shape[2])


def _scales(rows: np.ndarray, form: Form, importance: np.ndarray) -> Scales:
    """Symmetric, unless zero points gain more than the bits that they take would."""
    low, high = -(1 << form.bits - 1), (1 << form.bits - 1) - 1
    half = rows.size // form.block > FEW_SCALES
    even = search(rows, form.block, low, high, importance, asymmetric=False, half=half)
    if form.bits in ON_INTEGERS:
        return even
    uneven = search(rows, form.block, low, high, importance, asymmetric=True, half=half)
    bits = 8.0 / form.block
    gained = _plain_error(rows, even, importance) / max(_plain_error(rows, uneven, importance), 1e-300)
    return uneven if 10 * np.log10(max(gained, 1e-30)) > bits * DECIBELS_PER_BIT else even


def _plain_error(rows: np.ndarray, scales: Scales, importance: np.ndarray) -> float:
    levels = scales.levels(rows.shape[1])
    return float((importance * np.square(levels.values(levels.nearest(rows)) - rows)).sum())


def _against_inputs(
    rows: np.ndarray, moments: np.ndarray, regular: np.ndarray, scales: Scales
) -> tuple[np.ndarray, Scales]:
    """Rounded, scales refitted to the integers, and the integers polished for the new scales."""
    levels = _grouped(scales, rows.shape)
    zeros = rows == 0
    limits = [Pinned(zeros, levels.zero)] if zeros.any() else []
    integers = round_rows(rows, moments, levels, limits=limits)
    scales = refit(rows, regular, scales, integers)
    return polish(rows, regular, _grouped(scales, rows.shape), integers, limits, 1), scales


def _grouped(scales: Scales, shape: tuple[int, ...]) -> Levels:
    levels = scales.levels(shape[2])
    return replace(levels, scale=levels.scale.reshape(shape), zero=levels.zero.reshape(shape))


def _bytes(weights: int, scales: Scales, form: Form) -> int:
    zeros = scales.zero.size if scales.zero.any() else 0
    return ceil(weights * form.bits / 8) + scales.scale.size * scales.dtype.itemsize + zeros
