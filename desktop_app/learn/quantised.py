"""A model in 8-bit integers that can be trained, and goes back into the very same graph.

Every weight has a float behind its integer, which the gradient moves; the forward pass sees what the integer stands
for (quantisation-aware training, Jacob et al., CVPR 2018). Scales are learned too (Esser et al., ICLR 2020), as factors
of what they were: their logarithms are what is trained, so that one learning rate suits weights and scales.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import onnx_ir as ir
import torch
from torch import Tensor, nn

from desktop_app.graph.constants import array_of, set_tensor
from desktop_app.graph.model import Model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.named import NamedModule
from desktop_app.learn.on_grids import decoded, with_grids
from desktop_app.learn.quantised_layers import QuantisedLayer
from desktop_app.learn.straight_through import rounded, scaled_gradient, to_integers
from desktop_app.learn.write_back import write_back

MARGIN = 0.25
"""How far a float may lie from its integer at first, in steps. Rounding against the inputs leaves many at the very edge
of what rounds so, where the first small change would undo it."""

LARGEST_BIAS = 2.0**30
"""Half of what 32 bits hold: the other half is for the sum of products."""


@dataclass(frozen=True)
class Constants:
    """What a layer computes with now: integers as floats, their scales, and what a step of its bias stands for."""

    integers: Tensor
    scales: Tensor
    bias_step: Tensor


class QuantisedModule(NamedModule):
    """A model with QuantizeLinear and DequantizeLinear whose integers, scales and biases are trained.

    Args:
        model: The model.
        layers: Those whose weights and biases are trained, by name.
        latent: Stored weight to the floats that it was rounded from, where they are known.
        pair_limit: What two neighbouring weights of one sign may add up to in layers that have pairs.
        learn_weight_scales: Whether the scales of weights are trained.
        learn_activation_scales: Whether the scales of activations are.

    Raises:
        UntrainableError: for the first node without a differentiable counterpart.
    """

    def __init__(
        self,
        model: Model,
        layers: Mapping[str, QuantisedLayer],
        latent: Mapping[str, np.ndarray] | None = None,
        *,
        pair_limit: int = 128,
        learn_weight_scales: bool = True,
        learn_activation_scales: bool = True,
    ) -> None:
        super().__init__()
        self._model, self._layers, self._pair_limit = model, tuple(layers.values()), pair_limit
        self._sizes: dict[str, float] = {}
        given = [name for layer in self._layers for name in _read_by(layer)]
        activations = _activation_scales(model) if learn_activation_scales else ()
        inputs = tuple(value.name or "" for value in model.graph.inputs)
        self._fixed = decoded(model)
        names = [*inputs, *dict.fromkeys(given), *activations, *self._fixed]
        self.graph = GraphModule(with_grids(model), names)
        self.input_names, self.output_names = inputs, self.graph.output_names
        self._activations = tuple(activations)
        for name in dict.fromkeys([*activations, *(layer.input_scale for layer in self._layers)]):
            self._hold_scale(name, 1.0, learn=name in activations)
        for name, array in self._fixed.items():
            self._buffers[f"{name}/fixed"] = torch.from_numpy(array)
        for layer in self._layers:
            self._hold(layer, latent or {}, learn_weight_scales)

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The outputs, and the values named in `also`, by name."""
        given: dict[str, Any] = dict(inputs)
        given.update({name: self._scale(name) for name in self._activations})
        given.update({name: self._buffers[f"{name}/fixed"] for name in self._fixed})
        for layer in self._layers:
            now = self._constants(layer)
            given[layer.read] = _moved_back(now.integers * _columns(now.scales, now.integers), layer)
            if layer.bias is not None:
                given[layer.bias.read] = rounded(self._trained(layer.bias.stored), now.bias_step)
        found: dict[str, Tensor] = self.graph(given, also)
        return found

    def written_back(self) -> Model:
        """A copy of the model with what was learned: the same graph, other constants."""
        copy = write_back(self.graph, self._model).clone()
        values = {value.name: value for node in copy.graph for value in node.inputs if value is not None}
        with torch.no_grad():
            for name in self._activations:
                _store(values[name], self._scale(name))
            for layer in self._layers:
                now = self._constants(layer)
                _store(values[layer.stored], _moved_back(now.integers, layer))
                _store(values[layer.scales], now.scales)
                if layer.bias is not None:
                    bias = self._trained(layer.bias.stored)
                    _store(values[layer.bias.stored], torch.round(bias / now.bias_step))
                    _store(values[layer.bias.scales], now.bias_step)
        return Model(copy.ir)

    def _constants(self, layer: QuantisedLayer) -> Constants:
        weights, read = self._trained(layer.stored), self._scale(layer.input_scale)
        scales = self._scale(layer.scales)
        if layer.bias is not None:
            bias = self._trained(layer.bias.stored).detach().abs()
            scales = torch.maximum(scales, bias / (read.detach() * LARGEST_BIAS))
        pairs = self._buffers.get(f"{layer.stored}/pairs")
        integers = to_integers(weights, _columns(scales, weights), layer.low, layer.high, pairs, self._pair_limit)
        return Constants(integers, scales, (read * scales).detach())

    def _scale(self, name: str) -> Tensor:
        """A scale as it is now; the gradient is damped by the number of those that it serves."""
        start, factor = self._buffers[f"{name}/start"], self._parameters.get(name)
        if start is None:
            raise KeyError(name)
        return start if factor is None else start * torch.exp(scaled_gradient(factor, self._sizes[name]))

    def _hold_scale(self, name: str, size: float, *, learn: bool) -> None:
        start = torch.from_numpy(np.array(self._array(name), np.float32))
        self._buffers[f"{name}/start"] = start
        if learn:
            self._parameters[name] = nn.Parameter(torch.zeros_like(start))
            self._sizes[name] = size

    def _hold(self, layer: QuantisedLayer, latent: Mapping[str, np.ndarray], learn_scales: bool) -> None:
        if layer.stored not in self._parameters:
            integers = np.moveaxis(self._array(layer.stored), layer.axis, 0).astype(np.float32)
            scales = self._array(layer.scales).reshape(-1, *[1] * (integers.ndim - 1))
            known = latent.get(layer.stored)
            real = integers * scales if known is None else _behind(known, layer, integers, scales)
            self._parameters[layer.stored] = nn.Parameter(torch.from_numpy(np.ascontiguousarray(real)))
            size = 1.0 / sqrt(layer.high * integers[0].size)
            self._hold_scale(layer.scales, size, learn=learn_scales)
            if layer.pairs is not None:
                self._buffers[f"{layer.stored}/pairs"] = torch.from_numpy(layer.pairs)
        if layer.bias is not None:
            real = self._array(layer.bias.stored) * self._array(layer.bias.scales)
            self._parameters[layer.bias.stored] = nn.Parameter(torch.from_numpy(real.astype(np.float32)))

    def _trained(self, name: str) -> Tensor:
        parameter = self._parameters[name]
        if parameter is None:
            raise KeyError(name)
        return parameter

    def _array(self, name: str) -> np.ndarray:
        return self._model.constant(name)


def _behind(latent: np.ndarray, layer: QuantisedLayer, integers: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """The floats nearest to those that the weight was made of among those near to the integers that it has."""
    real = np.moveaxis(latent, layer.axis, 0).astype(np.float32)
    margin = np.float32(MARGIN)
    at_end = (integers <= layer.low, integers >= layer.high)
    lowest = np.where(at_end[0], -np.inf, (integers - margin) * scales)
    highest = np.where(at_end[1], np.inf, (integers + margin) * scales)
    return np.clip(real, lowest, highest).astype(np.float32)


def _read_by(layer: QuantisedLayer) -> tuple[str, ...]:
    return (layer.read,) if layer.bias is None else (layer.read, layer.bias.read)


def _activation_scales(model: Model) -> tuple[str, ...]:
    """Names of constants that are scales of activations."""
    names: dict[str, None] = {}
    for node in model.graph:
        if node.op_type == "QuantizeLinear" and not node.domain and node.inputs[1] is not None:
            value = node.inputs[1]
            array = array_of(value)
            if array is not None and array.size == 1 and value.is_initializer():
                names[value.name or ""] = None
    return tuple(names)


def _columns(scales: Tensor, weights: Tensor) -> Tensor:
    return scales.reshape(-1, *[1] * (weights.dim() - 1))


def _moved_back(weights: Tensor, layer: QuantisedLayer) -> Tensor:
    return weights.movedim(0, layer.axis)


def _store(value: ir.Value, numbers: Tensor) -> None:
    array = array_of(value)
    if array is not None:
        set_tensor(value, numbers.cpu().numpy().astype(array.dtype).reshape(array.shape))
