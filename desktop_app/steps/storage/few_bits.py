"""Integers of 4 or 6 bits that 8-bit kernels multiply: without gaps in the file, a byte each once the model is loaded.

ONNX Runtime folds the nodes that take bytes apart before it looks for operators to compute on integers, and so finds
plain 8-bit weights behind DequantizeLinear. INT4 weights there it leaves to float (see docs/adr/0033).
"""

from dataclasses import dataclass
from math import gcd, prod

import numpy as np
import onnx_ir as ir

from desktop_app.core.changed_cost import PACKED_NODES_BYTES
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.storage.decoder import Decoder

BYTE = 8


@dataclass(frozen=True)
class FewBits:
    """Integers in [-2^(bits - 1), 2^(bits - 1)), higher by that, in groups that fill whole bytes.

    Attributes:
        content: uint8 (groups, bytes of a group), the first integer in the lowest bits of the first byte.
        shape: Of the integers.
        bits: Of each.
    """

    content: np.ndarray
    shape: tuple[int, ...]
    bits: int

    @classmethod
    def of(cls, array: np.ndarray, bits: int) -> "FewBits | None":
        """The packed form of s8 integers; None where they take more bits than that."""
        half = 1 << bits - 1
        if array.dtype != np.int8 or array.size == 0 or array.min() < -half or array.max() >= half:
            return None
        width, each = _group(bits)
        raised = array.reshape(-1).astype(np.int64) + half
        groups = np.append(raised, np.zeros(-raised.size % each, np.int64)).reshape(-1, each)
        numbers = (groups << bits * np.arange(each)).sum(axis=1)
        content = numbers[:, None] >> BYTE * np.arange(width) & 255
        return cls(content.astype(np.uint8), array.shape, bits)

    @property
    def bytes(self) -> int:
        """What it occupies, with the nodes that take it apart."""
        return self.content.nbytes + PACKED_NODES_BYTES


def write_few_bits(editor: GraphEditor, value: ir.Value, packed: FewBits) -> None:
    """Puts bytes, and the nodes that take them apart, in the place of an initializer; opset 11 or newer."""
    bits, (width, each) = packed.bits, _group(packed.bits)
    decoder = Decoder(editor, value.name or "", packed.content)
    unsigned: type[np.unsignedinteger] = np.uint8
    if width > 1:
        unsigned = np.uint32
        decoder.cast(ir.DataType.UINT32)
        places = (1 << BYTE * np.arange(width, dtype=np.uint32)).reshape(-1, 1)
        decoder.apply("MatMul", decoder.shared(f"places_{bits}", places.astype(unsigned)))
    shifts = decoder.shared(f"shifts_{bits}", (bits * np.arange(each)).astype(unsigned))
    decoder.apply("BitShift", shifts, direction=ir.AttrString("direction", "RIGHT"))
    decoder.apply("Mod", decoder.shared(f"levels_{bits}", np.array(1 << bits, unsigned)))
    decoder.cast(ir.DataType.INT32)
    decoder.apply("Sub", decoder.shared(f"half_{bits}", np.array(1 << bits - 1, np.int32)))
    decoder.cast(ir.DataType.INT8)
    count = prod(packed.shape)
    if count % each:
        decoder.reshape((-1,))
        size = decoder.shared(f"size_{count}", np.array([count], np.int64))
        decoder.apply("Slice", decoder.shared("first", np.zeros(1, np.int64)), size)
    decoder.reshape(packed.shape)
    decoder.finish(value, ir.DataType.INT8, packed.shape)


def _group(bits: int) -> tuple[int, int]:
    """Bytes of the smallest group that integers fill, and how many these are; of 4 and 6 bits at most 3 bytes."""
    common = gcd(bits, BYTE)
    return bits // common, BYTE // common
