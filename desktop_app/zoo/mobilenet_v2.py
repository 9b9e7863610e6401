"""MobileNet V2 (Sandler et al. 2018, arXiv:1801.04381, table 2): inverted residuals with linear bottlenecks.

Checkpoints call the stages `features.N`, a block's parts `conv.N`, and the last layer `classifier.1`.
"""

from collections.abc import Iterator

from torch import nn

from desktop_app.zoo.blocks import Add, Classifier, Residual, Strides, conv_norm, divisible, repeats
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM, HEAD = 32, 1280

STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, outputs, blocks, stride of the first block."""


class InvertedResidual(Residual):
    """Expands, filters each channel, projects; added to its input where the shapes agree."""

    branch = "conv"

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, *, residual: bool) -> None:
        super().__init__()
        hidden = inputs * expansion
        expand = [conv_norm(inputs, hidden, 1, activation=nn.ReLU6)] if expansion > 1 else []
        self.conv = nn.Sequential(
            *expand,
            conv_norm(hidden, hidden, 3, stride, groups=hidden, activation=nn.ReLU6),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.add = Add() if residual and inputs == outputs else None


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size."""
    last = divisible(HEAD * max(1.0, size.width))
    return Classifier(_features(size, last), nn.Dropout(family.dropout), nn.Linear(last, size.classes))


def _features(size: Size, last: int) -> Iterator[nn.Module]:
    strides = Strides(size.reductions)
    inputs = divisible(STEM * size.width)
    yield conv_norm(size.channels, inputs, 3, strides.take(2), activation=nn.ReLU6)
    for expansion, published, blocks, first in STAGES:
        outputs = divisible(published * size.width)
        for stride in (first, *[1] * (repeats(blocks, size.depth) - 1)):
            # a stride that was made one is no reason for a residual: the block stays the one of the checkpoints
            yield InvertedResidual(inputs, outputs, strides.take(stride), expansion, residual=stride == 1)
            inputs = outputs
    yield conv_norm(inputs, last, 1, activation=nn.ReLU6)
