"""A stored weight of any operator as rows, one for each output, and back."""

from dataclasses import dataclass
from math import prod

import numpy as np

from desktop_app.steps.axes import input_axes
from desktop_app.steps.targets import LayerWeight


@dataclass(frozen=True)
class Layout:
    """A weight of `shape` seen as (before, inputs, behind): every output sums over `inputs` weights.

    Attributes:
        shape: As stored.
        start: The first axis of the inputs.
        stop: The axis after their last.
    """

    shape: tuple[int, ...]
    start: int
    stop: int

    @classmethod
    def of(cls, weight: LayerWeight) -> "Layout | str":
        """That of a weight, or why it has none."""
        axes = input_axes(weight)
        return axes if isinstance(axes, str) else cls(tuple(weight.tensor.shape.numpy()), *axes)

    @property
    def inputs(self) -> int:
        """Weights of one output."""
        return prod(self.shape[self.start : self.stop])

    @property
    def before(self) -> int:
        """Outputs that lie on the axes before the inputs."""
        return prod(self.shape[: self.start])

    @property
    def behind(self) -> int:
        """Outputs that lie on the axes after the inputs."""
        return prod(self.shape[self.stop :])

    @property
    def whole(self) -> tuple[int, ...]:
        """Shape of one number for each output that broadcasts against the weight."""
        return (*self.shape[: self.start], *([1] * (self.stop - self.start)), *self.shape[self.stop :])

    def rows(self, array: np.ndarray) -> np.ndarray:
        """The weight as (outputs, inputs)."""
        return array.reshape(self.before, self.inputs, self.behind).transpose(0, 2, 1).reshape(-1, self.inputs)

    def blocked(self, rows: np.ndarray, blocks: int) -> np.ndarray:
        """Rows (outputs, n) in the order of the weight, (before, blocks, n / blocks, behind)."""
        split = rows.reshape(self.before, self.behind, blocks, -1)
        return np.ascontiguousarray(split.transpose(0, 2, 3, 1))
