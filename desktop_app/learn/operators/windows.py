"""Which windows of an image a pooling node looks at."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Node
from desktop_app.learn.operators.padding import Sides, sides_of


@dataclass(frozen=True)
class Windows:
    """The windows of a pooling node on an input of a certain size.

    Attributes:
        kernel: Their size along each spatial axis.
        strides: From one window to the next.
        dilations: From one element of a window to the next.
        sides: The padding that the node names.
        excess: How far the last window reaches beyond it along each axis (ceil mode); negative where it falls short.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    sides: Sides
    excess: tuple[int, ...]

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return len(self.kernel)

    @property
    def beyond(self) -> list[int]:
        """What is to be added at the end of each axis, in torch's order."""
        return [amount for excess in reversed(self.excess) for amount in (0, max(excess, 0))]

    @property
    def narrow(self) -> bool:
        """Whether torch's own pooling can add the padding: the same on both sides, and no more than half a window."""
        halves = all(pad <= k // 2 for pad, k in zip(self.sides.before, self.kernel, strict=True))
        return self.sides.symmetric and halves and not any(self.beyond)

    @property
    def simple(self) -> bool:
        """Whether torch's average pooling knows this form."""
        return self.narrow and set(self.dilations) == {1}

    def shared(self, x: Tensor, value: float) -> tuple[Tensor, tuple[int, ...]]:
        """The input, padded where torch's own pooling cannot do it, and the padding left to it."""
        if self.narrow:
            return x, self.sides.before
        return F.pad(F.pad(x, self.sides.torch_order, value=value), self.beyond, value=value), (0,) * self.rank

    def gathered(self, padded: Tensor) -> Tensor:
        """The elements of each window along a new last axis."""
        sizes = zip(self.kernel, self.strides, self.dilations, padded.shape[2:], strict=True)
        for axis, (k, step, dilation, size) in enumerate(sizes, start=2):
            starts = torch.arange(0, size - (k - 1) * dilation, step, device=padded.device)
            index = starts.unsqueeze(1) + torch.arange(0, k * dilation, dilation, device=padded.device)
            taken = padded.index_select(axis, index.reshape(-1))
            padded = taken.reshape(*taken.shape[:axis], *index.shape, *taken.shape[axis + 1 :]).movedim(axis + 1, -1)
        return padded.flatten(2 + self.rank)


def windows_of(node: Node, size: Sequence[int]) -> Windows:
    """The windows of a pooling node on an input of the given spatial size."""
    kernel = tuple(node.attributes["kernel_shape"])
    rank = len(kernel)
    strides = tuple(node.attribute("strides", [1] * rank))
    dilations = tuple(node.attribute("dilations", [1] * rank))
    sides = sides_of(node, size, kernel, strides, dilations)
    up = bool(node.attribute("ceil_mode", 0)) and node.attribute("auto_pad", "NOTSET") in ("NOTSET", "VALID")
    excess = []
    for axis in range(rank):
        padded = size[axis] + sides.before[axis] + sides.after[axis]
        span = (kernel[axis] - 1) * dilations[axis] + 1
        count = _count(padded - span, strides[axis], up)
        if up and (count - 1) * strides[axis] >= size[axis] + sides.before[axis]:
            count -= 1  # no window lies in the padding alone
        excess.append((count - 1) * strides[axis] + span - padded)
    return Windows(kernel, strides, dilations, sides, tuple(excess))


def _count(room: int, stride: int, up: bool) -> int:
    return (-(-room // stride) if up else room // stride) + 1
