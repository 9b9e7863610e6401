"""Weights stored in fewer bits, and the nodes that make them float again.

The nodes are ones that ONNX Runtime folds when it loads the model (Cast, Mul ...), so that the layer then runs exactly
as fast as before. It does not fold DequantizeLinear, which it keeps for int8 kernels: behind it a convolution with
64 x 64 x 3 x 3 weights took 1.75 times as long, and a Gemm with 4-bit weights 20 times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.storage.decoder import Decoder
from desktop_app.steps.storage.product import PackedProduct, write_product
from desktop_app.steps.targets import LayerWeight, find_weights, unfit_values

FIRST_WITH_BROADCASTING = 7
"""Version of the standard operators from which Mul and Sub broadcast."""

FIRST_WITH_SLICE = 10
"""Version from which Slice takes its bounds as inputs."""

FIRST_WITH_SHIFTS = 11
"""Version from which BitShift and Mod take bytes apart."""

FIRST = np.zeros(1, np.int64)
BYTE = 8


@dataclass(frozen=True)
class Bias:
    """A new value for the constant that a node adds to what the layer gives."""

    node: ir.Node
    index: int
    array: np.ndarray


@dataclass(frozen=True)
class Stored:
    """weight = (integers - zero) * scale, reshaped to `shape`; without a scale, the content itself in float.

    Attributes:
        content: float16 of the weight's shape, int8, or several integers in each uint8 (see `pack_bits`).
        shape: Of the weight.
        scale: float16 or float32, broadcasts against the integers in `blocked` shape.
        blocked: The shape in which the integers meet their scales; the weight's own where it is not cut into blocks.
        remark: What is worth saying of it.
        bits: Of one integer.
        zero: Small integers that stand for 0, shaped like the scale; None where that is 0 everywhere.
        bias: What the layer's bias becomes; None where it stays.
        product: The same for an operator that reads it as it is stored; None where it is decoded.
    """

    content: np.ndarray
    shape: tuple[int, ...]
    scale: np.ndarray | None = None
    blocked: tuple[int, ...] = ()
    remark: str = ""
    bits: int = BYTE
    zero: np.ndarray | None = None
    bias: Bias | None = None
    product: PackedProduct | None = None

    @property
    def bytes(self) -> int:
        """What it occupies."""
        if self.product is not None:
            return self.product.bytes
        return self.content.nbytes + sum(one.nbytes for one in (self.scale, self.zero) if one is not None)


Encode = Callable[[LayerWeight, np.ndarray], Stored | str]
"""A weight in fewer bits, or why it cannot be."""


def store_layers(step: Step, model: Model, layers: Sequence[Layer], encode: Encode, token: Token) -> StepResult:
    """Stores the weights of `layers` as `encode` says. A weight that several of them share is stored once.

    Raises:
        Cancelled: when the token says so.
        NothingChangedError: when none of the layers could be changed.
    """
    ledger = Ledger(step.name, step.title, model)
    editor = GraphEditor(model)
    claimed = {name for layer in layers for name in (layer.name, *layer.nodes)}
    encoded: dict[str, Stored | str] = {}
    for done, layer in enumerate(layers):
        token.check()
        token.report(Progress(step.name, done / len(layers), layer.name))
        weights = find_weights(model, layer)
        if isinstance(weights, str):
            ledger.refuse(layer, weights)
            continue
        fresh = [weight for weight in weights if weight.name not in encoded]
        for weight in fresh:
            encoded[weight.name] = _encode(weight, claimed, encode)
        results = [encoded[weight.name] for weight in weights]
        reason = next((result for result in results if isinstance(result, str)), "")
        if all(isinstance(result, str) for result in results):
            ledger.refuse(layer, reason)
            continue
        for weight in fresh:
            result = encoded[weight.name]
            if isinstance(result, Stored):
                _write(editor, weight, result, model.opset)
        ledger.change(layer, reason or next((result.remark for result in results if isinstance(result, Stored)), ""))
    return ledger.close(editor.finish())


def pack_bits(integers: np.ndarray, bits: int) -> np.ndarray:
    """Packs integers in [-2^(bits-1), 2^(bits-1)) into bytes, neighbours into one, the first into the lowest bits.

    They are stored higher by 2^(bits-1); the last byte is filled up with zeros.
    """
    each = BYTE // bits
    shifted = (integers.reshape(-1) + (1 << bits - 1)).astype(np.uint8)
    filled = np.append(shifted, np.zeros(-len(shifted) % each, np.uint8)).reshape(-1, each)
    packed: np.ndarray = np.bitwise_or.reduce(filled << (bits * np.arange(each, dtype=np.uint8)), axis=1)
    return packed


def _encode(weight: LayerWeight, claimed: set[str], encode: Encode) -> Stored | str:
    stranger = next((name for name in weight.sharers if name not in claimed), None)
    if stranger is not None:
        return f"it shares its weight with {stranger}, of which this is not asked"
    array = weight.tensor.numpy()
    reason = unfit_values(array)
    if reason:
        return reason
    stored = encode(weight, array)
    if isinstance(stored, Stored) and stored.bytes >= array.nbytes:
        return f"its {array.size} weights would not become smaller"
    return stored


def _write(editor: GraphEditor, weight: LayerWeight, stored: Stored, opset: int) -> None:
    """Puts the stored weight and the nodes that decode it in the place of the float weight."""
    if stored.bias is not None:
        editor.set_constant(stored.bias.node, stored.bias.index, stored.bias.array)
    if stored.product is not None:
        write_product(editor, weight.node, weight.index, stored.product)
        return
    old = editor.node_like(weight.node).inputs[weight.index]
    if old is None:
        raise KeyError(weight.layer.name)
    name = old.name or ""
    if stored.content.dtype == np.uint8:
        decoder, shape = _unpack(editor, name, stored, opset)
    else:
        decoder, shape = Decoder(editor, name, stored.content), stored.shape
        decoder.cast(ir.DataType.FLOAT)
        if stored.blocked not in ((), shape):
            shape = decoder.reshape(stored.blocked)
    _scale(decoder, stored)
    if shape != stored.shape:
        decoder.reshape(stored.shape)
    decoder.finish(old, ir.DataType.FLOAT, stored.shape)


def _scale(decoder: Decoder, stored: Stored) -> None:
    """The nodes that turn integers into weights."""
    higher = 1 << stored.bits - 1 if stored.content.dtype == np.uint8 else 0
    if stored.zero is not None:
        dtype = np.uint8 if higher else np.int8
        decoder.apply("Sub", decoder.float_constant("zero", (stored.zero + higher).astype(dtype)))
    elif higher:
        decoder.apply("Sub", decoder.shared(f"minus_{higher}", np.array(higher, np.float32)))
    if stored.scale is not None:
        decoder.apply("Mul", decoder.float_constant("scale", stored.scale))


def _unpack(editor: GraphEditor, name: str, stored: Stored, opset: int) -> tuple[Decoder, tuple[int, ...]]:
    """Nodes from bytes to integers, as floats and not yet lowered; and the shape that they have then.

    That is the blocked shape, or the same with neighbours that came from one byte on its last axis.
    """
    each, blocked, count = BYTE // stored.bits, stored.blocked, prod(stored.shape)
    apart = len(blocked) > 1 and blocked[-1] == 1 and blocked[-2] % each == 0
    packed = (*blocked[:-2], blocked[-2] // each, 1) if apart else (len(stored.content), 1)
    decoder = Decoder(editor, name, stored.content.reshape(packed))
    _take_apart(decoder, stored.bits, opset)
    if apart:
        return decoder, (*packed[:-1], each)
    if len(stored.content) * each != count:
        decoder.reshape((len(stored.content) * each,))
        decoder.apply("Slice", decoder.shared("first", FIRST), decoder.shared(f"size_{count}", np.array([count])))
    return decoder, decoder.reshape(blocked)


def _take_apart(decoder: Decoder, bits: int, opset: int) -> None:
    """Bytes (..., 1) to the integers in them (..., 8 / bits), as floats."""
    each, levels = BYTE // bits, 1 << bits
    if opset >= FIRST_WITH_SHIFTS:
        shifts = decoder.shared(f"shifts_{bits}", (bits * np.arange(each)).astype(np.uint8))
        decoder.apply("BitShift", shifts, direction=ir.AttrString("direction", "RIGHT"))
        decoder.apply("Mod", decoder.shared(f"levels_{bits}", np.array(levels, np.uint8)))
        decoder.cast(ir.DataType.FLOAT)
        return
    decoder.cast(ir.DataType.FLOAT)
    decoder.apply("Mul", decoder.shared(f"shares_{bits}", (float(levels) ** -np.arange(each)).astype(np.float32)))
    shifted = decoder.apply("Floor")
    decoder.apply("Mul", decoder.shared(f"share_{bits}", np.array(1.0 / levels, np.float32)))
    decoder.apply("Floor")
    higher = decoder.apply("Mul", decoder.shared(f"number_{bits}", np.array(levels, np.float32)))
    decoder.value = shifted
    decoder.apply("Sub", higher)
