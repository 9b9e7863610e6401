"""Coordinate descent on integers: each in turn becomes the best that it can be while the others stay."""

from collections.abc import Sequence

import numpy as np

from desktop_app.steps.rounding.levels import Levels
from desktop_app.steps.rounding.limits import Limits, clipped, column, set_column

CHUNK = 64


def polish(
    rows: np.ndarray, moments: np.ndarray, grid: Levels, integers: np.ndarray, limits: Sequence[Limits], sweeps: int
) -> np.ndarray:
    """Integers of no greater error, in at most so many passes over the inputs; stops when none changes.

    Args:
        rows: Weights (groups, outputs, K).
        moments: Positive definite (groups, K, K).
        grid: Its arrays of the weights' shape.
        integers: Where to begin.
        limits: Further constraints, which hold at the beginning.
        sweeps: Passes at most.
    """
    integers = integers.copy()
    for _ in range(sweeps):
        before = integers.copy()
        _sweep(rows, moments, grid, integers, limits)
        if np.array_equal(before, integers):
            break
    return integers


def _sweep(rows: np.ndarray, moments: np.ndarray, grid: Levels, integers: np.ndarray, limits: Sequence[Limits]) -> None:
    """One pass over the inputs, in place. `slope` is half the derivative of the error by the rounded weights."""
    slope = (rows - grid.values(integers)) @ moments
    groups, _, inputs = rows.shape
    for start in range(0, inputs, CHUNK):
        stop = min(start + CHUNK, inputs)
        moved = np.zeros((*rows.shape[:2], stop - start))
        for place in range(start, stop):
            columns = np.full(groups, place)
            now, scale = column(integers, columns), column(grid.scale, columns)
            curve = moments[:, place, place, None]
            wanted = np.rint(now + slope[:, :, place] / (curve * scale))
            chosen = clipped(wanted, grid.low, grid.high, limits, columns, integers)
            set_column(integers, columns, chosen)
            step = (chosen - now) * scale
            slope[:, :, place:stop] -= step[:, :, None] * moments[:, None, place, place:stop]
            moved[:, :, place - start] = step
        slope[:, :, stop:] -= moved @ moments[:, start:stop, stop:]
