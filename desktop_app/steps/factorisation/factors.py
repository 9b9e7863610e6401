"""Factorisations of weights: the numbers, without a graph.

All minimise the error at the layer's output over the calibration data, as in Zhang et al. (2015), "Accelerating Very
Deep Convolutional Networks", ASVD (Yuan et al., 2023) and SVD-LLM (Wang et al., 2024), or without data the error of the
weight. Singular vectors get a sign by rule, so that the same input gives the same bytes.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

DAMPING = 1e-2
"""Share of the plain error that is minimised with the weighted one: few samples say nothing of some directions."""

SWEEPS = 4
"""Of the alternating least squares behind Tucker-2; the first one already comes near."""


@dataclass(frozen=True)
class SecondMoments:
    """Second moments over the calibration data: `matrix` (channels, channels) about 0, and the `mean` (channels,)."""

    matrix: np.ndarray
    mean: np.ndarray

    def about(self, point: np.ndarray) -> np.ndarray:
        """Second moments about another point."""
        cross = np.outer(self.mean, point)
        moved: np.ndarray = self.matrix - cross - cross.T + np.outer(point, point)
        return moved


@dataclass(frozen=True)
class Basis:
    """Orthonormal directions in the columns, the most important first, and the energy of each."""

    vectors: np.ndarray
    energy: np.ndarray

    def rank_for(self, share: float) -> int:
        """The least number of directions that hold this share of the energy."""
        total = self.energy.sum()
        if total <= 0:
            return 1
        return min(int(np.searchsorted(np.cumsum(self.energy) / total, share - 1e-12)) + 1, len(self.energy))

    def kept(self, rank: int) -> float:
        """Share of the energy that the first `rank` directions hold."""
        total = float(self.energy.sum())
        return float(self.energy[:rank].sum()) / total if total > 0 else 1.0


def left_basis(matrix: np.ndarray) -> Basis:
    """Left singular vectors and squared singular values."""
    vectors, values, _ = np.linalg.svd(matrix, full_matrices=False)
    return Basis(_with_signs(vectors), values**2)


def output_basis(rows: np.ndarray, moments: np.ndarray | None) -> Basis:
    """The directions of a layer's outputs that matter most.

    Projecting the outputs on the first of them is the best approximation of that rank: of the outputs in the mean over
    the data when their second moments are given, else of the weight.

    Args:
        rows: The weight, (outputs, everything summed over).
        moments: Second moments of the outputs, (outputs, outputs); None without data.
    """
    plain = rows @ rows.T if moments is not None else None
    if moments is None or plain is None or not np.trace(moments) > 0 or not np.trace(plain) > 0:
        return left_basis(rows)
    damped = moments + DAMPING * np.trace(moments) / np.trace(plain) * plain
    values, vectors = np.linalg.eigh((damped + damped.T) / 2)
    count = min(rows.shape)
    return Basis(_with_signs(vectors[:, ::-1][:, :count]), np.maximum(values[::-1][:count], 0.0))


def root_and_inverse(moments: np.ndarray | None, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """The symmetric square root of damped second moments, and its inverse; the identity without data."""
    if moments is None or not np.trace(moments) > 0:
        return np.eye(channels), np.eye(channels)
    values, vectors = np.linalg.eigh((moments + moments.T) / 2)
    values = np.sqrt(np.maximum(values, 0.0) + DAMPING * np.trace(moments) / channels)
    return (vectors * values) @ vectors.T, (vectors / values) @ vectors.T


def split_rows(weight: np.ndarray, basis: Basis, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """(outputs, ...) as (rank, ...), which keeps the kernel, and (outputs, rank)."""
    up = basis.vectors[:, :rank]
    down = up.T @ weight.reshape(len(weight), -1)
    return down.reshape(rank, *weight.shape[1:]), up


def spatial_basis(weight: np.ndarray, root: np.ndarray) -> Basis:
    """The best horizontal filters, (outputs * width) in rows, for input channels weighed by `root`.

    Args:
        weight: (outputs, inputs, height, width).
        root: Square root of the inputs' second moments.
    """
    weighed = np.einsum("oihw,ij->jhow", weight, root)
    return left_basis(weighed.reshape(prod(weighed.shape[:2]), -1).T)


def split_spatially(weight: np.ndarray, basis: Basis, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """(rank, inputs, height, 1) and (outputs, rank, 1, width): Jaderberg et al. (2014), scheme 2."""
    outputs, inputs, height, width = weight.shape
    across = basis.vectors[:, :rank]
    down = weight.transpose(1, 2, 0, 3).reshape(inputs * height, outputs * width) @ across
    vertical = down.reshape(inputs, height, rank).transpose(2, 0, 1)[..., None]
    horizontal = across.reshape(outputs, width, rank).transpose(0, 2, 1)[:, :, None, :]
    return vertical, horizontal


def tucker_bases(weight: np.ndarray, root: np.ndarray) -> tuple[Basis, Basis]:
    """Bases of the weighed inputs and of the outputs (HOSVD), to choose ranks by."""
    weighed = _weighed(weight, root)
    return left_basis(_unfold(weighed, 1)), left_basis(_unfold(weighed, 0))


def split_tucker(
    weight: np.ndarray, root: np.ndarray, inverse: np.ndarray, bases: tuple[Basis, Basis], ranks: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(r1, inputs), (r2, r1, ...), (outputs, r2): Tucker-2 (Kim et al., 2016) by higher-order orthogonal iteration."""
    weighed = _weighed(weight, root)
    inputs, outputs = (basis.vectors[:, :rank] for basis, rank in zip(bases, ranks, strict=True))
    for _ in range(SWEEPS):
        outputs = left_basis(_unfold(_project(weighed, inputs, 1), 0)).vectors[:, : ranks[1]]
        inputs = left_basis(_unfold(_project(weighed, outputs, 0), 1)).vectors[:, : ranks[0]]
    core = _project(_project(weighed, inputs, 1), outputs, 0)
    return inputs.T @ inverse, core, outputs


def _weighed(weight: np.ndarray, root: np.ndarray) -> np.ndarray:
    weighed: np.ndarray = np.moveaxis(np.tensordot(weight, root, axes=(1, 0)), -1, 1)
    return weighed


def _project(tensor: np.ndarray, basis: np.ndarray, axis: int) -> np.ndarray:
    projected: np.ndarray = np.moveaxis(np.tensordot(tensor, basis, axes=(axis, 0)), -1, axis)
    return projected


def _unfold(tensor: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(tensor, axis, 0).reshape(tensor.shape[axis], -1)


def _with_signs(vectors: np.ndarray) -> np.ndarray:
    """The same directions with the largest component of each positive."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0, keepdims=True), axis=0)
    signed: np.ndarray = vectors * np.where(largest < 0, -1.0, 1.0)
    return signed
