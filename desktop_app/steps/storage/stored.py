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
from desktop_app.steps.targets import LayerWeight, find_weights, unfit_values

FIRST_WITH_BROADCASTING = 7
"""Version of the standard operators from which Mul and Sub broadcast."""

FIRST_WITH_SLICE = 10
"""Version from which Slice takes its bounds as inputs."""

FIRST = np.zeros(1, np.int64)
NIBBLES = 16.0
OFFSET = 8.0


@dataclass(frozen=True)
class Stored:
    """weight = (integers * scale), reshaped to `shape`; without a scale, the content itself in float.

    Attributes:
        content: float16 of the weight's shape, int8, or uint8 with two 4-bit integers in each (see `pack_nibbles`).
        shape: Of the weight.
        scale: Broadcasts against the integers in `blocked` shape.
        blocked: The shape in which the integers meet their scales; the weight's own where it is not cut into blocks.
        remark: What is worth saying of it.
    """

    content: np.ndarray
    shape: tuple[int, ...]
    scale: np.ndarray | None = None
    blocked: tuple[int, ...] = ()
    remark: str = ""

    @property
    def bytes(self) -> int:
        """What it occupies."""
        return self.content.nbytes + (0 if self.scale is None else self.scale.nbytes)


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
                _write(editor, weight, result)
        ledger.change(layer, reason or next((result.remark for result in results if isinstance(result, Stored)), ""))
    return ledger.close(editor.finish())


def pack_nibbles(integers: np.ndarray) -> np.ndarray:
    """Packs integers in [-8, 7] into half as many bytes; an odd number of them gets one more.

    The low half of a byte is one of the first half of the integers and the high half one of the second, each 8 higher,
    so that Concat puts them in order again.
    """
    shifted = (integers.reshape(-1) + int(OFFSET)).astype(np.uint8)
    shifted = np.append(shifted, np.zeros(len(shifted) % 2, np.uint8))
    half = len(shifted) // 2
    packed: np.ndarray = shifted[:half] | (shifted[half:] << 4)
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


def _write(editor: GraphEditor, weight: LayerWeight, stored: Stored) -> None:
    """Puts the stored weight and the nodes that decode it in the place of the float weight."""
    old = editor.node_like(weight.node).inputs[weight.index]
    if old is None:
        raise KeyError(weight.layer.name)
    decoder = Decoder(editor, old.name or "", stored.content)
    decoder.apply("Cast", to=ir.AttrInt64("to", int(ir.DataType.FLOAT)))
    shape = stored.shape
    if stored.content.dtype == np.uint8:
        shape = (prod(stored.shape),)
        _unpack(decoder)
        if shape[0] % 2:
            decoder.apply("Slice", decoder.shared("first", FIRST), decoder.shared(f"size_{shape[0]}", np.array(shape)))
    if stored.blocked and stored.blocked != shape:
        shape = decoder.reshape(stored.blocked)
    if stored.scale is not None:
        decoder.apply("Mul", decoder.constant("scale", stored.scale))
    if shape != stored.shape:
        decoder.reshape(stored.shape)
    decoder.finish(old, ir.DataType.FLOAT, stored.shape)


def _unpack(decoder: Decoder) -> None:
    """Bytes in float to twice as many integers in [-8, 7], by arithmetic that every version of the operators has."""
    both = decoder.value
    decoder.apply("Mul", decoder.shared("sixteenth", np.array(1.0 / NIBBLES, np.float32)))
    high = decoder.apply("Floor")
    shifted = decoder.apply("Mul", decoder.shared("sixteen", np.array(NIBBLES, np.float32)))
    decoder.value = both
    decoder.apply("Sub", shifted)
    decoder.apply("Concat", high, axis=ir.AttrInt64("axis", 0))
    decoder.apply("Sub", decoder.shared("eight", np.array(OFFSET, np.float32)))
