"""A layer that reads channels, seen as a linear system: what it reads, and what it should give."""

from dataclasses import dataclass
from math import ceil, prod
from typing import Literal

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, set_tensor
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.windows import Window, window_of

ROWS_PER_UNKNOWN = 64
"""Rows that a fit takes of all samples together: so many for each unknown, between the next two if that is enough."""

MIN_ROWS, MAX_ROWS = 8_000, 40_000
LEAST_PER_UNKNOWN = 16
MAX_UNKNOWNS = 4096

DRAFT_PER_UNKNOWN, DRAFT_ROWS = 6, 1_500
"""Rows for each unknown, and at least, of a fit that is compared and not kept."""

Form = Literal["inputs", "outputs", "transposed"]
"""Which axis of a stored weight comes first: a matrix's inputs, the outputs, or those of a ConvTranspose."""


@dataclass(frozen=True)
class Reader:
    """A layer whose weight is a float constant of its own.

    A grouped layer is several systems side by side, one for each group; a depthwise one has one for each channel.

    Attributes:
        node: The node.
        bias: Its bias, if it is a constant of its own; None where there is none to fit.
        form: How the weight is stored.
        groups: Into how many systems the layer falls.
        window: How a convolution moves; None for matrices.
        draft: Whether it is fitted to be compared: once, on few rows.
    """

    node: ir.Node
    bias: ir.Value | None
    form: Form
    groups: int = 1
    window: Window | None = None
    draft: bool = False

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
    def taps(self) -> int:
        """Weights for each input channel of one output channel."""
        return prod(self.window.kernel) if self.window is not None else 1

    @property
    def unknowns(self) -> int:
        """Weights that make one output channel, the bias counted."""
        return self.shape[1]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Groups, unknowns and outputs of each."""
        first, second, *kernel = tensor_shape(self.node.inputs[1])
        taps, bias = prod(kernel), self.bias is not None
        if self.form == "outputs":
            return self.groups, second * taps + bias, first // self.groups
        return self.groups, first // self.groups * taps + bias, second

    def start(self) -> np.ndarray:
        """The weight as (groups, unknowns, outputs); the bias is the last unknown where there is one."""
        array = array_of(self.node.inputs[1])
        if array is None:
            raise ValueError(f"the weight of {self.node.name} is no constant")
        groups, _, outputs = self.shape
        if self.form == "outputs":
            blocks = array.reshape(groups, outputs, -1).transpose(0, 2, 1)
        else:
            inputs = array.shape[0] // groups
            blocks = array.reshape(groups, inputs, outputs, -1).transpose(0, 1, 3, 2).reshape(groups, -1, outputs)
        blocks = blocks.astype(np.float64)
        bias = array_of(self.bias)
        return blocks if bias is None else np.concatenate([blocks, bias.reshape(groups, 1, outputs)], axis=1)

    def store(self, solution: np.ndarray) -> None:
        """Writes a solution, in the form of `start`, into the weight and the bias."""
        groups, _, outputs = solution.shape
        blocks = solution if self.bias is None else solution[:, :-1]
        weight = self.node.inputs[1]
        if weight is not None:
            shape = tensor_shape(weight)
            if self.form == "outputs":
                array = blocks.transpose(0, 2, 1)
            else:
                array = blocks.reshape(groups, shape[0] // groups, -1, outputs).transpose(0, 1, 3, 2)
            set_tensor(weight, array.reshape(shape).astype(np.float32))
        if self.bias is not None:
            set_tensor(self.bias, solution[:, -1].reshape(tensor_shape(self.bias)).astype(np.float32))

    def rows(self, data: np.ndarray, grid: tuple[int, ...], positions: np.ndarray) -> np.ndarray:
        """What the layer multiplies its weight with, (samples * positions, groups, unknowns), of a batch of its input.

        `grid` are the sizes of the result's spatial axes, of which `positions` are some.
        """
        if self.window is None:
            flat = np.take(data.reshape(len(data), -1, data.shape[-1]), positions, axis=1).reshape(-1, data.shape[-1])
        else:
            flat = self.window.patches(data, np.unravel_index(positions, grid))
        rows = flat.reshape(len(flat), self.groups, -1)
        if self.bias is None:
            return rows
        return np.concatenate([rows, np.ones((len(rows), self.groups, 1), rows.dtype)], axis=2)

    def targets(self, result: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """The rows of a result that belong to `rows`, (samples * positions, outputs)."""
        channels = result.shape[self.channels_axis]
        moved = np.moveaxis(result, self.channels_axis, -1).reshape(len(result), -1, channels)
        return np.take(moved, positions, axis=1).reshape(-1, moved.shape[-1])

    def grid(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Sizes of the axes of a result of that shape that are neither samples nor channels."""
        return shape[1:-1] if self.channels_axis == -1 else shape[2:]

    def positions(self, grid: tuple[int, ...], samples: int, seed: int, each: int = ROWS_PER_UNKNOWN) -> np.ndarray:
        """Which positions of the grid are looked at, the same in every sample, for `each` rows for each unknown."""
        count = prod(grid)
        wanted = ceil(self.rows_wanted(each) / max(samples, 1))
        if wanted >= count:
            return np.arange(count)
        return np.sort(np.random.default_rng(seed).choice(count, wanted, replace=False))

    def rows_wanted(self, each: int = ROWS_PER_UNKNOWN) -> int:
        """Rows that a fit takes, of all samples together."""
        if self.draft:
            return max(DRAFT_PER_UNKNOWN * self.unknowns, DRAFT_ROWS)
        return max(min(max(each * self.unknowns, MIN_ROWS), MAX_ROWS), LEAST_PER_UNKNOWN * self.unknowns)


@dataclass(frozen=True)
class NormReader(Reader):
    """A batch normalisation that could not be folded: slope and offset of every channel."""

    @property
    def channels_axis(self) -> int:
        """The axis of the result that holds its channels."""
        return 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Groups, unknowns and outputs of each."""
        return self.groups, 2, 1

    def start(self) -> np.ndarray:
        """Slope and offset, (channels, 2, 1)."""
        scale, offset, mean, _ = self._constants()
        slope = scale / self._deviation()
        return np.stack([slope, offset - mean * slope], axis=1)[:, :, None]

    def store(self, solution: np.ndarray) -> None:
        """Writes slopes and offsets as scales and offsets beside the statistics that are there."""
        slope, offset = solution[:, 0, 0], solution[:, 1, 0]
        mean = self._constants()[2]
        for index, array in ((1, slope * self._deviation()), (2, offset + mean * slope)):
            value = self.node.inputs[index]
            if value is not None:
                set_tensor(value, array.astype(np.float32))

    def rows(self, data: np.ndarray, grid: tuple[int, ...], positions: np.ndarray) -> np.ndarray:
        """The input itself and a one, (samples * positions, channels, 2)."""
        rows = self.targets(data, positions)
        return np.stack([rows, np.ones_like(rows)], axis=2)

    def _constants(self) -> list[np.ndarray]:
        return [array_of(value).astype(np.float64) for value in self.node.inputs[1:5]]  # type: ignore[union-attr]

    def _deviation(self) -> np.ndarray:
        deviation: np.ndarray = np.sqrt(self._constants()[3] + self.node.attributes.get_float("epsilon", 1e-5))
        return deviation


def tensor_shape(value: ir.Value | None) -> tuple[int, ...]:
    """Shape of a constant."""
    array = array_of(value)
    return () if array is None else array.shape


def as_reader(model: Model, name: str) -> Reader | None:
    """The layer as a linear system; None for one that is not, or whose constants are not its own floats."""
    node = model.node(name)
    if node.domain not in ("", "ai.onnx"):
        return None
    if node.op_type == "BatchNormalization":
        return _norm(model, node)
    weight = node.inputs[1] if len(node.inputs) > 1 else None
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    array = array_of(weight)
    if array is None or not _own(weight) or (bias is not None and not _own(bias)):
        return None
    if node.op_type == "MatMul":
        return Reader(node, None, "inputs") if array.ndim == 2 else None
    if node.op_type == "Gemm":
        return _gemm(model, node, bias, array)
    if node.op_type in ("Conv", "ConvTranspose") and array.ndim > 2:
        window = window_of(model, node, array.shape[2:])
        form: Form = "outputs" if node.op_type == "Conv" else "transposed"
        groups = node.attributes.get_int("group", 1)
        return None if window is None else Reader(node, bias, form, groups, window)
    return None


def _gemm(model: Model, node: ir.Node, bias: ir.Value | None, array: np.ndarray) -> Reader | None:
    """A matrix product without factors of its own, and with a bias that is one number for each column."""
    attributes = node.attributes
    rows_first = bool(attributes.get_int("transB", 0))
    scaled = attributes.get_float("alpha", 1.0) != 1.0 or attributes.get_float("beta", 1.0) != 1.0
    fits = bias is None or prod(tensor_shape(bias)) == array.shape[0 if rows_first else 1]
    if scaled or not fits or bool(attributes.get_int("transA", 0)):
        return None
    return Reader(node, bias, "outputs" if rows_first else "inputs")


def _norm(model: Model, node: ir.Node) -> Reader | None:
    """A normalisation with constant statistics of its own."""
    if len(node.inputs) < 5 or not all(array_of(value) is not None for value in node.inputs[1:5]):
        return None
    if not (_own(node.inputs[1]) and _own(node.inputs[2])):
        return None
    return NormReader(node, None, "outputs", tensor_shape(node.inputs[1])[0])


def _own(value: ir.Value | None) -> bool:
    """Whether a constant holds floats and belongs to one node alone."""
    array = array_of(value)
    return value is not None and array is not None and array.dtype == np.float32 and len(value.uses()) == 1


def _name(value: ir.Value | None) -> str:
    return "" if value is None else value.name or ""
