"""ResNets for CIFAR (He et al. 2015, arXiv:1512.03385, section 4.2): 6n + 2 layers, shortcuts without weights.

Checkpoints call the stages `layerN` and the last layer `linear`. Where a stage halves the map, its shortcut takes every
other pixel and pads the channels with zeros on both sides (option A).
"""

import torch
from torch import nn
from torch.nn import functional

from desktop_app.zoo.basic_block import BasicBlock
from desktop_app.zoo.blocks import Strides, divisible, repeats
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size

STEM = 16

STAGES = ("layer1", "layer2", "layer3")


class Shortcut(nn.Module):
    """Every `stride`-th pixel, with channels of zeros added before and after."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.before = (outputs - inputs) // 2
        self.after = outputs - inputs - self.before

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))


class CifarResNet(nn.Module):
    """Maps (N, channels, H, W) to logits (N, classes)."""

    def __init__(self, size: Size, blocks: int) -> None:
        super().__init__()
        strides = Strides(size.reductions)
        inputs = divisible(STEM * size.width)
        self.conv1 = nn.Conv2d(size.channels, inputs, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.relu = nn.ReLU()
        for index, name in enumerate(STAGES):
            outputs = max(divisible(STEM * 2**index * size.width), inputs)
            stride = strides.take(2) if index else 1
            shortcut = Shortcut(inputs, outputs, stride) if stride > 1 or inputs != outputs else None
            first = BasicBlock(inputs, outputs, stride, shortcut)
            others = (BasicBlock(outputs, outputs, 1, None) for _ in range(repeats(blocks, size.depth) - 1))
            self.add_module(name, nn.Sequential(first, *others))
            inputs = outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.linear = nn.Linear(inputs, size.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits."""
        x = self.relu(self.bn1(self.conv1(x)))
        for name in STAGES:
            x = self.get_submodule(name)(x)
        logits: torch.Tensor = self.linear(self.flatten(self.avgpool(x)))
        return logits


def build(family: Family, size: Size) -> nn.Module:
    """The member of that size: 6n + 2 layers are n blocks a stage."""
    return CifarResNet(size, (int(family.variant) - 2) // 6)
