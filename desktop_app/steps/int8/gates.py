"""HardSigmoid, and with it HardSwish, on integers: cutting them at both ends is all there is to do.

HardSigmoid(x) is max(0, min(1, alpha x + beta)). On x = s (q - z) it is the same integers, cut where it becomes 0 and
1, with the scale alpha s and a zero point where it becomes 0. If a whole number of steps lies between there and x = 0,
that is exact. HardSwish(x) is x times HardSigmoid(x), and products ONNX Runtime has on integers; HardSwish it has not,
and would convert to float and back for it.
"""

from collections.abc import Collection, Mapping
from math import ceil

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import Model
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.int8.affine import LEVELS, Affine

STANDARD = ("", "ai.onnx")
DEFAULT_ALPHA, DEFAULT_BETA = 0.2, 0.5
NEARLY = 1e-3
"""Share of a step that the ends of a range may lose."""

SWISH_ALPHA, SWISH_BETA = 1.0 / 6.0, 0.5


def is_gate(node: ir.Node) -> bool:
    """Whether the operator is a HardSigmoid whose result only products read."""
    if node.domain not in STANDARD or node.op_type != "HardSigmoid":
        return False
    alpha, beta = slope(node)
    uses = tuple(node.outputs[0].uses())
    products = bool(uses) and all(use.node.op_type == "Mul" and use.node.domain in STANDARD for use in uses)
    return alpha > 0.0 and 0.0 < beta < 1.0 and products and not node.outputs[0].is_graph_output()


def slope(node: ir.Node) -> tuple[float, float]:
    """Alpha and beta."""
    alpha = node.attributes.get_float("alpha", DEFAULT_ALPHA)
    return alpha, node.attributes.get_float("beta", DEFAULT_BETA)


def split_hard_swish(model: Model) -> Model:
    """The model with every HardSwish as x times HardSigmoid(x), as ONNX defines it; itself where there is none."""
    swishes = [node for node in model.graph if node.op_type == "HardSwish" and node.domain in STANDARD]
    if not swishes:
        return model
    editor = GraphEditor(model)
    for original in swishes:
        node = editor.node_like(original)
        read = node.inputs[0]
        settings = {"alpha": ir.AttrFloat32("alpha", SWISH_ALPHA), "beta": ir.AttrFloat32("beta", SWISH_BETA)}
        gate = editor.node("HardSigmoid", [read], f"{node.name}_gate", settings)
        product = editor.node("Mul", [read, gate.outputs[0]], f"{node.name}_product", {})
        for made in (gate, product):
            made.metadata_props.update(node.metadata_props)
        editor.before(node, [gate, product])
        editor.drop(node, product.outputs[0])
    return editor.finish()


def with_gates(
    model: Model, gates: Collection[str], groups: Mapping[str, str], affines: Mapping[str, Affine]
) -> dict[str, Affine]:
    """The scales with those of what gates read made to fit, and with those of what they give.

    Args:
        model: The float model.
        gates: Names of the HardSigmoid nodes that run on integers.
        groups: Value name to the first of those that share its scale.
        affines: Scale and zero point by that first value.
    """
    fitted = dict(affines)
    nodes = [model.node(name) for name in sorted(gates)]
    for node in nodes:
        alpha, beta = slope(node)
        group = groups[_name(node.inputs[0])]
        fitted[group] = _fitted(fitted[group], -beta / alpha)
    for node in nodes:
        alpha, _ = slope(node)
        read = fitted[groups[_name(node.inputs[0])]]
        bottom, _ = ends(node, read)
        fitted[groups[_name(node.outputs[0])]] = Affine(np.float32(alpha * read.scale), np.uint8(bottom))
    return fitted


def ends(node: ir.Node, read: Affine) -> tuple[int, int]:
    """The integers at which the gate is closed and open."""
    alpha, beta = slope(node)
    return read.stored(-beta / alpha), read.stored((1.0 - beta) / alpha)


def _fitted(affine: Affine, closed: float) -> Affine:
    """A scale by which `closed` (below 0) is stored exactly; where the range is too wide for it, to half a step."""
    low, high = min(affine.low, closed), affine.high
    most = max(int(-closed * LEVELS / (high - low)), 0)
    for steps in range(most, max(most - 2, 0), -1):
        scale = -closed / steps
        zero = ceil(-low / scale - NEARLY)
        if zero + ceil(high / scale - NEARLY) <= LEVELS:
            return Affine(np.float32(scale), np.uint8(zero))
    return Affine.of_range(low, high)


def _name(value: ir.Value | None) -> str:
    return "" if value is None else value.name or ""
