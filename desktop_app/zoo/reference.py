"""What torch itself gives for an input, in the form that the exported model is to give it."""

from typing import TYPE_CHECKING

import numpy as np

from desktop_app.zoo.ends import Ends, images_of, output_of
from desktop_app.zoo.size import Size

if TYPE_CHECKING:
    from torch import nn

SAMPLES = 2
"""More than one shows whether the batch is free."""


def reference(module: "nn.Module", ends: Ends, size: Size, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A seeded input and torch's output for it, both as the ends say."""
    import torch

    given = _input(ends, size, seed)
    with torch.no_grad():
        output = output_of(module(images_of(torch.from_numpy(given), ends)), ends)
    return given, output.numpy().astype(ends.output.dtype)


def _input(ends: Ends, size: Size, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    batch = (ends.input.shape or (None,))[0]
    image = (*size.resolution, size.channels) if ends.channels_last else (size.channels, *size.resolution)
    shape = (batch if isinstance(batch, int) and batch > 0 else SAMPLES, *image)
    if ends.input.dtype.startswith("float"):
        return generator.standard_normal(shape).astype(ends.input.dtype)
    return generator.integers(0, 128, shape).astype(ends.input.dtype)
