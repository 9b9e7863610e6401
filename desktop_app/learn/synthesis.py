"""Inputs made up from what a model knows of its data: the statistics of its batch normalisation.

Inputs are changed until the mean and variance that they cause before every normalisation are those that are stored
there, and until they look like samples of all classes (Yin et al. 2020, "Dreaming to Distill", without its generator).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.io.data.base import Samples
from desktop_app.learn.module import GraphModule
from desktop_app.learn.outputs import targets_of
from desktop_app.stats.training import TrainingSamples

COUNT, BATCH = 256, 64
"""How many inputs are made, and how many together: their statistics are compared."""

STEPS, RATE = 120, 0.1

CONFIDENT, DIVERSE, SMOOTH = 0.1, 1.0, 1e-3
"""Weights of what else is asked: certain answers, answers of all classes, and no noise from pixel to pixel."""


@dataclass(frozen=True)
class Norm:
    """A batch normalisation: the value that it normalises, and the statistics stored in it, (channels,)."""

    value: str
    mean: Tensor
    deviation: Tensor


def norms_of(model: Model) -> tuple[Norm, ...]:
    """The batch normalisations of the main graph whose statistics are stored."""
    found = []
    for node in model.graph:
        if node.op_type != "BatchNormalization" or node.domain or node.inputs[0] is None:
            continue
        mean, variance = array_of(node.inputs[3]), array_of(node.inputs[4])
        if mean is not None and variance is not None and node.inputs[0].producer() is not None:
            spread = np.sqrt(np.maximum(variance, 0) + 1e-5).astype(np.float32)
            found.append(
                Norm(node.inputs[0].name or "", torch.from_numpy(mean.astype(np.float32)), torch.from_numpy(spread))
            )
    return tuple(found)


def can_synthesise(model: Model) -> bool:
    """Whether there is one input of floats, and normalisation that remembers the data."""
    inputs = [value for value in model.graph.inputs if not value.is_initializer()]
    return len(inputs) == 1 and inputs[0].dtype == ir.DataType.FLOAT and bool(norms_of(model))


def synthesised(model: Model, samples: TrainingSamples, seed: int, token: Token) -> TrainingSamples:
    """Training samples made from the statistics stored in a model, starting from samples of noise.

    Args:
        model: The original as opened, its normalisation not folded.
        samples: Noise of the right names, shapes and types.
        seed: Of the order.
        token: Hears of progress; says when to stop.

    Raises:
        UntrainableError: when a node of the model has no differentiable counterpart.
        Cancelled: when the token says so.
    """
    starts = list(samples.read(samples.indices[:COUNT], BATCH))
    made = []
    for number, start in enumerate(starts):
        made.append(_improved(model, start.inputs, token, number / len(starts), 1.0 / len(starts)))
    name = next(iter(starts[0].inputs))
    array = np.concatenate(made)

    def read(indices: Sequence[int], size: int) -> Iterator[Samples]:
        for first in range(0, len(indices), size):
            yield Samples({name: array[list(indices[first : first + size])]})

    order = np.random.default_rng(seed).permutation(len(array))
    return TrainingSamples(
        read, tuple(map(int, order)), False, samples.image_layout, True, f"{samples.key} synthesised"
    )


def _improved(model: Model, start: Mapping[str, np.ndarray], token: Token, done: float, share: float) -> np.ndarray:
    """A batch of noise changed until it causes the stored statistics."""
    norms, targets = norms_of(model), targets_of(model)
    scores = next((target.value for target in targets if target.classes), "")
    module = GraphModule(model, outputs=[scores or targets[0].value]).eval().requires_grad_(False)
    name, array = next(iter(start.items()))
    made = torch.from_numpy(array.copy()).requires_grad_()
    optimizer = torch.optim.Adam([made], lr=RATE)
    for step in range(STEPS):
        token.check()
        token.report(Progress("recover", 0.0, f"making up inputs, {done + share * step / STEPS:.0%}"))
        optimizer.zero_grad(set_to_none=True)
        values = module({name: made}, also=[norm.value for norm in norms])
        loss = _strangeness(values, norms) + SMOOTH * _roughness(made)
        if scores:
            loss = loss + _one_sided(values[scores])
        torch.autograd.backward(loss)
        optimizer.step()
    return made.detach().numpy()


def _strangeness(values: Mapping[str, Tensor], norms: Sequence[Norm]) -> Tensor:
    """How far the statistics are from those stored, in stored deviations, mean over channels and layers."""
    terms = []
    for norm in norms:
        rows = values[norm.value].transpose(0, 1).flatten(1)
        mean = (rows.mean(1) - norm.mean) / norm.deviation
        spread = rows.std(1) / norm.deviation - 1.0
        terms.append(mean.square().mean() + spread.square().mean())
    return torch.stack(terms).mean()


def _one_sided(scores: Tensor) -> Tensor:
    """Low where each sample belongs to one class, and all of them together to all classes."""
    shares = F.softmax(scores, dim=1)
    each = -(shares * shares.clamp(min=1e-9).log()).sum(1).mean()
    together = shares.mean(0)
    return CONFIDENT * each + DIVERSE * (together * together.clamp(min=1e-9).log()).sum()


def _roughness(images: Tensor) -> Tensor:
    """Total variation over the last two axes of images; 0 for other inputs."""
    if images.dim() != 4:
        return images.new_zeros(())
    return images.diff(dim=2).square().mean() + images.diff(dim=3).square().mean()
