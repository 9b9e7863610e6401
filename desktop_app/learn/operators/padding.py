"""How much is added at the sides of an image, said in one of the ways of ONNX."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import listed
from desktop_app.learn.operators.base import Compute, Node, Operator


@dataclass(frozen=True)
class Sides:
    """What is added before and after each spatial axis."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def symmetric(self) -> bool:
        """Whether both ends of every axis get the same."""
        return self.before == self.after

    @property
    def torch_order(self) -> list[int]:
        """The last axis first, as `torch.nn.functional.pad` takes it."""
        return [amount for pair in zip(reversed(self.before), reversed(self.after), strict=True) for amount in pair]

    def shared(self, x: Tensor, value: float = 0.0) -> tuple[Tensor, tuple[int, ...]]:
        """The input and the padding that the operator itself is to add: it can only add the same on both sides."""
        if self.symmetric:
            return x, self.before
        return F.pad(x, self.torch_order, value=value), (0,) * len(self.before)


def sides_of(
    node: Node, size: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> Sides:
    """The padding of a convolution or pooling node on an input of the given spatial size."""
    rank = len(kernel)
    automatic = node.attribute("auto_pad", "NOTSET")
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
        steps = [-(-s // step) for s, step in zip(size, strides, strict=True)]
        totals = [
            max((count - 1) * step + span - s, 0)
            for count, step, span, s in zip(steps, strides, spans, size, strict=True)
        ]
        small = tuple(total // 2 for total in totals)
        large = tuple(total - half for total, half in zip(totals, small, strict=True))
        return Sides(small, large) if automatic == "SAME_UPPER" else Sides(large, small)
    pads = node.attribute("pads", [0] * 2 * rank) if automatic == "NOTSET" else [0] * 2 * rank
    return Sides(tuple(pads[:rank]), tuple(pads[rank:]))


_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


def pad(node: Node) -> Compute:
    """Pad: amounts are an attribute before opset 11 and an input from there on; negative amounts crop."""
    mode, filling = node.attribute("mode", "constant"), node.attribute("value", 0.0)
    read_pads, read_axes = listed(node, 1, "pads" if "pads" in node.attributes else "paddings"), listed(node, 3)
    fixed = node.constant(2)

    def compute(
        x: Tensor, pads: Tensor | None = None, value: Tensor | None = None, axes: Tensor | None = None
    ) -> Tensor:
        amounts, named = read_pads(pads) or [], read_axes(axes)
        places = range(x.dim()) if named is None else [axis % x.dim() for axis in named]
        before, after = [0] * x.dim(), [0] * x.dim()
        for place, axis in enumerate(places):
            before[axis], after[axis] = amounts[place], amounts[place + len(amounts) // 2]
        number = fixed.item() if fixed is not None else filling if value is None else value.item()
        return padded(x, Sides(tuple(before), tuple(after)), mode, number)

    return compute


def padded(x: Tensor, sides: Sides, mode: str, value: float) -> Tensor:
    """A tensor with more, or less, at the sides of any of its axes."""
    if mode == "constant":
        return F.pad(x, sides.torch_order, value=value)
    if x.dim() in (3, 4, 5) and not any((*sides.before[:2], *sides.after[:2])) and _fits(x, sides, mode):
        return F.pad(x, sides.torch_order[: 2 * (x.dim() - 2)], mode=_MODES[mode])
    for axis, (before, after) in enumerate(zip(sides.before, sides.after, strict=True)):
        if before or after:
            x = x.index_select(axis, _sources(mode, x.shape[axis], before, after).to(x.device))
    return x


def _fits(x: Tensor, sides: Sides, mode: str) -> bool:
    """Whether torch pads in this way: it reflects, or goes round, once at most, and floats alone."""
    room = [size - (mode == "reflect") for size in x.shape]
    amounts = zip(sides.before, sides.after, room, strict=True)
    return x.is_floating_point() and all(0 <= b <= most and 0 <= a <= most for b, a, most in amounts)


def _sources(mode: str, size: int, before: int, after: int) -> Tensor:
    """Which element stands at each place of a padded axis."""
    index = torch.arange(-before, size + after)
    if mode == "edge":
        return index.clamp(0, size - 1)
    if mode == "wrap":
        return index % size
    period = max(2 * (size - 1), 1)
    folded = index % period
    return torch.where(folded < size, folded, period - folded)


ROWS = (Operator("Pad", pad),)
