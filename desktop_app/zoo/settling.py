"""Statistics of normalisation for weights that were only drawn.

With means of zero and variances of one, nothing is normalised before training begins: the activations of a deep model
shrink until they are denormal numbers, which processors are slow on, and its latency would be measured wrong.
"""

import torch
from torch import nn

from desktop_app.zoo.size import Size

SAMPLES, SIDE = 8, 96
"""Enough values for each channel, few enough to take no time."""


def settle(module: nn.Module, size: Size) -> None:
    """Takes the statistics from one pass of seeded noise, as large as the input or smaller; leaves the weights."""
    norms = [one for one in module.modules() if isinstance(one, nn.BatchNorm2d)]
    momenta = [one.momentum for one in norms]
    module.eval()
    for one in norms:
        one.momentum = None  # the mean over all passes, of which there is one
        one.train()
    height, width = (min(side, SIDE) for side in size.resolution)
    with torch.no_grad():
        module(torch.randn(SAMPLES, size.channels, height, width))
    for one, momentum in zip(norms, momenta, strict=True):
        one.momentum = momentum
        if one.num_batches_tracked is not None:
            one.num_batches_tracked.zero_()
    module.eval()
