"""What quantisation will make of a model, settled before any data is seen: a plan that ONNX Runtime really fuses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.graph.model import Model
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.eligible import read_weights, refusal, weights_refusal
from desktop_app.steps.int8.fusion import fused_layers
from desktop_app.steps.int8.gates import split_hard_swish
from desktop_app.steps.int8.layers import QuantizedLayer
from desktop_app.steps.int8.opset import raise_opset
from desktop_app.steps.int8.plan import Plan, make_plan
from desktop_app.steps.int8.weights import QuantizedWeight
from desktop_app.steps.int8.write import write_integers

UNFUSED = "ONNX Runtime does not fuse it with the conversions around it and would compute it in float"


@dataclass(frozen=True)
class Draft:
    """The model as it will be rewritten, the plan, and why layers are left out (empty: they are not)."""

    model: Model
    plan: Plan
    reasons: dict[str, str]


def draft(model: Model, layers: Sequence[Layer]) -> Draft:
    """Plans the quantisation of those layers that can have it.

    A layer whose result would stay float, and that ONNX Runtime then fuses with something else, gets its result rounded
    as well; one that is not fused even so stays float.
    """
    reasons = {layer.name: refusal(model, layer) for layer in layers}
    hopeful = [name for name, reason in reasons.items() if not reason]
    try:
        raised = split_hard_swish(raise_opset(model)) if hopeful else model
    except ValueError as error:
        return Draft(model, make_plan(model, ()), reasons | dict.fromkeys(hopeful, str(error)))
    reasons |= {name: weights_refusal(read_weights(raised.node(name))) for name in hopeful}
    chosen = [name for name in hopeful if not reasons[name]]
    plan, unfused = _fused_plan(raised, chosen)
    if unfused:
        reasons |= dict.fromkeys(unfused, UNFUSED)
        plan, _ = _fused_plan(raised, [name for name in chosen if not reasons[name]])
    return Draft(raised, plan, reasons)


def _fused_plan(model: Model, layers: Sequence[str]) -> tuple[Plan, frozenset[str]]:
    """The plan that rounds as few results as fusion allows, and the layers that are not fused even so."""
    rounded: frozenset[str] = frozenset()
    while True:
        plan = make_plan(model, layers, rounded)
        unfused = _unfused(model, plan)
        if unfused <= rounded:
            return plan, unfused
        rounded |= unfused


def rehearse(model: Model, plan: Plan) -> Model:
    """The model as `plan` rewrites it, without real numbers: neither what is fused nor the time depends on them."""
    affines = dict.fromkeys(plan.groups.values(), Affine(np.float32(1.0), np.uint8(0)))
    layers = {name: _hollow(model, name) for name in plan.layers}
    return write_integers(model, plan, affines, layers)


def _unfused(model: Model, plan: Plan) -> frozenset[str]:
    """Layers that stay float."""
    return plan.layers - fused_layers(rehearse(model, plan), plan.layers)


def _hollow(model: Model, name: str) -> QuantizedLayer:
    node = model.node(name)
    constants = read_weights(node)
    ones = np.ones(constants.weight.shape[constants.axis], np.float32)
    weight = QuantizedWeight(np.zeros(constants.weight.shape, np.int8), ones, constants.axis)
    return QuantizedLayer(weight, None if node.op_type == "MatMul" else 0.0 * ones, ones)
