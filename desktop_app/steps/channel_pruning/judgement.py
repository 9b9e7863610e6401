"""What the channels of a group are worth."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Judgement:
    """What the channels of a group are worth.

    Attributes:
        order: The channels, in the order in which they go.
        loss: For every number of channels, from 0, what is lost when so many have gone; never falls. Its unit is the
            same for all groups that were judged together.
    """

    order: np.ndarray
    loss: np.ndarray

    def staying(self, keep: int) -> np.ndarray:
        """A mask of the channels that stay when `keep` do."""
        mask = np.ones(self.order.size, dtype=bool)
        mask[self.order[: self.order.size - keep]] = False
        return mask


def by_saliency(saliency: np.ndarray, power: int) -> Judgement:
    """Lets the channels of the smallest saliency go first, of equal ones the last.

    The loss is their share of the sum of all saliencies ** power, which is energy where the saliency is an l2 norm.
    """
    order = np.lexsort((-np.arange(saliency.size), saliency))
    shares = saliency[order] ** power
    total = max(float(shares.sum()), 1e-30)
    return Judgement(order, np.concatenate([[0.0], np.cumsum(shares)[:-1]]) / total)
