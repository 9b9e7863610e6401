"""Keeps layers in float that stand between integers.

ONNX Runtime's WeightBiasQuantization (core/optimizer/qdq_transformer/weight_bias_quantization.cc) rounds the float
weights of a Conv, ConvTranspose or Gemm whose input comes out of a DequantizeLinear and whose output goes into a
QuantizeLinear, at most through Relu and Clip: all of them with one scale, which a depthwise convolution does not stand
(MobileNet v1 with ten pointwise layers in 8 bits had 10 dB, and 28 with the shield). A LeakyRelu of slope 1 changes no
value and is not looked through; behind a convolution it is fused into it.
"""

from collections.abc import Iterator

import onnx_ir as ir

from desktop_app.steps.editor import GraphEditor

ROUNDED = ("Conv", "ConvTranspose", "Gemm")
LOOKED_THROUGH = ("Relu", "Clip")


def shield(editor: GraphEditor) -> None:
    """Puts a LeakyRelu of slope 1 behind every layer that would be rounded although its weights are float."""
    for node in tuple(_exposed(editor.graph)):
        (value,) = node.outputs
        readers = tuple(value.uses())
        kept = editor.node("LeakyRelu", [value], f"{value.name}_float", {"alpha": ir.AttrFloat32("alpha", 1.0)})
        kept.outputs[0].shape, kept.outputs[0].type = value.shape, value.type
        editor.graph.insert_after(node, kept)
        for reader, index in readers:
            reader.replace_input_with(index, kept.outputs[0])


def _exposed(graph: ir.Graph) -> Iterator[ir.Node]:
    for node in graph:
        if node.op_type in ROUNDED and _comes_from(node, 0) and not _comes_from(node, 1) and _goes_into_integers(node):
            yield node


def _comes_from(node: ir.Node, index: int) -> bool:
    """Whether an input is dequantised."""
    value = node.inputs[index]
    producer = None if value is None else value.producer()
    return producer is not None and producer.op_type == "DequantizeLinear"


def _goes_into_integers(node: ir.Node) -> bool:
    """Whether nothing but Relu and Clip stands between the layer and a QuantizeLinear."""
    while True:
        value = node.outputs[0]
        readers = tuple(value.uses())
        if len(readers) != 1 or value.is_graph_output():
            return False
        node = readers[0][0]
        if node.op_type == "QuantizeLinear":
            return True
        if node.op_type not in LOOKED_THROUGH:
            return False
