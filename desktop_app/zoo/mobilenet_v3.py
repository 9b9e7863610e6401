"""MobileNet V3 (Howard et al. 2019, arXiv:1905.02244, tables 1 and 2): found by search, with squeeze and excitation.

Checkpoints call the stages `features.N`, a block's parts `block.N`, the last layers `classifier.0` and `classifier.3`.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from torch import nn

from desktop_app.zoo.blocks import Add, Classifier, Residual, SqueezeExcitation, Strides, conv_norm, deepened, divisible
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM = 16

Row = tuple[int, int, int, bool, bool, int]
"""Kernel, expanded channels, outputs, squeeze and excitation, hard swish (else ReLU), stride."""

LARGE: tuple[Row, ...] = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)

SMALL: tuple[Row, ...] = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)

VARIANTS: Mapping[str, tuple[tuple[Row, ...], int]] = {"large": (LARGE, 1280), "small": (SMALL, 1024)}
"""Blocks, and channels of the layer before the last."""

NORM = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)


class InvertedResidual(Residual):
    """Expands, filters each channel, weighs the channels, projects; added to its input where the shapes agree."""

    def __init__(self, inputs: int, hidden: int, outputs: int, row: Row, stride: int) -> None:
        super().__init__()
        kernel, _, _, squeezes, swishes, published_stride = row
        activation = nn.Hardswish if swishes else nn.ReLU
        parts: list[nn.Module] = []
        if hidden != inputs:
            parts.append(conv_norm(inputs, hidden, 1, activation=activation, norm=NORM))
        parts.append(conv_norm(hidden, hidden, kernel, stride, groups=hidden, activation=activation, norm=NORM))
        if squeezes:
            parts.append(SqueezeExcitation(hidden, divisible(hidden // 4), nn.ReLU, nn.Hardsigmoid))
        parts.append(conv_norm(hidden, outputs, 1, norm=NORM))
        self.block = nn.Sequential(*parts)
        self.add = Add() if published_stride == 1 and inputs == outputs else None


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size."""
    rows, hidden = VARIANTS[family.variant]
    wide, narrow = 6 * divisible(rows[-1][2] * size.width), divisible(hidden * size.width)
    dropout, last = nn.Dropout(family.dropout), nn.Linear(narrow, size.classes)
    return Classifier(_features(size, rows), nn.Linear(wide, narrow), nn.Hardswish(), dropout, last)


def _features(size: Size, rows: tuple[Row, ...]) -> Iterator[nn.Module]:
    strides = Strides(size.reductions)
    inputs = divisible(STEM * size.width)
    yield conv_norm(size.channels, inputs, 3, strides.take(2), activation=nn.Hardswish, norm=NORM)
    for row in deepened(rows, lambda before, row: row[5] > 1 or row[2] != before[2], size.depth):
        hidden, outputs = divisible(row[1] * size.width), divisible(row[2] * size.width)
        yield InvertedResidual(inputs, hidden, outputs, row, strides.take(row[5]))
        inputs = outputs
    yield conv_norm(inputs, 6 * inputs, 1, activation=nn.Hardswish, norm=NORM)
