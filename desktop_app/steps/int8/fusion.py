"""Which layers ONNX Runtime really runs in 8 bits: read off the graph that its optimiser makes."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import onnx
import onnx_ir as ir

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session

CONVERSIONS = frozenset({"DequantizeLinear", "QuantizeLinear"})


def fused_layers(model: Model, layers: Collection[str]) -> frozenset[str]:
    """Those of the named layers whose integer weights an operator on integers reads after optimisation.

    Args:
        model: A model with QuantizeLinear and DequantizeLinear.
        layers: Names of nodes whose weights lie behind DequantizeLinear.
    """
    with tempfile.TemporaryDirectory(prefix="compression-studio-") as folder:
        path = Path(folder) / "optimised.onnx"
        open_session(model, save_optimised_to=path)
        optimised = onnx.load_model(path)  # not by onnx_ir, which has no dictionaries: classifiers give them
        nodes = (node for node in optimised.graph.node if node.op_type not in CONVERSIONS)
        in_integers = {name for node in nodes for name in node.input}
    return frozenset(name for name in layers if _stored_weight(model.node(name)) in in_integers)


def _stored_weight(layer: ir.Node) -> str | None:
    weight = layer.inputs[1]
    dequantize = None if weight is None else weight.producer()
    if dequantize is None or dequantize.inputs[0] is None:
        return None
    return dequantize.inputs[0].name
