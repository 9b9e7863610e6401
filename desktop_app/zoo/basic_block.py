"""The block of the shallower ResNets (He et al. 2015, arXiv:1512.03385, figure 5, left)."""

import torch
from torch import nn

from desktop_app.zoo.blocks import Add, Residual


class BasicBlock(Residual):
    """Two 3 x 3 convolutions beside a shortcut.

    Args:
        inputs: Channels that come in.
        channels: Channels that go out.
        stride: Of the first convolution.
        shortcut: What brings the input to the shape of the output; None where it has that already.
    """

    branch = "bn2"
    add: Add

    def __init__(self, inputs: int, channels: int, stride: int, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = shortcut
        self.add = Add()
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps (N, inputs, H, W) to (N, channels, H / stride, W / stride)."""
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        result: torch.Tensor = self.relu2(self.add(y, x if self.downsample is None else self.downsample(x)))
        return result
