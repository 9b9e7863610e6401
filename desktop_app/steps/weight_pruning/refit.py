"""What the weights that stay must be for the layer's outputs to change least: least squares with zeros held."""

import numpy as np

from desktop_app.steps.rounding.moments import error_of

ITERATIONS = 40
GOOD_ENOUGH = 1e-6
"""Stops when the square of the gradient has shrunk so far."""


def refit_kept(
    rows: np.ndarray,
    moments: np.ndarray,
    keep: np.ndarray,
    start: np.ndarray | None = None,
    iterations: int = ITERATIONS,
) -> np.ndarray:
    """Minimises (w - q) moments (w - q)^T for every row over q that are zero where `keep` is not.

    Conjugate gradients, preconditioned by the diagonal, all rows at once: rows differ in what they keep, so that each
    would need a factorisation of its own.

    Args:
        rows: Weights w, (groups, outputs, K).
        moments: Positive definite, (groups, K, K).
        keep: Mask of the rows' shape.
        start: Where to begin, with zeros put in; the weights themselves where None.
        iterations: At most so many.

    Returns:
        q, of no greater error than the start.
    """
    first = np.where(keep, rows if start is None else start, 0.0)
    solution = first.copy()
    scale = 1.0 / np.diagonal(moments, axis1=1, axis2=2)[:, None, :]
    slope = np.where(keep, (rows - solution) @ moments, 0.0)
    direction = slope * scale
    energy = np.sum(slope * direction, axis=2, keepdims=True)
    at_first = energy
    for _ in range(iterations):
        ahead = np.where(keep, direction @ moments, 0.0)
        step = _ratio(energy, np.sum(direction * ahead, axis=2, keepdims=True))
        solution += step * direction
        slope -= step * ahead
        scaled = slope * scale
        before, energy = energy, np.sum(slope * scaled, axis=2, keepdims=True)
        if np.all(energy <= GOOD_ENOUGH * at_first):
            break
        direction = scaled + _ratio(energy, before) * direction
    better = error_of(rows - solution, moments) < error_of(rows - first, moments)
    return np.where(better[..., None], solution, first)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """0 where there is nothing to divide by."""
    ratio: np.ndarray = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 1e-300)
    return ratio
