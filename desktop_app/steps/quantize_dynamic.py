"""Matrix products on 8-bit integers whose ranges are found anew at every inference: no calibration data."""

from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import DECODER_KEY, ORIGIN_KEY, Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.int8.eligible import LayerWeights, read_weights, refusal, weights_refusal
from desktop_app.steps.int8.weights import QuantizedWeight, quantize_weight
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import asked, find_weight

BITS = 8

FIRST_WITH_DYNAMIC = 11
"""Version of the standard operators from which there is DynamicQuantizeLinear."""

SLOW_CONVOLUTION = (
    "ONNX Runtime's convolution with dynamic ranges is about six times slower than in float;"
    " calibrated activations or weights alone suit it"
)


class QuantizeDynamic(Step):
    """DynamicQuantizeLinear and MatMulInteger, which ONNX Runtime fuses; one weight scale for each output."""

    name = "quantize_dynamic"
    title = "Dynamic quantisation"
    knob = "bits"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether activations are to be quantised dynamically and some layer is asked for 8 bits."""
        return recipe.methods.quantize.activations == "dynamic" and bool(_asked(model, recipe))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """All but products with a constant matrix."""
        everyone = {name for layer in model.layers for name in (layer.name, *layer.nodes)}
        reasons = {layer.name: _refusal(model, layer, everyone) for layer in model.layers}
        return {name: reason for name, reason in reasons.items() if reason}

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Rewrites the products that are asked for 8 bits, see `Step.apply`."""
        pair_safe = recipe.methods.quantize.scheme == "portable" or not detect_cpu().exact_int8
        layers = _asked(model, recipe)
        ledger, writer = Ledger(self.name, self.title, model), _Writer(model)
        for done, layer in enumerate(layers):
            token.check()
            token.report(Progress(self.name, done / len(layers), layer.name))
            reason = _refusal(model, layer, {one.name for one in layers})
            if reason:
                ledger.refuse(layer, reason)
                continue
            weights = read_weights(model.node(layer.name))
            reason = weights_refusal(weights)
            if reason:
                ledger.refuse(layer, reason)
                continue
            writer.write(layer, weights, pair_safe=pair_safe)
            ledger.change(layer)
        return ledger.close(writer.finish())


def _asked(model: Model, recipe: Recipe) -> list[Layer]:
    return [layer for layer in asked(model, recipe, lambda one: one.bits == BITS) if layer.bits > BITS]


def _refusal(model: Model, layer: Layer, claimed: set[str]) -> str:
    """Why the layer stays in float; empty where it need not. Does not read the weight."""
    if layer.op_type == "Conv":
        return SLOW_CONVOLUTION
    reason = refusal(model, layer)
    if reason:
        return reason
    weight = find_weight(model, layer)
    if isinstance(weight, str):
        return weight
    stranger = next((name for name in weight.sharers if name not in claimed), "")
    if stranger:
        return f"it shares its weight with {stranger}, of which this is not asked"
    if model.opset < FIRST_WITH_DYNAMIC:
        return f"dynamic ranges need opset {FIRST_WITH_DYNAMIC}, this model has {model.opset}"
    return ""


class _Writer:
    """Puts products on integers in the place of products on floats."""

    def __init__(self, model: Model) -> None:
        self._model, self._editor = model, GraphEditor(model)
        self._inputs: dict[ir.Value, ir.Node] = {}
        self._weights: dict[tuple[str, float, int], tuple[ir.Value, ir.Value]] = {}

    def finish(self) -> Model:
        """The rewritten model."""
        return self._editor.finish()

    def write(self, layer: Layer, weights: LayerWeights, *, pair_safe: bool) -> None:
        """Rewrites one Gemm or MatMul."""
        old = self._editor.node_like(self._model.node(layer.name))
        quantized = self._quantized_input(old)
        integers, scale = self._quantized_weight(old, weights, pair_safe)
        stored, input_scale, zero_point = quantized.outputs
        product = self._node("MatMulInteger", [stored, integers, zero_point], old)
        real = self._node("Cast", [product.outputs[0]], old, to=ir.AttrInt64("to", int(ir.DataType.FLOAT)))
        both = self._node("Mul", [input_scale, scale], old, decodes=True)
        nodes = [product, real, both, self._node("Mul", [real.outputs[0], both.outputs[0]], old)]
        if weights.bias is not None:
            bias = self._editor.constant(f"{old.name}/bias", weights.bias.astype(np.float32))
            nodes.append(self._node("Add", [nodes[-1].outputs[0], bias], old))
        self._editor.before(old, nodes)
        self._editor.drop(old, nodes[-1].outputs[0])

    def _quantized_input(self, old: ir.Node) -> ir.Node:
        """The node that quantises what the layer reads; layers that read the same value share it."""
        value = old.inputs[0]
        if value is None:
            raise ValueError(f"{old.name} has no input")
        if value not in self._inputs:
            node = self._editor.node("DynamicQuantizeLinear", [value], f"{old.name}/quantize", {}, outputs=3)
            self._editor.before(old, [node])
            self._inputs[value] = node
        return self._inputs[value]

    def _quantized_weight(self, old: ir.Node, weights: LayerWeights, pair_safe: bool) -> tuple[ir.Value, ir.Value]:
        """Integers, (inputs, outputs), and scales, (outputs,); stored once for all layers that share the weight."""
        value = old.inputs[1]
        key = (value.name or "" if value else "", old.attributes.get_float("alpha", 1.0), weights.axis)
        if key not in self._weights:
            rounded = _rounded(weights, pair_safe)
            stored = rounded.stored if weights.axis == 1 else np.ascontiguousarray(rounded.stored.T)
            self._weights[key] = (
                self._editor.constant(f"{key[0]}.integers", stored),
                self._editor.constant(f"{key[0]}.scale", rounded.scales),
            )
        return self._weights[key]

    def _node(
        self, op_type: str, inputs: list[ir.Value], old: ir.Node, *, decodes: bool = False, **attributes: ir.Attr
    ) -> ir.Node:
        node = self._editor.node(op_type, inputs, f"{old.name}/{op_type}", attributes)
        origin: Mapping[str, str] = {ORIGIN_KEY: old.metadata_props.get(ORIGIN_KEY, old.name or "")}
        node.metadata_props.update({**old.metadata_props, **origin, **({DECODER_KEY: "0"} if decodes else {})})
        return node


def _rounded(weights: LayerWeights, pair_safe: bool) -> QuantizedWeight:
    floor = np.zeros(weights.weight.shape[weights.axis])
    return quantize_weight(weights.weight, weights.axis, weights.packed, pair_safe=pair_safe, floor=floor)
