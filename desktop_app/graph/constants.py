"""Constants of a graph, wherever they are stored: initializers and Constant nodes."""

import numpy as np
import onnx_ir as ir

_FLOATS = {"value_float", "value_floats"}
_INTEGERS = {"value_int", "value_ints"}


def tensor_of(value: ir.Value | None) -> ir.TensorProtocol | None:
    """The constant behind a value; None where there is none, or where the model's user may replace it (an input)."""
    if value is None:
        return None
    node = value.producer()
    if node is not None:
        return _attribute_tensor(node) if node.op_type == "Constant" and node.domain == "" else None
    return value.const_value if value.is_initializer() and not value.is_graph_input() else None


def array_of(value: ir.Value | None) -> np.ndarray | None:
    """The constant behind a value as an array; None where there is none."""
    tensor = tensor_of(value)
    return None if tensor is None else tensor.numpy()


def set_tensor(value: ir.Value, array: np.ndarray) -> None:
    """Stores another array in the initializer or Constant node behind `value`; the element type stays."""
    old = tensor_of(value)
    if old is None:
        raise ValueError(f"{value.name} is no constant")
    tensor = ir.Tensor(np.asarray(array, order="C"), dtype=old.dtype, name=old.name)
    value.shape = ir.Shape(array.shape)
    node = value.producer()
    if node is None:
        value.const_value = tensor
        return
    for name in [*node.attributes]:
        del node.attributes[name]
    node.attributes.add(ir.AttrTensor("value", tensor))
    if value.const_value is not None:
        value.const_value = tensor


def _attribute_tensor(node: ir.Node) -> ir.TensorProtocol | None:
    """The tensor of a Constant node, whose attribute has several forms."""
    for name, attribute in node.attributes.items():
        if attribute.is_ref():
            return None
        if name == "value":
            return attribute.as_tensor()
        if name in _FLOATS:
            return ir.tensor(np.array(attribute.value, dtype=np.float32))
        if name in _INTEGERS:
            return ir.tensor(np.array(attribute.value, dtype=np.int64))
    return None
