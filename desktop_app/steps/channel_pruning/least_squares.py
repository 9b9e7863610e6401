"""Least squares from a stream of rows: normal equations, with ridge towards the weights that are there.

A system may fall into independent blocks, as a grouped convolution does; all arrays have the blocks first.
"""

import numpy as np

RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Tried strengths, as shares of the mean diagonal of the second moments."""

DRAFT_RIDGE = 1e-2
"""Where nothing is held out to choose by."""


class NormalEquations:
    """Sums of x x^T, x y^T and y^T y over rows, in 64 bits and constant memory."""

    def __init__(self, blocks: int, unknowns: int, targets: int) -> None:
        self.gram = np.zeros((blocks, unknowns, unknowns))
        self.cross = np.zeros((blocks, unknowns, targets))
        self.square = np.zeros(blocks)
        self.rows = 0

    def add(self, rows: np.ndarray, targets: np.ndarray) -> None:
        """Takes in rows of shape (count, blocks, unknowns) and their targets (count, blocks * outputs)."""
        self.gram += rows.transpose(1, 2, 0) @ rows.transpose(1, 0, 2)
        self.rows += len(rows)
        self.add_targets(rows, targets)

    def add_targets(self, rows: np.ndarray, targets: np.ndarray) -> None:
        """Takes in the targets of rows that have been taken in before."""
        wanted = targets.reshape(len(targets), len(self.gram), self.cross.shape[2]).transpose(1, 0, 2)
        self.cross += rows.transpose(1, 2, 0) @ wanted
        self.square += np.square(wanted, dtype=np.float64).sum(axis=(1, 2))

    def forget_targets(self) -> None:
        """Makes ready for other targets of the same rows."""
        self.cross[:] = 0
        self.square[:] = 0

    def __add__(self, other: "NormalEquations") -> "NormalEquations":
        total = NormalEquations(*self.cross.shape)
        total.gram, total.cross = self.gram + other.gram, self.cross + other.cross
        total.square, total.rows = self.square + other.square, self.rows + other.rows
        return total

    def error(self, solution: np.ndarray) -> np.ndarray:
        """Squared error of `solution` (blocks, unknowns, outputs) over all rows, for each block."""
        explained = np.sum(solution * (self.gram @ solution - 2 * self.cross), axis=(1, 2))
        error: np.ndarray = np.maximum(self.square + explained, 0.0)
        return error

    def solve(self, start: np.ndarray, ridges: np.ndarray | float) -> np.ndarray:
        """Minimises the squared error plus `ridges` (relative) times the squared distance from `start`."""
        unknowns = self.gram.shape[1]
        scale = np.maximum(np.trace(self.gram, axis1=1, axis2=2) / unknowns, 1e-12)
        regular = self.gram + (ridges * scale)[:, None, None] * np.eye(unknowns)
        step: np.ndarray = np.linalg.solve(regular, self.cross - self.gram @ start)
        solution: np.ndarray = start + step
        return solution


def fit(training: NormalEquations, validation: NormalEquations, start: np.ndarray) -> np.ndarray | None:
    """The solution over all rows with the ridge that does best on held-out rows; None if none beats `start` there.

    Every block has a ridge of its own, and keeps its start where none is better.
    """
    moments = (training.gram, training.cross, validation.gram, validation.cross, start)
    if not validation.rows or not training.rows or not all(np.isfinite(array).all() for array in moments):
        return None
    errors = np.stack([validation.error(training.solve(start, ridge)) for ridge in RIDGES])
    better = errors.min(axis=0) < validation.error(start)
    if not better.any():
        return None
    ridges = np.array(RIDGES)[errors.argmin(axis=0)]
    solution = np.where(better[:, None, None], (training + validation).solve(start, ridges), start)
    return solution if np.isfinite(solution).all() else None


def fit_once(equations: NormalEquations, start: np.ndarray) -> np.ndarray | None:
    """The solution over all rows with one ridge; None where the sums are not finite."""
    if not equations.rows or not all(np.isfinite(one).all() for one in (equations.gram, equations.cross, start)):
        return None
    solution = equations.solve(start, DRAFT_RIDGE)
    return solution if np.isfinite(solution).all() else None
