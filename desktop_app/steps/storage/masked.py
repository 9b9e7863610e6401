"""A tensor with many zeros as the values that are none and one bit for each place, and the nodes that expand it."""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.storage.decoder import Decoder

BYTE = 8

NODES_BYTES = 900
"""What the nodes that expand a tensor take themselves, about."""


@dataclass(frozen=True)
class Masked:
    """A zero, then the values that are none; and bits that say where they are, the first place in the lowest bit.

    Smaller than gaps (`sparse.py`) where more than an eighth is left: 8-bit weights pay from a quarter of zeros on.
    """

    mask: np.ndarray
    values: np.ndarray
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: np.ndarray) -> "Masked":
        """The masked form of an array."""
        flat = array.reshape(-1)
        values = np.concatenate([np.zeros(1, flat.dtype), flat[flat != 0]])
        return cls(np.packbits(flat != 0, bitorder="little"), values, array.shape)

    @property
    def bytes(self) -> int:
        """What it occupies, with the nodes that expand it."""
        return self.mask.nbytes + self.values.nbytes + NODES_BYTES


def write_masked(editor: GraphEditor, value: ir.Value, masked: Masked) -> None:
    """Puts the masked form and the nodes that expand it, which ONNX Runtime folds, in the place of an initializer."""
    count = int(np.prod(masked.shape))
    decoder = Decoder(editor, value.name or "", masked.values)
    values = decoder.value
    decoder.value = decoder.constant("mask", masked.mask.reshape(-1, 1))
    direction = ir.AttrString("direction", "RIGHT")
    decoder.apply("BitShift", decoder.shared("bits", np.arange(BYTE, dtype=np.uint8)), direction=direction)
    decoder.apply("Mod", decoder.shared("two", np.array(2, np.uint8)))
    decoder.cast(ir.DataType.INT32)
    decoder.reshape((-1,))
    if count % BYTE:
        decoder.apply("Slice", decoder.shared("first", np.zeros(1, np.int64)), _count(decoder, count))
    there = decoder.value
    decoder.apply("CumSum", decoder.shared("axis", np.array(0, np.int32)))
    places = decoder.apply("Mul", there)
    decoder.join("Gather", (values, places), 0)
    decoder.reshape(masked.shape)
    decoder.finish(value, ir.DataType.from_numpy(masked.values.dtype), masked.shape)


def _count(decoder: Decoder, count: int) -> ir.Value:
    return decoder.shared(f"size_{count}", np.array([count], np.int64))
