"""How much is added at the sides of an image, said in one of the ways of ONNX."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

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


def pad_by_inputs(node: Node) -> Compute:
    """Pad from opset 11: constant, reflect or edge; negative amounts crop."""
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}[node.attribute("mode", "constant")]
    known = [node.constant(index) for index in range(1, 4)]

    def compute(x: Tensor, pads: Tensor, value: Tensor | None = None, axes: Tensor | None = None) -> Tensor:
        amounts = pads.tolist() if known[0] is None else known[0].tolist()
        places = range(x.dim()) if axes is None else [int(axis) % x.dim() for axis in axes]
        before, after = [0] * x.dim(), [0] * x.dim()
        for place, axis in enumerate(places):
            before[axis], after[axis] = amounts[place], amounts[place + len(amounts) // 2]
        order = Sides(tuple(before), tuple(after)).torch_order
        if mode == "constant":
            return F.pad(x, order, value=0.0 if value is None else value.item())
        return F.pad(x, order[: 2 * (x.dim() - 2)], mode=mode)

    return compute


ROWS = (Operator("Pad", pad_by_inputs, since=11),)
