"""From a layer's weight, rank and data to the weights of the chain that takes its place."""

from dataclasses import dataclass
from math import prod

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.rank import Factor, break_even, extents_of, factorise, kind_for, saves, with_ranks
from desktop_app.core.recipe import LowRankMethod
from desktop_app.steps.factorisation import factors
from desktop_app.steps.factorisation.factors import Basis, SecondMoments


@dataclass(frozen=True)
class Bias:
    """A layer's bias as it is added, (outputs,); None where it is not known. `may_change`: others do not read it."""

    values: np.ndarray | None
    may_change: bool


@dataclass(frozen=True)
class Chain:
    """The weights that take a layer's place.

    Attributes:
        factor: What was predicted of it.
        weights: (outputs, inputs, kernel ...) of each link, in the order of execution.
        bias: The new bias of the last link, (outputs,); None where it stays.
        remark: What is worth saying of it.
    """

    factor: Factor
    weights: tuple[np.ndarray, ...]
    bias: np.ndarray | None
    remark: str


def factor_layer(
    weight: np.ndarray,
    layer: Layer,
    rank: float | int,
    method: LowRankMethod,
    moments: SecondMoments | None,
    bias: Bias,
) -> Chain | str:
    """The chain for a layer, or why its rank does not save.

    Args:
        weight: (outputs, inputs, kernel ...), finite.
        layer: The layer, which `factorise` did not refuse.
        rank: As in `LayerSettings`.
        method: Which factorisation, and what a share is of.
        moments: Of the outputs for "svd" and "channel", else of the inputs; None for the plain error.
        bias: The layer's.
    """
    kind = kind_for(layer, method)
    if kind in ("svd", "channel"):
        return _by_outputs(weight, layer, rank, method, moments, bias)
    return _by_inputs(weight, layer, rank, method, moments, bias)


def _by_outputs(
    weight: np.ndarray,
    layer: Layer,
    rank: float | int,
    method: LowRankMethod,
    moments: SecondMoments | None,
    bias: Bias,
) -> Chain | str:
    """Projects the outputs on their most important directions."""
    basis = factors.output_basis(weight.reshape(len(weight), -1), _about_bias(moments, bias))
    factor = _choose(layer, rank, method, (basis,))
    if isinstance(factor, str):
        return factor
    down, up = factors.split_rows(weight, basis, factor.ranks[0])
    corrected = None
    if moments is not None and bias.may_change and bias.values is not None:
        corrected = moments.mean - up @ (up.T @ (moments.mean - bias.values))
    return _chain(factor, (down, _pointwise(up, weight)), corrected, (basis,))


def _by_inputs(
    weight: np.ndarray,
    layer: Layer,
    rank: float | int,
    method: LowRankMethod,
    moments: SecondMoments | None,
    bias: Bias,
) -> Chain | str:
    """Splits the kernel, errors weighed by the input channels."""
    centre = None if moments is None else (moments.mean if bias.may_change else np.zeros_like(moments.mean))
    about = None if moments is None or centre is None else moments.about(centre)
    root, inverse = factors.root_and_inverse(about, weight.shape[1])
    spatial = kind_for(layer, method) == "spatial"
    bases = (factors.spatial_basis(weight, root),) if spatial else factors.tucker_bases(weight, root)
    factor = _choose(layer, rank, method, bases)
    if isinstance(factor, str):
        return factor
    links: tuple[np.ndarray, ...]
    if spatial:
        links = factors.split_spatially(weight, bases[0], factor.ranks[0])
        rebuilt = np.einsum("rih,orw->oihw", links[0][..., 0], links[1][:, :, 0])
    else:
        ranks = (factor.ranks[0], factor.ranks[-1])
        down, core, up = factors.split_tucker(weight, root, inverse, (bases[0], bases[-1]), ranks)
        links = (_pointwise(down, weight), core, _pointwise(up, weight))
        rebuilt = np.einsum("ab...,bi,oa->oi...", core, down, up)
    corrected = None
    if moments is not None and bias.may_change and bias.values is not None:
        error = (weight - rebuilt).reshape(*weight.shape[:2], -1).sum(axis=-1)
        corrected = bias.values + error @ moments.mean
    return _chain(factor, links, corrected, bases)


def _about_bias(moments: SecondMoments | None, bias: Bias) -> np.ndarray | None:
    """Second moments of what the weight has to give: about the mean where the bias can take that up."""
    if moments is None or bias.values is None:
        return None
    return moments.about(moments.mean if bias.may_change else bias.values)


def _choose(layer: Layer, rank: float | int, method: LowRankMethod, bases: tuple[Basis, ...]) -> Factor | str:
    """The ranks: as predicted, or where they are a share of the energy, by the singular values."""
    if not isinstance(rank, float) or method.measure == "ratio":
        return factorise(layer, rank, method)
    kind = kind_for(layer, method)
    extents = extents_of(layer, kind)
    factor = with_ranks(extents, kind, tuple(basis.rank_for(rank) for basis in bases))
    if saves(extents, factor):
        return factor
    needed = " and ".join(map(str, factor.ranks))
    return f"keeping {rank:g} of the energy takes rank {needed}; it saves below {break_even(extents, kind)}"


def _chain(
    factor: Factor, links: tuple[np.ndarray, ...], bias: np.ndarray | None, bases: tuple[Basis, ...]
) -> Chain | str:
    weights = tuple(link.astype(np.float32) for link in links)
    bias = None if bias is None else bias.astype(np.float32)
    if not all(np.isfinite(array).all() for array in (*weights, *([] if bias is None else [bias]))):
        return "its factors have values that are not finite"
    kept = prod(basis.kept(rank) for basis, rank in zip(bases, factor.ranks, strict=True))
    ranks = " and ".join(map(str, factor.ranks))
    return Chain(factor, weights, bias, f"{factor.kind}, rank {ranks}, about {100 * kept:.1f} % of the energy kept")


def _pointwise(matrix: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """A matrix as the weight of a 1 x 1 convolution, if the layer is one."""
    return matrix.reshape(*matrix.shape, *([1] * (weight.ndim - 2)))
