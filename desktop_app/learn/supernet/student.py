"""Nets of images as trainings know them: what the user's model takes goes in, values by name come out."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from desktop_app.learn.outputs import Target
from desktop_app.zoo.ends import Ends, images_of, output_of
from desktop_app.zoo.supernet.elastic import Supernet
from desktop_app.zoo.supernet.space import Genes

Within = Callable[[Genes, np.random.Generator], Genes]


class ImageStudent(nn.Module):
    """A net with the ends of the user's model.

    Args:
        module: Maps images (N, channels, H, W) in single precision to logits (N, classes).
        ends: What goes in and comes out.
        target: The output that is compared.
    """

    def __init__(self, module: nn.Module, ends: Ends, target: Target) -> None:
        super().__init__()
        self.module, self.ends, self.target = module, ends, target

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The value that is compared, by name."""
        return self.named(self.module(self.images(inputs)))

    def images(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """The input as nets take it; with channels last in memory, depthwise convolutions train twice as fast."""
        images = images_of(inputs[self.ends.input.name], self.ends)
        return images.contiguous(memory_format=torch.channels_last)

    def named(self, logits: Tensor) -> dict[str, Tensor]:
        """Logits where the scores before a softmax are compared, else what the output itself would be."""
        before_softmax = self.target.value != self.target.output
        return {self.target.students: logits if before_softmax else output_of(logits, self.ends)}


class SupernetStudent(ImageStudent):
    """All nets of a supernet: which of them is asked is set from outside, the one in the middle at first.

    Args:
        supernet: The nets.
        ends: As above; likewise the target.
        target: The output that is compared.
        within: Brings a net down to one that may still be chosen.
    """

    module: Supernet

    def __init__(self, supernet: Supernet, ends: Ends, target: Target, within: Within) -> None:
        super().__init__(supernet, ends, target)
        self.within = within
        self.genes: Genes = supernet.space.middle

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The value that is compared, by name."""
        return self.named(self.module(self.images(inputs), self.genes))
