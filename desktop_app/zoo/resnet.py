"""ResNet-18, 34 and 50 (He et al. 2015, arXiv:1512.03385, table 1), stride in the 3 x 3 convolution of a bottleneck.

Checkpoints call the stages `layerN`, the projections `downsample`, and the last layer `fc`.
"""

from collections.abc import Mapping

import torch
from torch import nn

from desktop_app.zoo.basic_block import BasicBlock
from desktop_app.zoo.blocks import Add, Residual, Strides, conv_norm, divisible, repeats
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM = 64

STAGES = ("layer1", "layer2", "layer3", "layer4")

VARIANTS: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "18": (1, (2, 2, 2, 2)),
    "34": (1, (3, 4, 6, 3)),
    "50": (4, (3, 4, 6, 3)),
}
"""Expansion of a block (1: two 3 x 3 convolutions; else a bottleneck), blocks of each stage."""


class Bottleneck(Residual):
    """A 3 x 3 convolution between two that narrow and widen, beside a shortcut."""

    branch = "bn3"
    add: Add

    def __init__(self, inputs: int, channels: int, stride: int, shortcut: nn.Module | None) -> None:
        super().__init__()
        outputs = 4 * channels
        self.conv1 = nn.Conv2d(inputs, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(channels, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = shortcut
        self.add = Add()
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, inputs, H, W) to (N, 4 channels, H / stride, W / stride)."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu2(self.bn2(self.conv2(y)))))
        result: torch.Tensor = self.relu3(self.add(y, x if self.downsample is None else self.downsample(x)))
        return result


class ResNet(nn.Module):
    """Maps (N, channels, H, W) to logits (N, classes)."""

    def __init__(self, size: Size, expansion: int, blocks: tuple[int, ...]) -> None:
        super().__init__()
        strides = Strides(size.reductions)
        inputs = divisible(STEM * size.width)
        self.conv1 = nn.Conv2d(size.channels, inputs, 7, strides.take(2), 3, bias=False)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1) if strides.take(2) > 1 else nn.Identity()
        for index, (name, count) in enumerate(zip(STAGES, blocks, strict=True)):
            channels = divisible(STEM * 2**index * size.width)
            stride = strides.take(2) if index else 1
            stage = _stage(inputs, channels, repeats(count, size.depth), stride, expansion, project=index > 0)
            self.add_module(name, stage)
            inputs = channels * expansion
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.fc = nn.Linear(inputs, size.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for name in STAGES:
            x = self.get_submodule(name)(x)
        logits: torch.Tensor = self.fc(self.flatten(self.avgpool(x)))
        return logits


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size."""
    return ResNet(size, *VARIANTS[family.variant])


def _stage(inputs: int, channels: int, count: int, stride: int, expansion: int, *, project: bool) -> nn.Sequential:
    kind = BasicBlock if expansion == 1 else Bottleneck
    outputs = channels * expansion
    shortcut = conv_norm(inputs, outputs, 1, stride) if project or inputs != outputs else None
    first = kind(inputs, channels, stride, shortcut)
    return nn.Sequential(first, *(kind(outputs, channels, 1, None) for _ in range(count - 1)))
