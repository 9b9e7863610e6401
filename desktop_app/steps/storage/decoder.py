"""Nodes that turn a stored weight into what its layer reads, in the place of the weight."""

from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import DECODER_KEY
from desktop_app.steps.editor import GraphEditor

PREFIX = "d"
"""Short, since every weight has several such nodes."""


class Decoder:
    """Writes one node after the other, each on the value of the one before.

    Attributes:
        value: What the last node gives.
    """

    def __init__(self, editor: GraphEditor, name: str, content: np.ndarray) -> None:
        self._editor, self._name = editor, name
        self._nodes: list[ir.Node] = []
        self.value = self.constant("stored", content)

    def constant(self, role: str, array: np.ndarray) -> ir.Value:
        """A constant that belongs to this weight."""
        return self._editor.constant(f"{self._name}.{role}", array)

    def shared(self, role: str, array: np.ndarray) -> ir.Value:
        """A constant that all decoders of this kind read."""
        return self._editor.shared_constant(f"{PREFIX}.{role}", array)

    def float_constant(self, role: str, array: np.ndarray) -> ir.Value:
        """A constant that belongs to this weight, as 32-bit floats; behind a node where it is stored as less."""
        stored = self.constant(role, array)
        if array.dtype == np.float32:
            return stored
        return self._add("Cast", (stored,), 0, {"to": ir.AttrInt64("to", int(ir.DataType.FLOAT))})

    def cast(self, dtype: ir.DataType) -> ir.Value:
        """The value as another type."""
        return self.apply("Cast", to=ir.AttrInt64("to", int(dtype)))

    def apply(self, op_type: str, *others: ir.Value, **attributes: ir.Attr) -> ir.Value:
        """A node that reads the value, then others."""
        return self.join(op_type, (self.value, *others), 0, **attributes)

    def join(self, op_type: str, inputs: tuple[ir.Value, ...], weight: int, **attributes: ir.Attr) -> ir.Value:
        """A node of which input number `weight` brings the weight."""
        self.value = self._add(op_type, inputs, weight, attributes)
        return self.value

    def _add(
        self, op_type: str, inputs: tuple[ir.Value, ...], weight: int, attributes: Mapping[str, ir.Attr]
    ) -> ir.Value:
        node = self._editor.node(op_type, inputs, PREFIX, attributes)
        node.metadata_props[DECODER_KEY] = str(weight)
        self._nodes.append(node)
        return node.outputs[0]

    def reshape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Another shape; the last one that is given is the weight's."""
        suffix = "x".join(map(str, shape))
        self.apply("Reshape", self.shared(f"shape_{suffix}", np.array(shape, np.int64)))
        return shape

    def finish(self, old: ir.Value, dtype: ir.DataType, shape: tuple[int, ...]) -> None:
        """Puts the nodes first in the graph and their value in the place of `old`."""
        self.value.type, self.value.shape = ir.TensorType(dtype), ir.Shape(shape)
        self._editor.at_start(self._nodes)
        self._editor.replace(old, self.value)
