"""One net whose weights are those of all nets of a space: a smaller one has the first channels and blocks of it.

Kernels are cut out of the middle (Cai et al. 2020, "Once-for-All"; Yu et al. 2020, "BigNAS"). Every net is run by its
own plain module, which is lent the weights: so what is trained is what comes out in the end.
"""

from collections import OrderedDict
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from desktop_app.core.architecture import Architecture
from desktop_app.zoo.size import Size
from desktop_app.zoo.supernet.plain import Searched, plain
from desktop_app.zoo.supernet.space import Genes, Space

KEPT = 32
"""Nets whose empty modules are kept, for some come again and again."""


class Supernet(nn.Module):
    """All nets of a space.

    It has no statistics for normalisation, which differ from net to net: batches are normalised by their own, in
    evaluation, too.

    Args:
        space: The nets.
        size: Of input and output.
        seed: Of the weights.
    """

    def __init__(self, space: Space, size: Size, seed: int) -> None:
        super().__init__()
        self.space, self.size = space, size
        self.whole = _by_batch(plain(space.blueprint, size, space.architecture(space.largest), seed))
        self._empty: OrderedDict[Architecture, Searched] = OrderedDict()

    def forward(self, x: Tensor, genes: Genes) -> Tensor:
        """The logits (N, classes) of one of the nets for images (N, channels, height, width)."""
        module = self._module(self.space.architecture(genes))
        logits: Tensor = functional_call(module, self._weights(module), (x,))
        return logits

    @torch.no_grad()
    def subnet(self, genes: Genes) -> Searched:
        """One of the nets by itself, with copies of the weights; `recalibrate` gives it its statistics."""
        module = Searched(self.space.blueprint, self.size, self.space.architecture(genes))
        device = next(self.parameters()).device
        for name, weight in self._weights(module).items():
            module.get_parameter(name).copy_(weight)
        return module.to(device).eval()

    def _weights(self, module: nn.Module) -> dict[str, Tensor]:
        """What a net has of all weights, without copying them."""
        whole = dict(self.whole.named_parameters())
        return {name: cropped(whole[name], one.shape) for name, one in module.named_parameters()}

    def _module(self, architecture: Architecture) -> Searched:
        """The module of a net, without weights of its own."""
        found = self._empty.pop(architecture, None)
        if found is None:
            with torch.device("meta"):
                found = _by_batch(Searched(self.space.blueprint, self.size, architecture))
        self._empty[architecture] = found
        if len(self._empty) > KEPT:
            self._empty.popitem(last=False)
        return found


def cropped(weight: Tensor, shape: torch.Size) -> Tensor:
    """The first channels, and the middle of the kernel: (outputs, inputs, height, width), or fewer axes."""
    for axis, size in enumerate(shape):
        start = (weight.shape[axis] - size) // 2 if axis > 1 else 0
        weight = weight.narrow(axis, start, size)
    return weight


def _by_batch(module: Searched) -> Searched:
    """The module with its batches normalised by their own statistics."""
    for one in module.modules():
        if isinstance(one, nn.BatchNorm2d):
            one.track_running_stats = False
            one.running_mean = one.running_var = one.num_batches_tracked = None
    return module


@torch.no_grad()
def recalibrate(module: nn.Module, batches: Iterable[Tensor]) -> None:
    """Takes the statistics of normalisation from a pass over samples (Yu and Huang 2019, "Universally slimmable").

    Args:
        module: A net; is in evaluation afterwards.
        batches: Images, not empty; all batches weigh the same.
    """
    norms = [one for one in module.modules() if isinstance(one, nn.BatchNorm2d)]
    momenta = [one.momentum for one in norms]
    module.eval()
    for one in norms:
        one.reset_running_stats()
        one.momentum = None  # the mean over all batches
        one.train()
    for batch in batches:
        module(batch)
    for one, momentum in zip(norms, momenta, strict=True):
        one.momentum = momentum
    module.eval()
