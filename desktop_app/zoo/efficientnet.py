"""EfficientNet (Tan and Le 2019, arXiv:1905.11946, table 1): one net, scaled in width, depth and resolution together.

Checkpoints call the stages `features.N`, a block's parts `block.N`, and the last layer `classifier.1`. Stochastic
depth, which changes training alone, is left out.
"""

from collections.abc import Iterator
from functools import partial

from torch import nn

from desktop_app.zoo.blocks import (
    Add,
    Classifier,
    Norm,
    Residual,
    SqueezeExcitation,
    Strides,
    conv_norm,
    divisible,
    repeats,
)
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM = 32

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Expansion, kernel, stride of the first block, outputs, blocks."""

LARGE_NORM = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
"""Of the checkpoints of B5 to B7; the smaller ones have torch's values."""


class MBConv(Residual):
    """Expands, filters each channel, weighs the channels, projects; added to its input where the shapes agree."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, norm: Norm, *, residual: bool
    ) -> None:
        super().__init__()
        hidden = divisible(inputs * expansion)
        expand = [conv_norm(inputs, hidden, 1, activation=nn.SiLU, norm=norm)] if hidden != inputs else []
        self.block = nn.Sequential(
            *expand,
            conv_norm(hidden, hidden, kernel, stride, groups=hidden, activation=nn.SiLU, norm=norm),
            SqueezeExcitation(hidden, max(1, inputs // 4), nn.SiLU, nn.Sigmoid),
            conv_norm(hidden, outputs, 1, norm=norm),
        )
        self.add = Add() if residual and inputs == outputs else None


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size."""
    norm = LARGE_NORM if family.variant in ("b5", "b6", "b7") else nn.BatchNorm2d
    last = 4 * divisible(STAGES[-1][3] * size.width)
    return Classifier(_features(size, norm, last), nn.Dropout(family.dropout), nn.Linear(last, size.classes))


def _features(size: Size, norm: Norm, last: int) -> Iterator[nn.Module]:
    strides = Strides(size.reductions)
    inputs = divisible(STEM * size.width)
    yield conv_norm(size.channels, inputs, 3, strides.take(2), activation=nn.SiLU, norm=norm)
    for expansion, kernel, first, published, count in STAGES:
        outputs = divisible(published * size.width)
        blocks = []
        for stride in (first, *[1] * (repeats(count, size.depth) - 1)):
            taken = strides.take(stride)
            blocks.append(MBConv(inputs, outputs, kernel, taken, expansion, norm, residual=stride == 1))
            inputs = outputs
        yield nn.Sequential(*blocks)
    yield conv_norm(inputs, last, 1, activation=nn.SiLU, norm=norm)
