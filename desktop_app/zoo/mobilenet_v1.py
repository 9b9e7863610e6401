"""MobileNet V1 (Howard et al. 2017, arXiv:1704.04861, table 1): depthwise and pointwise convolutions in turn.

Checkpoints call the stages `model.N` and the classifier `fc`.
"""

from collections.abc import Iterator

import torch
from torch import nn

from desktop_app.zoo.blocks import Strides, deepened, divisible
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM = 32

ROWS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""Outputs and stride of every block."""


class MobileNetV1(nn.Module):
    """Maps (N, channels, H, W) to logits (N, classes)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.model = nn.Sequential(*_stages(size), nn.AdaptiveAvgPool2d(1))
        self.flatten = nn.Flatten(1)
        self.fc = nn.Linear(divisible(ROWS[-1][0] * size.width), size.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits."""
        logits: torch.Tensor = self.fc(self.flatten(self.model(x)))
        return logits


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size."""
    return MobileNetV1(size)


def _stages(size: Size) -> Iterator[nn.Module]:
    strides = Strides(size.reductions)
    inputs = divisible(STEM * size.width)
    yield nn.Sequential(
        nn.Conv2d(size.channels, inputs, 3, strides.take(2), 1, bias=False), nn.BatchNorm2d(inputs), nn.ReLU()
    )
    for published, stride in deepened(ROWS, lambda before, row: row[1] > 1 or row[0] != before[0], size.depth):
        outputs = divisible(published * size.width)
        yield nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, strides.take(stride), 1, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )
        inputs = outputs
