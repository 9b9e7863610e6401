"""A member of a family as an ONNX model: one node for each submodule, named after it (ADR 0030)."""

from collections.abc import Mapping
from typing import cast

import onnx_ir as ir
from torch import fx, nn

from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.zoo.ends import Ends
from desktop_app.zoo.operators import RULES
from desktop_app.zoo.writing import Writer


def export(module: nn.Module, ends: Ends, name: str) -> Model:
    """Writes a module as an ONNX model, as it is evaluated.

    Normalisation is kept apart from the convolutions: a model that is trained on needs it, and whoever measures or
    compresses the model folds it anyway.

    Args:
        module: A member of a family.
        ends: What is to go in and come out.
        name: Of the graph.
    """
    writer = Writer(module)
    start = _value(ends.input)
    logits = _follow(module, writer, _entered(writer, start, ends))
    end = _left(writer, logits, ends)
    _describe(end, ends.output)
    return Model(writer.finish([start], [end], name))


class _Tracer(fx.Tracer):
    """Goes into submodules until one has a rule."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m) in RULES


def _follow(module: nn.Module, writer: Writer, start: ir.Value) -> ir.Value:
    """Writes the nodes of all submodules in the order in which the forward calls them; gives the logits."""
    modules = dict(module.named_modules())
    values: dict[fx.Node, ir.Value] = {}
    for node in _Tracer().trace(module).nodes:
        inputs = [values[one] for one in node.all_input_nodes]
        if node.op == "placeholder":
            values[node] = start
        elif node.op == "call_module":
            part = modules[str(node.target)]
            writer.enter(str(node.target))
            values[node] = RULES[type(part)](writer, part, inputs)
        elif node.op == "output":
            return inputs[0]
        else:
            raise TypeError(f"{node.target} is called outside a submodule")
    raise TypeError("the forward gives nothing")


def _entered(writer: Writer, value: ir.Value, ends: Ends) -> ir.Value:
    """The input as the module takes it: N C H W, in single precision."""
    writer.enter("input")
    if ends.input.dtype != "float32":
        value = writer.node("Cast", (value,), {"to": int(ir.DataType.FLOAT)})
    return writer.node("Transpose", (value,), {"perm": (0, 3, 1, 2)}) if ends.channels_last else value


def _left(writer: Writer, value: ir.Value, ends: Ends) -> ir.Value:
    """The output as it is asked for."""
    writer.enter("output")
    if ends.activation:
        attributes: Mapping[str, int] = {"axis": 1} if ends.activation.endswith("Softmax") else {}
        value = writer.node(ends.activation, (value,), attributes)
    shape = cast("tuple[int | str | None, ...]", ends.output.shape)
    if len(shape) != 2:
        fixed = [0, *(size if isinstance(size, int) else 1 for size in shape[1:])]
        value = writer.node("Reshape", (value, writer.integers("shape", fixed)))
    if ends.output.dtype != "float32":
        value = writer.node("Cast", (value,), {"to": int(_element_type(ends.output))})
    return value


def _value(spec: TensorSpec) -> ir.Value:
    value = ir.Value()
    _describe(value, spec)
    return value


def _describe(value: ir.Value, spec: TensorSpec) -> None:
    value.name = spec.name
    value.shape = ir.Shape(spec.shape or ())
    value.type = ir.TensorType(_element_type(spec))


def _element_type(spec: TensorSpec) -> ir.DataType:
    names = {"float32": "FLOAT", "float64": "DOUBLE"}
    return ir.DataType[names.get(spec.dtype, spec.dtype.upper())]
