"""The changes that a layer is tried with: bits, a rank, fewer channels."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import BITS, LayerSettings
from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.int8.eligible import read_weights, refusal
from desktop_app.steps.low_rank import LowRank
from desktop_app.steps.quantize_static import QuantizeStatic
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.truth.alone import Change, by_step
from desktop_app.steps.truth.trial import without

RATIO = 0.5
"""Share of the rank and of the channels that stay."""

INT8, RANK, CHANNELS = "int8", f"rank {RATIO:g}", f"channels {RATIO:g}"
"""Titles; those of weights alone are "weights 8" and so on. Pruned channels are not made up for by refitting here."""


def candidates(recipe: Recipe) -> Mapping[str, Change]:
    """Title to change, by the recipe's methods."""
    plain = without(recipe, ())
    weights = replace(
        plain, methods=replace(plain.methods, quantize=replace(plain.methods.quantize, activations=False))
    )
    static = replace(plain, methods=replace(plain.methods, quantize=replace(plain.methods.quantize, activations=True)))
    found: dict[str, Change] = {INT8: by_step(QuantizeStatic(), static, LayerSettings(bits=8))}
    for bits in sorted((one for one in BITS if one < 16), reverse=True):
        found[f"weights {bits}"] = by_step(QuantizeWeights(), weights, LayerSettings(bits=bits))
    found[RANK] = by_step(LowRank(), plain, LayerSettings(rank=RATIO))
    found[CHANNELS] = without_channels
    return found


def without_channels(model: Model, batches: Sequence[Batch], token: Token) -> Model:
    """The only layer of a model with the weights of its weaker channels, by their norm, set to zero.

    Raises:
        NothingChangedError: when they cannot be told.
    """
    del batches
    token.check()
    (layer,) = model.layers
    reason = refusal(model, layer)
    if reason:
        raise NothingChangedError(f"no channels ({layer.name}: {reason})")
    node = model.node(layer.name)
    constants = read_weights(node)
    channels = constants.weight.shape[constants.axis]
    if channels < 2:
        raise NothingChangedError(f"no channels ({layer.name}: it has only one)")
    rows = np.moveaxis(constants.weight, constants.axis, 0).reshape(channels, -1)
    weak = np.argsort(np.square(rows).sum(axis=1))[: channels - round(channels * RATIO)]
    copy = model.clone()
    for index, axis in ((1, constants.axis), (2, -1)):
        value = copy.node(layer.name).inputs[index] if index < len(node.inputs) else None
        if value is not None and value.const_value is not None and prod(value.const_value.shape.numpy()) > 1:
            array = value.const_value.numpy().copy()
            np.moveaxis(array, axis, 0)[weak] = 0.0
            set_tensor(value, array)
    return copy
