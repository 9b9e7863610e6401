"""A layer that reads channels, seen as rows of a linear system: what it reads, and what it should give."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, set_tensor
from desktop_app.graph.model import Model

ROWS = 40_000
"""Rows that a fit takes of all samples together, unless it has many unknowns."""

ROWS_PER_UNKNOWN = 16
MAX_UNKNOWNS = 4096

Window = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Kernel, strides, dilations, and the padding before each spatial axis."""


@dataclass(frozen=True)
class Reader:
    """A layer whose weight is a float constant of its own.

    Attributes:
        node: The node.
        bias: Its bias, if it is a constant of its own; None where there is none to fit.
        transposed: Whether the stored matrix is (inputs, outputs).
        window: How a convolution moves; None for matrices.
    """

    node: ir.Node
    bias: ir.Value | None
    transposed: bool
    window: Window | None

    @property
    def data(self) -> str:
        """Name of what the layer reads."""
        return _name(self.node.inputs[0])

    @property
    def result(self) -> str:
        """Name of what the layer makes."""
        return _name(self.node.outputs[0])

    @property
    def channels_axis(self) -> int:
        """The axis of the result that holds its channels."""
        return -1 if self.window is None else 1

    @property
    def unknowns(self) -> int:
        """Weights that make one output channel, the bias counted."""
        return len(self.start())

    def start(self) -> np.ndarray:
        """The weight as (unknowns, outputs); the bias is the last row where there is one."""
        array = array_of(self.node.inputs[1])
        if array is None:
            raise ValueError(f"the weight of {self.node.name} is no constant")
        matrix = array.reshape(len(array), -1).astype(np.float64)
        matrix = matrix if self.transposed else matrix.T
        bias = array_of(self.bias)
        return matrix if bias is None else np.vstack([matrix, bias.reshape(1, -1)])

    def store(self, solution: np.ndarray) -> None:
        """Writes a solution, in the form of `start`, into the weight and the bias."""
        weight = self.node.inputs[1]
        matrix = solution if self.bias is None else solution[:-1]
        if weight is not None:
            shape = tensor_shape(weight)
            set_tensor(weight, (matrix if self.transposed else matrix.T).reshape(shape).astype(np.float32))
        if self.bias is not None:
            set_tensor(self.bias, solution[-1].reshape(tensor_shape(self.bias)).astype(np.float32))

    def rows(self, data: np.ndarray, grid: tuple[int, ...], positions: np.ndarray) -> np.ndarray:
        """What the layer multiplies its weight with, (samples * positions, unknowns), of a batch of its input.

        `grid` are the sizes of the result's spatial axes, of which `positions` are some.
        """
        if self.window is None:
            rows = np.take(data.reshape(len(data), -1, data.shape[-1]), positions, axis=1).reshape(-1, data.shape[-1])
        else:
            rows = _patches(data, self.window, np.unravel_index(positions, grid))
        return rows if self.bias is None else np.hstack([rows, np.ones((len(rows), 1), rows.dtype)])

    def targets(self, result: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """The rows of a result that belong to `rows`, (samples * positions, outputs)."""
        channels = result.shape[self.channels_axis]
        moved = np.moveaxis(result, self.channels_axis, -1).reshape(len(result), -1, channels)
        return np.take(moved, positions, axis=1).reshape(-1, moved.shape[-1])

    def grid(self, result: np.ndarray) -> tuple[int, ...]:
        """Sizes of the axes of a result that are neither samples nor channels."""
        return result.shape[1:-1] if self.window is None else result.shape[2:]

    def positions(self, grid: tuple[int, ...], samples: int, seed: int) -> np.ndarray:
        """Which positions of the grid are looked at, the same in every sample."""
        count = prod(grid)
        wanted = ceil(max(ROWS, ROWS_PER_UNKNOWN * self.unknowns) / max(samples, 1))
        if wanted >= count:
            return np.arange(count)
        return np.sort(np.random.default_rng(seed).choice(count, wanted, replace=False))


def tensor_shape(value: ir.Value) -> tuple[int, ...]:
    """Shape of a constant."""
    array = array_of(value)
    return () if array is None else array.shape


def as_reader(model: Model, name: str) -> Reader | None:
    """The layer as a linear system; None for one that is not, or whose weight is not its own float constant."""
    node = model.node(name)
    weight = node.inputs[1] if len(node.inputs) > 1 else None
    array = array_of(weight)
    if weight is None or array is None or array.dtype != np.float32 or len(weight.uses()) > 1:
        return None
    if node.op_type == "MatMul":
        return Reader(node, None, True, None) if array.ndim == 2 else None
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is not None and (array_of(bias) is None or len(bias.uses()) > 1):
        return None
    attributes = node.attributes
    if node.op_type == "Gemm":
        scaled = attributes.get_float("alpha", 1.0) != 1.0 or attributes.get_float("beta", 1.0) != 1.0
        outputs = array.shape[0 if attributes.get_int("transB", 0) else 1]
        fits = bias is None or prod(model.shapes[_name(bias)]) == outputs
        plain = not scaled and fits and not attributes.get_int("transA", 0)
        return Reader(node, bias, not attributes.get_int("transB", 0), None) if plain else None
    if node.op_type == "Conv" and attributes.get_int("group", 1) == 1:
        return Reader(node, bias, False, _window(model, node, array.shape[2:]))
    return None


def _window(model: Model, node: ir.Node, kernel: tuple[int, ...]) -> Window:
    """How a convolution moves; `auto_pad` is computed from the shapes as the operator's specification says."""
    rank = len(kernel)
    strides = tuple(node.attributes.get_ints("strides", [1] * rank))
    dilations = tuple(node.attributes.get_ints("dilations", [1] * rank))
    mode = node.attributes.get_string("auto_pad", "NOTSET")
    if mode in ("NOTSET", ""):
        return kernel, strides, dilations, tuple(node.attributes.get_ints("pads", [0] * 2 * rank)[:rank])
    if mode == "VALID":
        return kernel, strides, dilations, (0,) * rank
    sizes = model.shapes[_name(node.inputs[0])][2:]
    pads = []
    for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        needed = max((ceil(size / stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
        pads.append(needed // 2 if mode == "SAME_UPPER" else needed - needed // 2)
    return kernel, strides, dilations, tuple(pads)


def _patches(data: np.ndarray, window: Window, places: Sequence[np.ndarray]) -> np.ndarray:
    """The inputs (N, C, ...) under the kernel at some places of the result, (N * places, C * kernel)."""
    kernel, strides, dilations, before = window
    samples, channels, *sizes = data.shape
    flat = data.reshape(samples, channels, -1)
    patches = np.empty((samples, len(places[0]), channels, prod(kernel)), data.dtype)
    for index, offset in enumerate(np.ndindex(*kernel)):
        at = [p * s + o * d - b for p, s, o, d, b in zip(places, strides, offset, dilations, before, strict=True)]
        inside = np.logical_and.reduce([(a >= 0) & (a < size) for a, size in zip(at, sizes, strict=True)])
        source = np.ravel_multi_index([np.where(inside, a, 0) for a in at], sizes)
        patches[:, :, :, index] = (flat[:, :, source] * inside).transpose(0, 2, 1)
    return patches.reshape(samples * len(places[0]), -1)


def _name(value: ir.Value | None) -> str:
    return "" if value is None else value.name or ""
