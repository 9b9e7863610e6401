"""What several families are built of. Names of submodules are those of the checkpoints that people have.

All forwards are straight lines of submodules, additions included, so that an export needs a name for nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil
from typing import ClassVar, TypeVar

import torch
from torch import nn
from torch.nn import functional

Row = TypeVar("Row")
Activation = Callable[[], nn.Module]
Norm = Callable[[int], nn.Module]


BRANCH = 0.25
"""Scale of untrained branches. EfficientNet-B7 then passes on a relative change of its input 25-fold; with 1 it is
600,000-fold."""


class Add(nn.Module):
    """The sum of two tensors of one shape."""

    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Adds."""
        return one + other


class Scale(nn.Module):
    """A tensor (N, C, H, W) times a factor for each channel (N, C, 1, 1)."""

    def forward(self, one: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Multiplies."""
        return one * factors


class Resize(nn.Module):
    """Images (N, C, H, W) brought to another size, pixel by pixel between their neighbours.

    Args:
        before: Height and width of the input.
        after: Height and width of what comes out; sides of eighths of those before are exact in ONNX.
    """

    def __init__(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        super().__init__()
        self.before, self.after = before, after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Resizes."""
        return functional.interpolate(x, self.after, mode="bilinear", align_corners=False)


class Residual(nn.Module):
    """A block that is added to its input where the shapes agree.

    Attributes:
        branch: Name of the submodule that is added, or with which what is added ends.
        add: The addition; None where input and output are of different shapes.
    """

    branch: ClassVar[str] = "block"
    add: Add | None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: torch.Tensor = self.get_submodule(self.branch)(x)
        return y if self.add is None else self.add(y, x)

    def last_norm(self) -> nn.BatchNorm2d:
        """The normalisation that the branch ends with."""
        return [one for one in self.get_submodule(self.branch).modules() if isinstance(one, nn.BatchNorm2d)][-1]


class Classifier(nn.Module):
    """Maps images (N, channels, H, W) to logits (N, classes): features, their means over the map, what reads these."""

    def __init__(self, features: Iterable[nn.Module], *reading: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.classifier = nn.Sequential(*reading)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits."""
        logits: torch.Tensor = self.classifier(self.flatten(self.avgpool(self.features(x))))
        return logits


class SqueezeExcitation(nn.Module):
    """Channels weighted by what a small perceptron makes of their means (arXiv:1709.01507)."""

    def __init__(self, channels: int, squeezed: int, activation: Activation, gate: Activation) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.activation = activation()
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.scale_activation = gate()
        self.scale = Scale()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, C, H, W) to the same shape."""
        factors: torch.Tensor = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        scaled: torch.Tensor = self.scale(x, self.scale_activation(factors))
        return scaled


class Strides:
    """Hands out strides, of which the first few that are larger are made one."""

    def __init__(self, reductions: int) -> None:
        self._left = reductions

    def take(self, stride: int) -> int:
        """The stride to use where `stride` is published."""
        if stride > 1 and self._left > 0:
            self._left -= 1
            return 1
        return stride


def conv_norm(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    stride: int = 1,
    *,
    groups: int = 1,
    activation: Activation | None = None,
    norm: Norm = nn.BatchNorm2d,
) -> nn.Sequential:
    """Convolution (no bias, padded to keep the size), normalisation, activation: submodules 0, 1 and 2."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
    return nn.Sequential(conv, norm(outputs), *([activation()] if activation else []))


def divisible(channels: float, by: int = 8) -> int:
    """The multiple of `by` that is nearest to `channels`, but never less than nine tenths of it."""
    rounded = max(by, int(channels + by / 2) // by * by)
    return rounded if rounded >= 0.9 * channels else rounded + by


def deepened(rows: Sequence[Row], begins: Callable[[Row, Row], bool], depth: float) -> Iterator[Row]:
    """Rows of a table of blocks with `depth` times as many in every stage: its last row is repeated, or rows go.

    Args:
        rows: The blocks as published.
        begins: Whether a row (the second argument) begins another stage than the row before it.
        depth: The factor; numbers are rounded up, so that every stage keeps its first block.
    """
    stage: list[Row] = []
    for row in rows:
        if stage and begins(stage[-1], row):
            yield from _scaled(stage, depth)
            stage = []
        stage.append(row)
    yield from _scaled(stage, depth)


def _scaled(stage: Sequence[Row], depth: float) -> Iterable[Row]:
    count = repeats(len(stage), depth)
    return (*stage[:count], *[stage[-1]] * (count - len(stage)))


def repeats(blocks: int, depth: float) -> int:
    """How many blocks a stage of `blocks` has at a depth; never fewer than one."""
    return max(1, ceil(round(blocks * depth, 6)))


def initialise(module: nn.Module) -> None:
    """Draws the weights as these families are trained from: He for convolutions, small normal numbers for the last.

    What a branch adds to its input begins small (Goyal et al. 2017, arXiv:1706.02677, begin with nothing): a deep model
    whose branches all begin at full size is chaotic, and gives something else for every order of summation.
    """
    for one in module.modules():
        if isinstance(one, Residual) and one.add is not None:
            nn.init.constant_(one.last_norm().weight, BRANCH)
        if isinstance(one, nn.Conv2d):
            nn.init.kaiming_normal_(one.weight, mode="fan_out", nonlinearity="relu")
            if one.bias is not None:
                nn.init.zeros_(one.bias)
        elif isinstance(one, nn.Linear):
            nn.init.normal_(one.weight, 0.0, 0.01)
            nn.init.zeros_(one.bias)
