"""Members of the families as torch modules."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size, size_of

if TYPE_CHECKING:
    from torch import nn

SEED = 0


def build(family: Family, size: Size | None = None, seed: int = SEED) -> "nn.Module":
    """A member of a family, ready to be evaluated, with weights to train from.

    Args:
        family: A row of the table.
        size: Its size; as published where nothing is given.
        seed: Of the weights: the same seed gives the same weights.

    Raises:
        StudioError: when torch is not installed.
    """
    with needing_torch("building a model of a family"):
        import torch

        from desktop_app.zoo.blocks import initialise
        from desktop_app.zoo.settling import settle

        architecture = import_module(f"desktop_app.zoo.{family.architecture}")
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        size = size or size_of(family)
        module = cast("nn.Module", architecture.build(family, size))
        initialise(module)
        settle(module, size)
    return module.eval()


def skeleton(family: Family, size: Size | None = None) -> "nn.Module":
    """The same without weights: names and shapes cost nothing. Raises StudioError when torch is not installed."""
    with needing_torch("building a model of a family"):
        import torch

        architecture = import_module(f"desktop_app.zoo.{family.architecture}")
    with torch.device("meta"):
        return cast("nn.Module", architecture.build(family, size or size_of(family))).eval()
