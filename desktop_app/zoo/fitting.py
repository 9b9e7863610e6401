"""Weights of a checkpoint into a member of a family, by name and shape, with a report of what did not fit."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name

if TYPE_CHECKING:
    import torch
    from torch import nn

COUNTER = "num_batches_tracked"
"""Of batch normalisation; old checkpoints lack it, and nothing that is evaluated reads it."""


class Fit(Struct, frozen=True):
    """What came of loading weights.

    Attributes:
        loaded: How many tensors fitted.
        missing: Tensors of the model that the file lacks; they stay as drawn at random.
        unexpected: Tensors of the file that the model has no place for.
        misshapen: Tensors of another shape than the model's, with both shapes; the model's stay as drawn at random.
    """

    loaded: int = 0
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every tensor of the model came from the file, and every one of the file went into the model."""
        return self.loaded > 0 and not (self.missing or self.unexpected or self.misshapen)


def compare(module: "nn.Module", weights: "Mapping[str, torch.Tensor]") -> Fit:
    """What would fit; nothing is loaded, so the module may be one without weights."""
    wanted = _wanted(module)
    given = {name: one for name, one in weights.items() if not name.endswith(COUNTER)}
    both = [name for name in wanted if name in given]
    odd = [name for name in both if wanted[name].shape != given[name].shape or given[name].dtype.is_complex]
    return Fit(
        loaded=len(both) - len(odd),
        missing=tuple(name for name in wanted if name not in given),
        unexpected=tuple(clean_name(name) for name in given if name not in wanted),
        misshapen=tuple(f"{name} ({_size(given[name])} instead of {_size(wanted[name])})" for name in odd),
    )


def load(module: "nn.Module", weights: "Mapping[str, torch.Tensor]", title: str) -> Fit:
    """Loads what fits into a module.

    Args:
        module: A member of a family; changed in place.
        weights: By the names of the module, see `unwrapped`.
        title: What to call their file in a sentence.

    Raises:
        InvalidFileError: when nothing fits.
    """
    import torch

    fit = compare(module, weights)
    if not fit.loaded:
        raise InvalidFileError(
            f"None of the {len(weights)} weights in {title} fits this family by name and shape (it calls its own "
            f"{_few(tuple(_wanted(module)))}; the file has {_few(tuple(weights))}): choose another family."
        )
    with torch.no_grad():
        for name, tensor in _wanted(module).items():
            if name in weights and weights[name].shape == tensor.shape and not weights[name].dtype.is_complex:
                tensor.copy_(weights[name].to(tensor.dtype))
    return fit


def _wanted(module: "nn.Module") -> "dict[str, torch.Tensor]":
    """The tensors that a model is made of, in place."""
    stored = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return {name: stored[name] for name in module.state_dict() if not name.endswith(COUNTER)}


def _size(tensor: "torch.Tensor") -> str:
    return " x ".join(str(size) for size in tensor.shape) or "a number"


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(clean_name(name) for name in names[:2])
