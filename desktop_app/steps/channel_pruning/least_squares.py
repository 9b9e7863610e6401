"""Least squares from a stream of rows: normal equations, with ridge towards the weights that are there."""

import numpy as np

RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Tried strengths, as shares of the mean diagonal of the second moments."""


class NormalEquations:
    """Sums of x x^T, x y^T and y^T y over rows, in 64 bits and constant memory."""

    def __init__(self, unknowns: int, targets: int) -> None:
        self.gram = np.zeros((unknowns, unknowns))
        self.cross = np.zeros((unknowns, targets))
        self.square = 0.0
        self.rows = 0

    def add(self, rows: np.ndarray, targets: np.ndarray) -> None:
        """Takes in rows of shape (count, unknowns) and their targets (count, targets)."""
        self.gram += rows.T @ rows
        self.cross += rows.T @ targets
        self.square += float(np.square(targets, dtype=np.float64).sum())
        self.rows += len(rows)

    def __add__(self, other: "NormalEquations") -> "NormalEquations":
        total = NormalEquations(*self.cross.shape)
        total.gram, total.cross = self.gram + other.gram, self.cross + other.cross
        total.square, total.rows = self.square + other.square, self.rows + other.rows
        return total

    def error(self, solution: np.ndarray) -> float:
        """Squared error of `solution` (unknowns, targets), summed over all rows."""
        explained = np.sum(solution * (self.gram @ solution - 2 * self.cross))
        return max(self.square + float(explained), 0.0)

    def solve(self, start: np.ndarray, ridge: float) -> np.ndarray:
        """Minimises the squared error plus `ridge` (relative) times the squared distance from `start`."""
        scale = max(float(np.trace(self.gram)) / len(self.gram), 1e-12)
        regular = self.gram + ridge * scale * np.eye(len(self.gram))
        step: np.ndarray = np.linalg.solve(regular, self.cross - self.gram @ start)
        solution: np.ndarray = start + step
        return solution


def fit(training: NormalEquations, validation: NormalEquations, start: np.ndarray) -> np.ndarray | None:
    """The solution over all rows with the ridge that does best on held-out rows; None if none beats `start` there."""
    moments = (training.gram, training.cross, validation.gram, validation.cross, start)
    if not validation.rows or not training.rows or not all(np.isfinite(array).all() for array in moments):
        return None
    errors = [validation.error(training.solve(start, ridge)) for ridge in RIDGES]
    best = int(np.argmin(errors))
    if errors[best] >= validation.error(start):
        return None
    solution = (training + validation).solve(start, RIDGES[best])
    return solution if np.isfinite(solution).all() else None
