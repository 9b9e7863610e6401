"""The rounded constants of all layers of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.eligible import read_weights
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.weights import BITS, QuantizedWeight, quantize_weight

LARGEST_BIAS = 2.0**30
"""Half of what 32 bits hold: the other half is for the sum of products."""


@dataclass(frozen=True)
class QuantizedLayer:
    """Constants of a layer.

    Attributes:
        weight: Integers and scales.
        bias: Float, (channels,), zeros where the layer had none; None where the operator has no place for one.
        bias_scales: Scale of its input times those of its weight: what one step of the 32-bit bias stands for.
    """

    weight: QuantizedWeight
    bias: np.ndarray | None
    bias_scales: np.ndarray


def quantize_layers(
    model: Model, plan: Plan, affines: Mapping[str, Affine], token: Token, *, pair_safe: bool, bits: Mapping[str, int]
) -> dict[str, QuantizedLayer]:
    """Rounds the weights of every layer of the plan; by name.

    Args:
        model: The float model.
        plan: What becomes of its nodes and values.
        affines: Scale and zero point of every first value of a group.
        token: Says when to stop.
        pair_safe: Whether processors without VNNI must compute the weights exactly.
        bits: Layer name to the bits of its integers, where these are fewer than 8.
    """
    rounded: dict[str, QuantizedLayer] = {}
    for name in sorted(plan.layers):
        token.check()
        token.report(Progress("quantize_static", 0.2 * len(rounded) / len(plan.layers), f"rounding {name}"))
        node = model.node(name)
        read = node.inputs[0]
        affine = affines[plan.groups["" if read is None else read.name or ""]]
        constants = read_weights(node)
        bias = constants.bias
        if bias is None:
            bias = np.zeros(constants.weight.shape[constants.axis], np.float32)
        weight = quantize_weight(
            constants.weight,
            constants.axis,
            constants.packed,
            pair_safe=pair_safe and constants.pairs,
            floor=np.abs(bias.astype(np.float64)) / (float(affine.scale) * LARGEST_BIAS),
            bits=bits.get(name, BITS),
        )
        scales = (affine.scale * weight.scales).astype(np.float32)
        rounded[name] = QuantizedLayer(weight, None if node.op_type == "MatMul" else bias, scales)
    return rounded
