"""A searched net as a plain torch module, which exports like any of a family.

Submodules are named by what they are, so that a smaller net has no names that a larger one has not: `features.1.0` is
the first block of the first stage, with `expand`, `depthwise`, `squeeze` and `project`.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import nn

from desktop_app.core.architecture import Architecture, Stage
from desktop_app.zoo.blocks import (
    Activation,
    Add,
    Classifier,
    Residual,
    Resize,
    SqueezeExcitation,
    conv_norm,
    divisible,
    initialise,
)
from desktop_app.zoo.settling import settle
from desktop_app.zoo.size import Size
from desktop_app.zoo.supernet.blueprint import Blueprint

ACTIVATIONS: Mapping[str, tuple[Activation, Activation]] = {
    "relu6": (nn.ReLU6, nn.Hardsigmoid),
    "silu": (nn.SiLU, nn.Sigmoid),
}
"""Of the blocks, and of the gate that weighs channels."""

SQUEEZED = 4
"""Channels over those that a squeeze leaves."""


class Bottleneck(Residual):
    """Expands, filters each channel, weighs the channels, projects; added to its input where that is asked for."""

    branch: ClassVar[str] = "project"

    def __init__(self, inputs: int, stage: Stage, stride: int, activation: str, *, residual: bool) -> None:
        super().__init__()
        active, gate = ACTIVATIONS[activation]
        hidden = inputs * stage.expansion
        self.expand = conv_norm(inputs, hidden, 1, activation=active) if stage.expansion > 1 else nn.Identity()
        self.depthwise = conv_norm(hidden, hidden, stage.kernel, stride, groups=hidden, activation=active)
        squeezed = divisible(hidden / SQUEEZED)
        self.squeeze = SqueezeExcitation(hidden, squeezed, active, gate) if stage.squeeze else nn.Identity()
        self.project = conv_norm(hidden, stage.outputs, 1)
        self.add = Add() if residual and inputs == stage.outputs else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: torch.Tensor = self.project(self.squeeze(self.depthwise(self.expand(x))))
        return y if self.add is None else self.add(y, x)


class Searched(Classifier):
    """Maps images (N, channels, H, W) to logits (N, classes), reduced in front where the net works on fewer pixels."""

    def __init__(self, blueprint: Blueprint, size: Size, architecture: Architecture) -> None:
        super().__init__(_features(blueprint, size.channels, architecture), nn.Linear(architecture.head, size.classes))
        whole = architecture.resolution == size.resolution
        self.reduce = None if whole else Resize(size.resolution, architecture.resolution)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits."""
        return super().forward(x if self.reduce is None else self.reduce(x))


def plain(blueprint: Blueprint, size: Size, architecture: Architecture, seed: int) -> Searched:
    """A net, ready to be evaluated, with weights to train from; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        module = Searched(blueprint, size, architecture)
        initialise(module)
        settle(module, size)
    return module.eval()


def _features(blueprint: Blueprint, channels: int, architecture: Architecture) -> Iterator[nn.Module]:
    active, _ = ACTIVATIONS[blueprint.activation]
    inputs = architecture.stem
    yield conv_norm(channels, inputs, 3, architecture.stem_stride, activation=active)
    for row, stage in zip(blueprint.stages, architecture.stages, strict=True):
        blocks = []
        for number in range(stage.blocks):
            stride, residual = (stage.stride, row.stride == 1) if number == 0 else (1, True)
            blocks.append(Bottleneck(inputs, stage, stride, blueprint.activation, residual=residual))
            inputs = stage.outputs
        yield nn.Sequential(*blocks)
    yield conv_norm(inputs, architecture.head, 1, activation=active)
