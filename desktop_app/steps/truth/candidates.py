"""The changes that a layer is tried with: bits, a rank, fewer channels."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES
from desktop_app.core.sensitivity import Change as Tried
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.int8.eligible import read_weights, refusal
from desktop_app.steps.low_rank import LowRank
from desktop_app.steps.quantize_static import QuantizeStatic
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.truth.alone import Change, by_step
from desktop_app.steps.truth.trial import without


def candidates(recipe: Recipe) -> Mapping[str, Change]:
    """Title to change, by the recipe's methods. Pruned channels are not made up for by refitting here."""
    plain = without(recipe, ())
    return {one.title: _change(one, plain) for one in CHANGES}


def _change(tried: Tried, recipe: Recipe) -> Change:
    if tried.knob == "prune":
        return fewer_channels(1.0 - tried.value)
    if tried.knob == "rank":
        return by_step(LowRank(), recipe, LayerSettings(rank=tried.value))
    method = replace(recipe.methods.quantize, activations=tried.activations)
    asked = replace(recipe, methods=replace(recipe.methods, quantize=method))
    step = QuantizeStatic() if tried.activations else QuantizeWeights()
    return by_step(step, asked, replace(LayerSettings(), bits=int(tried.value)))


def fewer_channels(share: float) -> Change:
    """The change that keeps a share of the channels."""

    def change(model: Model, batches: Sequence[Batch], token: Token) -> Model:
        return without_channels(model, share, token)

    return change


def without_channels(model: Model, share: float, token: Token) -> Model:
    """The only layer of a model with the weights of its weaker channels, by their norm, set to zero.

    Args:
        model: Of one layer.
        share: Of the channels that stay.
        token: Says when to stop.

    Raises:
        NothingChangedError: when they cannot be told.
    """
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
    weak = np.argsort(np.square(rows).sum(axis=1))[: channels - max(round(channels * share), 1)]
    copy = model.clone()
    for index, axis in ((1, constants.axis), (2, -1)):
        value = copy.node(layer.name).inputs[index] if index < len(node.inputs) else None
        if value is not None and value.const_value is not None and prod(value.const_value.shape.numpy()) > 1:
            array = value.const_value.numpy().copy()
            np.moveaxis(array, axis, 0)[weak] = 0.0
            set_tensor(value, array)
    return copy
