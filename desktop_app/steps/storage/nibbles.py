"""Integers of 4 bits that 8-bit kernels multiply: two in a byte of the file, a byte each once the model is loaded.

ONNX Runtime folds the nodes that take bytes apart before it looks for operators to compute on integers, and so finds
plain 8-bit weights behind DequantizeLinear. INT4 weights there it leaves to float (see docs/adr/0033).
"""

from dataclasses import dataclass
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.storage.decoder import Decoder
from desktop_app.steps.storage.stored import pack_bits

BITS, EACH, LOWEST = 4, 2, 8

NODES_BYTES = 700
"""What the nodes that take bytes apart occupy themselves, about."""


@dataclass(frozen=True)
class Nibbles:
    """Integers in [-8, 7], neighbours in one byte, 8 higher than they are, the first in the lower half."""

    content: np.ndarray
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: np.ndarray) -> "Nibbles | None":
        """The packed form of s8 integers; None where they take more than 4 bits."""
        if array.dtype != np.int8 or array.size == 0 or array.min() < -LOWEST or array.max() >= LOWEST:
            return None
        return cls(pack_bits(array, BITS).reshape(-1, 1), array.shape)

    @property
    def bytes(self) -> int:
        """What it occupies, with the nodes that take it apart."""
        return self.content.nbytes + NODES_BYTES


def write_nibbles(editor: GraphEditor, value: ir.Value, nibbles: Nibbles) -> None:
    """Puts bytes, and the nodes that take them apart, in the place of an initializer; opset 11 or newer."""
    decoder = Decoder(editor, value.name or "", nibbles.content)
    shifts = decoder.shared("nibbles", np.array([0, BITS], np.uint8))
    decoder.apply("BitShift", shifts, direction=ir.AttrString("direction", "RIGHT"))
    decoder.apply("Mod", decoder.shared("sixteen", np.array(1 << BITS, np.uint8)))
    decoder.cast(ir.DataType.INT32)
    decoder.apply("Sub", decoder.shared("eight", np.array(LOWEST, np.int32)))
    decoder.cast(ir.DataType.INT8)
    count = prod(nibbles.shape)
    if count % EACH:
        decoder.reshape((-1,))
        size = decoder.shared(f"size_{count}", np.array([count], np.int64))
        decoder.apply("Slice", decoder.shared("first", np.zeros(1, np.int64)), size)
    decoder.reshape(nibbles.shape)
    decoder.finish(value, ir.DataType.INT8, nibbles.shape)
