"""Inputs changed at random, so that a small data set teaches more."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from desktop_app.learn.objective import Labels

SHIFT = 0.125
"""Images are shifted by up to this share of their sides."""

NOISE = 0.05
"""Noise on other inputs, relative to the spread of the batch."""


@dataclass(frozen=True)
class Augment:
    """What may be done to a batch.

    Attributes:
        layout: "nchw" or "nhwc" for images, which are shifted and flipped; empty for other data, which gets noise.
        mixup: The parameter of the Beta distribution of mixing shares; 0 mixes nothing.
        move: Whether samples are changed one by one.
    """

    layout: str = ""
    mixup: float = 0.0
    move: bool = True

    def __call__(
        self, inputs: dict[str, Tensor], labels: Tensor | None, rng: np.random.Generator
    ) -> tuple[dict[str, Tensor], Labels | None]:
        """The batch changed, and its labels."""
        changed = {name: self._one(tensor, rng) for name, tensor in inputs.items()} if self.move else inputs
        told = None if labels is None else Labels(labels)
        return self._mixed(changed, told, rng) if self.mixup > 0 else (changed, told)

    def _one(self, tensor: Tensor, rng: np.random.Generator) -> Tensor:
        if not tensor.is_floating_point() or tensor.dim() < 2:
            return tensor
        if self.layout and tensor.dim() == 4:
            nchw = tensor if self.layout == "nchw" else tensor.permute(0, 3, 1, 2)
            moved = shifted_and_flipped(nchw, rng)
            return moved if self.layout == "nchw" else moved.permute(0, 2, 3, 1).contiguous()
        noise = torch.from_numpy(rng.standard_normal(tuple(tensor.shape), np.float32)).to(tensor)
        return tensor + NOISE * tensor.std() * noise

    def _mixed(
        self, inputs: dict[str, Tensor], labels: Labels | None, rng: np.random.Generator
    ) -> tuple[dict[str, Tensor], Labels | None]:
        """Every sample mixed with another of the batch, all by the same share (Zhang et al. 2018)."""
        share = float(rng.beta(self.mixup, self.mixup))
        samples = next(iter(inputs.values())).shape[0]
        partner = torch.from_numpy(rng.permutation(samples))
        mixed = {
            name: share * one + (1.0 - share) * one[partner] if one.is_floating_point() and one.dim() > 1 else one
            for name, one in inputs.items()
        }
        return mixed, None if labels is None else Labels(labels.first, labels.first[partner], share)


def shifted_and_flipped(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Each image (samples, channels, height, width) shifted by up to an eighth, half of them mirrored.

    What comes in from outside repeats the border, for the value of black depends on a preprocessing not known here.
    """
    samples, _, height, width = images.shape
    rows = _places(rng, samples, height, np.zeros(samples, bool))
    columns = _places(rng, samples, width, rng.random(samples) < 0.5)
    rows, columns = rows.to(images.device), columns.to(images.device)
    across = torch.arange(samples, device=images.device)
    found = images.permute(0, 2, 3, 1)[across[:, None, None], rows[:, :, None], columns[:, None, :]]
    return found.permute(0, 3, 1, 2)


def _places(rng: np.random.Generator, samples: int, size: int, flipped: np.ndarray) -> Tensor:
    """For each sample which row (or column) comes to which place, (samples, size)."""
    reach = int(SHIFT * size)
    places = np.arange(size)[None, :] + rng.integers(-reach, reach + 1, samples)[:, None]
    places = np.clip(places, 0, size - 1)
    return torch.from_numpy(np.where(flipped[:, None], size - 1 - places, places))
