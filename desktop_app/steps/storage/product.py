"""A matrix product that reads its weight in 4 bits as it is stored: MatMulNBits of ONNX Runtime.

Unlike a weight that is decoded when the model loads it stays small in memory too, and is faster where few rows are
multiplied, since less is read (see docs/adr/0015).
"""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import ORIGIN_KEY
from desktop_app.graph.operators import MICROSOFT
from desktop_app.steps.editor import GraphEditor

BITS = 4
FIRST_ZERO = 8
"""What stands for 0 where there are no zero points."""

ACCURACY_LEVEL = 4
"""Sums of products of 8-bit integers: the inputs are rounded too, block by block. In float it gains much less."""

SMALLEST_BLOCK, LARGEST_BLOCK = 16, 256


@dataclass(frozen=True)
class PackedProduct:
    """The weight of a matrix product as MatMulNBits takes it.

    Attributes:
        content: uint8 (outputs, blocks, block / 2), two integers in each, 8 higher than they are.
        scale: float32 (outputs, blocks). As half floats behind a Cast they would be smaller, but where the optimiser
            does not fold the Cast, ONNX Runtime 1.32 then gives zeros without a word.
        zero: uint8 (outputs, blocks / 2 rounded up), two in each; None where all are 8.
        inputs: Inputs of one output.
    """

    content: np.ndarray
    scale: np.ndarray
    zero: np.ndarray | None
    inputs: int

    @property
    def bytes(self) -> int:
        """What it occupies."""
        return self.content.nbytes + self.scale.nbytes + (0 if self.zero is None else self.zero.nbytes)


def fits_product(node: ir.Node, bits: int, block: int, inputs: int) -> bool:
    """Whether MatMulNBits can take the place of a node."""
    if node.op_type not in ("MatMul", "Gemm") or node.domain or bits != BITS:
        return False
    attributes = node.attributes
    plain = attributes.get_float("alpha", 1.0) == 1.0 and attributes.get_float("beta", 1.0) == 1.0
    sized = SMALLEST_BLOCK <= block <= LARGEST_BLOCK and block & (block - 1) == 0 and inputs % block == 0
    return plain and sized and not attributes.get_int("transA", 0)


def pack_product(integers: np.ndarray, scale: np.ndarray, zero: np.ndarray, block: int) -> PackedProduct:
    """From integers in [-8, 7] (outputs, inputs), and (outputs, blocks) scales and zero points."""
    outputs, inputs = integers.shape
    content = _pairs(integers).reshape(outputs, inputs // block, block // 2)
    return PackedProduct(content, scale.astype(np.float32), _pairs(zero) if zero.any() else None, inputs)


def write_product(editor: GraphEditor, node: ir.Node, index: int, product: PackedProduct) -> None:
    """Puts MatMulNBits, and an Add for the bias of a Gemm, in the place of the copy of `node`."""
    old = editor.node_like(node)
    data, weight, outputs = old.inputs[0], old.inputs[index], len(product.content)
    name = "" if weight is None else weight.name or ""
    scale = editor.constant(f"{name}.scale", product.scale)
    inputs = [data, editor.constant(f"{name}.stored", product.content), scale]
    if product.zero is not None:
        inputs.append(editor.constant(f"{name}.zero", product.zero))
    numbers = {"K": product.inputs, "N": outputs, "bits": BITS, "accuracy_level": ACCURACY_LEVEL}
    numbers["block_size"] = product.inputs // product.content.shape[1]
    attributes = {key: ir.AttrInt64(key, number) for key, number in numbers.items()}
    made = editor.node("MatMulNBits", inputs, f"{old.name}/MatMulNBits", attributes, domain=MICROSOFT)
    origin = {ORIGIN_KEY: old.metadata_props.get(ORIGIN_KEY, old.name or "")}
    made.metadata_props.update({**old.metadata_props, **origin})
    nodes = [made]
    if old.op_type == "Gemm" and len(old.inputs) > 2 and old.inputs[2] is not None:
        nodes.append(editor.node("Add", [made.outputs[0], old.inputs[2]], f"{old.name}/Add", {}))
        nodes[-1].metadata_props.update(old.metadata_props)
    editor.before(old, nodes)
    editor.drop(old, nodes[-1].outputs[0])
    editor.graph.opset_imports.setdefault(MICROSOFT, 1)


def _pairs(integers: np.ndarray) -> np.ndarray:
    """Integers in [-8, 7] of each row, two in a byte, the first in the lower half; a row is filled up with 0."""
    shifted = (integers + FIRST_ZERO).astype(np.uint8)
    if shifted.shape[1] % 2:
        shifted = np.concatenate([shifted, np.full_like(shifted[:, :1], FIRST_ZERO)], axis=1)
    packed: np.ndarray = shifted[:, 0::2] | (shifted[:, 1::2] << BITS)
    return packed
