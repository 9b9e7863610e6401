"""Smooth activations as others that this machine computes faster."""

from typing import ClassVar

import onnx_ir as ir
from msgspec.structs import replace

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Choice, Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.restructuring.measuring import Watch, decide, in_turns

GELU_SLOPE = 1.702
"""x times the logistic function of so many x is near to GELU (Hendrycks and Gimpel, 2016)."""

SLOPES = {"Sigmoid": 1.0, "Gelu": GELU_SLOPE}
"""What is smooth to the steepness of its gate; the others are made of straight lines already."""

GATES = ("Sigmoid", "HardSigmoid")
OPERATORS = ("HardSwish", "Gelu")
DOMAINS = ("", "ai.onnx", "com.microsoft")


class SwapActivations(Step):
    """Puts HardSwish (Howard et al., MobileNetV3, 2019) or Relu in the place of SiLU, HardSwish and GELU.

    ONNX Runtime computes a Relu within the convolution before it; the others go over the values once more, SiLU with an
    exponential each: behind 1 x 1 convolutions of 32 and 96 channels x HardSigmoid(x) made both together 1.2 and 1.1
    times as fast. What is lost is meant to be won back by training. Those behind locked layers stay.
    """

    name: ClassVar[str] = "swap_activations"
    title: ClassVar[str] = "Swap activations"
    method: ClassVar[str | None] = "restructure"

    def __init__(self, watch: Watch = in_turns) -> None:
        self._watch = watch

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether other activations are asked for."""
        return recipe.methods.restructure.activations != "keep"

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Leaves the activations as they are where the whole model is measured to be no faster with others."""
        method = recipe.methods.restructure
        if not method.keep_faster:
            return None
        try:
            after, layers = self._swapped(model, recipe, token)
        except NothingChangedError:  # `apply` says so
            return None
        without = replace(method, activations="keep")
        return decide(self.name, (model, after.model), layers, recipe, without, self._watch, token, last=True)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """The model with other activations; a note says how many."""
        return self._swapped(model, recipe, token)[0]

    def _swapped(self, model: Model, recipe: Recipe, token: Token) -> tuple[StepResult, list[Layer]]:
        """The result, and the layers whose activations changed."""
        token.check()
        target = recipe.methods.restructure.activations
        locked = {layer.name for layer in model.layers if recipe.settings_for(layer).locked}
        found = [(node, gate) for node in model.graph if (gate := _gate(node)) is not None]
        chosen = [(node, gate) for node, gate in found if target == "relu" or gate.op_type in SLOPES]
        free = [(node, gate) for node, gate in chosen if _before(gate) not in locked]
        if not free:
            where = "behind a layer that is not locked " if chosen else ""
            raise NothingChangedError(
                f"There is no activation {where}that {target} is faster than: "
                "set methods.restructure.activations to keep."
            )
        editor = GraphEditor(model)
        for node, gate in free:
            _swap(editor, editor.node_like(node), editor.node_like(gate), relu=target == "relu")
        ledger, before = Ledger(self.name, self.title, model), {_before(gate) for _, gate in free}
        layers = [layer for layer in model.layers if layer.name in before]
        for layer in layers:
            ledger.change(layer, f"the activation behind it became {target}")
        said = f"Activations that became {target}: {len(free)} of {len(found)}."
        return ledger.close(editor.finish(), (said,)), layers


def _gate(node: ir.Node) -> ir.Node | None:
    """The node that bends in an activation which ends in `node`: itself, or the gate that x is multiplied by."""
    if node.domain not in DOMAINS:
        return None
    if node.op_type in OPERATORS:
        return node
    if node.op_type != "Mul":
        return None
    for value, gated in (node.inputs, tuple(reversed(node.inputs))):
        gate = None if gated is None else gated.producer()
        if gate is None or gated is None or gate.op_type not in GATES or gate.inputs[0] is not value:
            continue
        if len(tuple(gated.uses())) == 1 and not gated.is_graph_output():
            return gate
    return None


def _before(gate: ir.Node) -> str:
    """Name of the node that makes what an activation reads; empty where an input does."""
    read = gate.inputs[0]
    node = None if read is None else read.producer()
    return "" if node is None else node.name or ""


def _swap(editor: GraphEditor, last: ir.Node, gate: ir.Node, *, relu: bool) -> None:
    """Replaces an activation that reads what `gate` reads."""
    read = gate.inputs[0]
    if relu:
        made = [editor.node("Relu", [read], f"{last.name}_relu", {})]
    else:
        slope = {"alpha": ir.AttrFloat32("alpha", SLOPES[gate.op_type] / 6.0), "beta": ir.AttrFloat32("beta", 0.5)}
        hard = editor.node("HardSigmoid", [read], f"{last.name}_gate", slope)
        made = [hard, editor.node("Mul", [read, hard.outputs[0]], f"{last.name}_product", {})]
    editor.before(last, made)
    editor.drop(last, made[-1].outputs[0])
    if gate is not last:
        editor.remove(gate)
