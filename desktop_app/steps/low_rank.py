"""Layers as chains of smaller ones: truncated factorisations of their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.rank import factorise, kind_for, unfit
from desktop_app.core.recipe import LowRankMethod, Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import Covariance, StatisticRequest
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.factor_nodes import write_chain
from desktop_app.steps.factorisation.factoring import Bias, factor_layer
from desktop_app.steps.factorisation.factors import SecondMoments
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import LayerWeight, asked, find_weight, unfit_values

MAX_MOMENTS_BYTES = 256 * 2**20
"""Second moments take the square of the channels; layers beyond this sum are factorised by their weights alone."""

FIRST_WITH_OPTIONAL_BIAS = 11
"""Version of the standard operators from which Gemm need not have a third input."""

MADE_UP = "The calibration samples are made up, so the error of a rank is not weighed by them."


class LowRank(Step):
    """Replaces a layer by two or three with fewer weights.

    Gemm, MatMul and 1 x 1 convolutions by truncated singular value decomposition; other convolutions by channels (Zhang
    et al., 2015), by height and width (Jaderberg et al., 2014) or by Tucker-2 (Kim et al., 2016). The bias takes up the
    mean of the error.
    """

    name = "low_rank"
    title = "Low rank"
    knob = "rank"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether some layer has a rank."""
        return bool(asked(model, recipe, _wants))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """What is no matrix or convolution with a constant 32-bit weight of its own."""
        reasons = {layer.name: _refusal(model, layer, LowRankMethod()) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def needs(self, model: Model, recipe: Recipe) -> Sequence[StatisticRequest]:
        """Second moments of the outputs, or of the inputs where those are approximated."""
        method = recipe.methods.low_rank
        if not method.weighted:
            return ()
        free = MAX_MOMENTS_BYTES
        requests = []
        for layer in asked(model, recipe, _wants):
            if _refusal(model, layer, method):
                continue
            request, channels = _request(model, layer, method)
            if 8 * channels**2 <= free:
                free -= 8 * channels**2
                requests.append(request)
        return requests

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Factorises the layers that have a rank, see `Step.apply`."""
        method, layers = recipe.methods.low_rank, asked(model, recipe, _wants)
        settings = recipe.settings_of(layers)
        ledger, editor = Ledger(self.name, self.title, model), GraphEditor(model)
        for done, layer in enumerate(layers):
            token.check()
            token.report(Progress(self.name, done / len(layers), layer.name))
            rank = settings[layer.name].rank
            target = _target(model, layer, method, rank)
            if isinstance(target, str):
                ledger.refuse(layer, target)
                continue
            moments = _moments(model, layer, method, calibration)
            chain = factor_layer(_oriented(target.weight), layer, target.rank, method, moments, target.bias)
            if isinstance(chain, str):
                ledger.refuse(layer, chain)
                continue
            write_chain(editor, target.weight, chain)
            ledger.change(layer, chain.remark)
        notes = (MADE_UP,) if method.weighted and calibration.synthetic else ()
        return ledger.close(editor.finish(), notes)


@dataclass(frozen=True)
class _Target:
    weight: LayerWeight
    rank: float | int
    bias: Bias


def _wants(settings: LayerSettings) -> bool:
    return settings.rank is not None


def _refusal(model: Model, layer: Layer, method: LowRankMethod) -> str:
    """Why the layer cannot be factorised whatever the rank; does not read the weight."""
    reason = layer.refusals.get("rank") or unfit(layer, method)
    if reason:
        return reason
    weight = find_weight(model, layer)
    if isinstance(weight, str):
        return weight
    if weight.index != 1:
        return "its weight is the left operand"
    if weight.sharers:
        return f"it shares its weight with {weight.sharers[0]}"
    transposed = weight.node.op_type == "Gemm" and weight.node.attributes.get_int("transA", 0) != 0
    if transposed and model.opset < FIRST_WITH_OPTIONAL_BIAS:
        return f"a Gemm with transA needs opset {FIRST_WITH_OPTIONAL_BIAS} for that, this model has {model.opset}"
    return ""


def _target(model: Model, layer: Layer, method: LowRankMethod, rank: float | int | None) -> _Target | str:
    """What is factorised and by which rank, or why it is not."""
    reason = _refusal(model, layer, method)
    if reason or rank is None:
        return reason
    factor = factorise(layer, rank, method)
    if isinstance(factor, str):
        return factor
    weight = find_weight(model, layer)
    if isinstance(weight, str):
        return weight
    return unfit_values(weight.tensor.numpy()) or _Target(weight, rank, _bias(weight, layer.output.size))


def _oriented(weight: LayerWeight) -> np.ndarray:
    """The weight with its outputs first."""
    node, array = weight.node, weight.array()
    stored_so = node.op_type == "Conv" or (node.op_type == "Gemm" and node.attributes.get_int("transB", 0) != 0)
    return array if stored_so else array.T


def _bias(weight: LayerWeight, outputs: int) -> Bias:
    """The layer's own bias, if it is a vector of constants that nobody else reads."""
    value = weight.node.inputs[2] if len(weight.node.inputs) > 2 else None
    if value is None:
        return Bias(np.zeros(outputs), may_change=False)
    array = array_of(value)
    if array is None or array.dtype != np.float32 or array.size != outputs or array.shape[-1] != outputs:
        return Bias(None, may_change=False)
    beta = weight.node.attributes.get_float("beta", 1.0) if weight.node.op_type == "Gemm" else 1.0
    finite = bool(np.isfinite(array).all())
    return Bias(beta * array.reshape(-1).astype(np.float64) if finite else None, may_change=finite)


def _request(model: Model, layer: Layer, method: LowRankMethod) -> tuple[StatisticRequest, int]:
    """The second moments that the layer's factorisation weighs errors by, and of how many channels."""
    node = model.node(layer.name)
    if kind_for(layer, method) in ("svd", "channel"):
        axis = 1 if layer.op_type == "Conv" else -1
        return StatisticRequest(node.outputs[0].name or "", "covariance", axis), layer.output.size
    value = node.inputs[0]
    return StatisticRequest("" if value is None else value.name or "", "covariance", 1), layer.input.size


def _moments(model: Model, layer: Layer, method: LowRankMethod, calibration: Calibration) -> SecondMoments | None:
    """The second moments, if they are asked for, were collected, and say something."""
    if not method.weighted or calibration.synthetic:
        return None
    request, channels = _request(model, layer, method)
    try:
        found = calibration.statistic(request)
    except KeyError:
        return None
    if not isinstance(found, Covariance) or found.matrix.shape != (channels, channels) or not found.count:
        return None
    finite = np.isfinite(found.matrix).all() and np.isfinite(found.mean).all()
    return SecondMoments(found.matrix.astype(np.float64), found.mean.astype(np.float64)) if finite else None
