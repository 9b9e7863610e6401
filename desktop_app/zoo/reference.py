"""What torch itself gives for an input, in the form that the exported model is to give it."""

from typing import TYPE_CHECKING

import numpy as np

from desktop_app.zoo.ends import Ends
from desktop_app.zoo.size import Size

if TYPE_CHECKING:
    from torch import nn

SAMPLES = 2
"""More than one shows whether the batch is free."""


def reference(module: "nn.Module", ends: Ends, size: Size, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A seeded input and torch's output for it, both as the ends say."""
    import torch

    given = _input(ends, size, seed)
    values = torch.from_numpy(given).float()
    with torch.no_grad():
        logits = module(values.permute(0, 3, 1, 2) if ends.channels_last else values)
        match ends.activation:
            case "Softmax":
                logits = logits.softmax(1)
            case "LogSoftmax":
                logits = logits.log_softmax(1)
            case "Sigmoid":
                logits = logits.sigmoid()
    shape = [one if isinstance(one, int) else 1 for one in (ends.output.shape or ())[1:]]
    return given, logits.reshape(-1, *shape).numpy().astype(ends.output.dtype)


def _input(ends: Ends, size: Size, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    batch = (ends.input.shape or (None,))[0]
    image = (*size.resolution, size.channels) if ends.channels_last else (size.channels, *size.resolution)
    shape = (batch if isinstance(batch, int) and batch > 0 else SAMPLES, *image)
    if ends.input.dtype.startswith("float"):
        return generator.standard_normal(shape).astype(ends.input.dtype)
    return generator.integers(0, 128, shape).astype(ends.input.dtype)
