"""What a factorisation has to come near: the error of a layer's outputs as a quadratic form of its weight."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

TINY = 1e-12
"""Relative to the mean diagonal: keeps systems solvable that have less rank than unknowns."""


@dataclass(frozen=True)
class Objective:
    """The mean of || (best - weight) x ||^2 over what the layer reads, for weights that one may choose.

    Minimising it is the singular value decomposition of weight H^(1/2), where H are the second moments of x.

    Attributes:
        best: The weight that needs no factorisation, (outputs, unknowns).
        gram: H, damped, (unknowns, unknowns); None stands for the identity, which gives the plain error of the weight.
    """

    best: np.ndarray
    gram: np.ndarray | None = None

    def times(self, weight: np.ndarray) -> np.ndarray:
        """`weight` H, for a weight (any, unknowns)."""
        if self.gram is None:
            return weight
        product: np.ndarray = weight @ self.gram
        return product

    def error(self, weight: np.ndarray) -> float:
        """The error of a weight (outputs, unknowns)."""
        gap = self.best - weight
        return max(float(np.sum(self.times(gap) * gap)), 0.0)

    @cached_property
    def energy(self) -> float:
        """The error of no weight at all."""
        return self.error(np.zeros_like(self.best))

    @cached_property
    def cross(self) -> np.ndarray:
        """Second moments of the best outputs with the inputs, (outputs, unknowns)."""
        return self.times(self.best)

    @cached_property
    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Energies in falling order, and the orthonormal directions of the outputs that have them, in columns.

        By the smaller side: of many outputs there are no more directions than inputs.
        """
        outputs, unknowns = self.best.shape
        if outputs <= unknowns:
            return falling(self.cross @ self.best.T)
        root = np.eye(unknowns) if self.gram is None else np.linalg.cholesky(self.gram)
        energies, inner = falling(root.T @ (self.best.T @ self.best) @ root)
        outer = self.best @ root @ inner
        return energies, outer / np.maximum(np.linalg.norm(outer, axis=0), 1e-100)


def falling(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues from the largest on, none below zero, and eigenvectors with the largest component positive."""
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    return np.maximum(values[::-1], 0.0), with_signs(vectors[:, ::-1])


def with_signs(vectors: np.ndarray) -> np.ndarray:
    """The same directions with the largest component of each positive, so that the same input gives the same bytes."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0, keepdims=True), axis=0)
    signed: np.ndarray = vectors * np.where(largest < 0, -1.0, 1.0)
    return signed


def solve(symmetric: np.ndarray, right: np.ndarray, ridge: float = TINY) -> np.ndarray:
    """Solves a positive semi-definite system, (n, n) and (n, m)."""
    scale = max(float(np.trace(symmetric)) / max(len(symmetric), 1), 1e-100)
    found: np.ndarray = np.linalg.solve(symmetric + ridge * scale * np.eye(len(symmetric)), right)
    return found


def descend(
    apply: Callable[[np.ndarray], np.ndarray],
    right: np.ndarray,
    start: np.ndarray,
    precondition: Callable[[np.ndarray], np.ndarray],
    steps: int,
) -> np.ndarray:
    """Some steps of preconditioned conjugate gradients for `apply(x) = right`; never further from it than `start`."""
    found, residual = start, right - apply(start)
    shifted = precondition(residual)
    direction, slope = shifted, float(np.sum(residual * shifted))
    enough = 1e-12 * abs(float(np.sum(right * precondition(right))))
    for _ in range(steps):
        if slope <= enough:
            break
        image = apply(direction)
        curvature = float(np.sum(direction * image))
        if curvature <= 0:
            break
        found = found + slope / curvature * direction
        residual = residual - slope / curvature * image
        shifted = precondition(residual)
        slope, before = float(np.sum(residual * shifted)), slope
        direction = shifted + slope / before * direction
    return found
