"""Raises a model's opset to the first that has per-channel DequantizeLinear and 8-bit integer Clip, Pad and MaxPool."""

import onnx
import onnx.version_converter
import onnx_ir as ir

from desktop_app.graph.model import Model

OPSET = 13
LARGEST = 2**31 - 2**20
"""onnx's converter takes one protobuf, which cannot be larger."""


def raise_opset(model: Model) -> Model:
    """The model itself where it is new enough, else converted; value and node names stay.

    Raises:
        ValueError: when it cannot be converted, with the reason.
    """
    if model.opset >= OPSET:
        return model
    weights = (value.const_value for value in model.graph.initializers.values())
    if sum(tensor.nbytes for tensor in weights if tensor is not None) > LARGEST:
        raise ValueError(f"a model above 2 GB cannot be raised from opset {model.opset} to {OPSET}")
    try:
        proto = onnx.load_model_from_string(model.to_bytes())
        return Model(ir.from_proto(onnx.version_converter.convert_version(proto, OPSET)))
    except Exception as error:  # the converter raises whatever its C++ throws
        raise ValueError(f"onnx cannot raise the model from opset {model.opset} to {OPSET}, which it needs") from error
