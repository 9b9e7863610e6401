"""A tensor with many zeros in fewer bytes, held in plain tensors, and the nodes that expand it."""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.storage.decoder import Decoder

LONGEST_GAP = 255

NODES_BYTES = 800
"""What the nodes that expand a tensor take themselves, about."""


@dataclass(frozen=True)
class Sparse:
    """The values that are not zero, and how far each lies behind the one before, as unsigned bytes.

    Where a gap is too long for a byte, zeros are stored within it. A value takes one byte more than it is wide, and not
    eight more as in `sparse_initializer`, which onnx_ir cannot hold: float weights pay from a fifth of zeros on.
    """

    gaps: np.ndarray
    values: np.ndarray
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: np.ndarray) -> "Sparse":
        """The sparse form of an array."""
        flat = array.reshape(-1)
        positions = np.flatnonzero(flat) if flat.any() else np.zeros(1, np.int64)
        steps = np.diff(positions, prepend=0)
        fillers = np.maximum(steps - 1, 0) // LONGEST_GAP
        ends = np.cumsum(fillers + 1) - 1
        gaps = np.full(ends[-1] + 1, LONGEST_GAP, np.uint8)
        gaps[ends] = steps - fillers * LONGEST_GAP
        values = np.zeros(len(gaps), flat.dtype)
        values[ends] = flat[positions]
        return cls(gaps, values, array.shape)

    @property
    def bytes(self) -> int:
        """What it occupies, with the nodes that expand it."""
        return self.gaps.nbytes + self.values.nbytes + NODES_BYTES


def write_sparse(editor: GraphEditor, value: ir.Value, sparse: Sparse) -> None:
    """Puts the sparse form and the nodes that expand it, which ONNX Runtime folds, in the place of an initializer."""
    dtype = ir.DataType.from_numpy(sparse.values.dtype)
    decoder = Decoder(editor, value.name or "", sparse.values)
    values = decoder.value
    decoder.join("Cast", (decoder.constant("gaps", sparse.gaps),), 0, to=ir.AttrInt64("to", int(ir.DataType.INT32)))
    positions = decoder.apply("CumSum", decoder.shared("axis", np.array(0, np.int32)))
    size = decoder.shared(f"size_{np.prod(sparse.shape)}", np.array([np.prod(sparse.shape)], np.int64))
    zero = ir.AttrTensor("value", ir.Tensor(np.zeros(1, sparse.values.dtype)))
    zeros = decoder.join("ConstantOfShape", (size,), 0, value=zero)
    decoder.join("ScatterElements", (zeros, positions, values), 2, axis=ir.AttrInt64("axis", 0))
    decoder.reshape(sparse.shape)
    decoder.finish(value, dtype, sparse.shape)
