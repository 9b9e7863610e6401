"""Convolutions of one to three dimensions."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.base import Compute, Node, Operator
from desktop_app.learn.operators.padding import sides_of

_CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def conv(node: Node) -> Compute:
    """Conv: cross-correlation with strides, dilations, groups, and a padding that may differ from side to side."""
    group = node.attribute("group", 1)

    def compute(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        strides, dilations = _steps(node, weight)
        sides = sides_of(node, x.shape[2:], weight.shape[2:], strides, dilations)
        x, padding = sides.shared(x)
        return _call(_CONVOLVE[len(strides)], x, weight, bias, strides, padding, dilations, group)

    return compute


def conv_transpose(node: Node) -> Compute:
    """ConvTranspose: the gradient of Conv by its input; what the padding takes away may differ from side to side."""
    group = node.attribute("group", 1)

    def compute(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        strides, dilations = _steps(node, weight)
        whole = _TRANSPOSED[len(strides)](x, weight, bias, strides, 0, 0, group, dilations)
        size = [
            (s - 1) * step + (k - 1) * d + 1
            for s, step, k, d in zip(x.shape[2:], strides, weight.shape[2:], dilations, strict=True)
        ]
        return _cropped(node, whole, size, x.shape[2:], strides, bias)

    return compute


def _steps(node: Node, weight: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides and dilations, one for each axis of the kernel."""
    ones = [1] * (weight.dim() - 2)
    return tuple(node.attribute("strides", ones)), tuple(node.attribute("dilations", ones))


def _cropped(
    node: Node, whole: Tensor, size: Sequence[int], given: Sequence[int], strides: Sequence[int], bias: Tensor | None
) -> Tensor:
    """Takes the padding away from the whole result, and adds what `output_padding` asks for at the end."""
    rank = len(size)
    extra = list(node.attribute("output_padding", [0] * rank))
    pads = node.attributes.get("pads")
    automatic = node.attribute("auto_pad", "NOTSET")
    shape = node.attributes.get("output_shape")
    if shape is None and automatic in ("SAME_UPPER", "SAME_LOWER"):
        shape = [s * step for s, step in zip(given, strides, strict=True)]
    if shape is not None:
        totals = [max(s + e - wanted, 0) for s, e, wanted in zip(size, extra, shape[-rank:], strict=True)]
        extra = [e + max(wanted - s - e, 0) for s, e, wanted in zip(size, extra, shape[-rank:], strict=True)]
        small = [total // 2 for total in totals]
        large = [total - half for total, half in zip(totals, small, strict=True)]
        pads = [*small, *large] if automatic != "SAME_LOWER" else [*large, *small]
    elif pads is None:
        pads = [0] * 2 * rank
    grown = [amount for axis in reversed(range(rank)) for amount in (-pads[axis], extra[axis] - pads[axis + rank])]
    if not any(grown):
        return whole
    if any(amount > 0 for amount in grown) and bias is not None:
        channels = (1, -1, *(1 for _ in range(rank)))
        return F.pad(whole - bias.view(channels), grown) + bias.view(channels)
    return F.pad(whole, grown)


def _call(
    function: Any,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    strides: Sequence[int],
    padding: Sequence[int],
    dilations: Sequence[int],
    group: int,
) -> Tensor:
    result: Tensor = function(x, weight, bias, strides, padding, dilations, group)
    return result


ROWS = (
    Operator("Conv", conv, weights=(1, 2)),
    Operator("ConvTranspose", conv_transpose, weights=(1, 2)),
)
