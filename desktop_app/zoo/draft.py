"""A member of a family for who wants to know its costs: the right graph and shapes, and no weights to speak of."""

from dataclasses import dataclass

from desktop_app.graph.model import Model
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.zoo.building import skeleton
from desktop_app.zoo.ends import Ends
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size


@dataclass(frozen=True)
class Draft:
    """A model without real weights, and how many numbers it will learn."""

    model: Model
    params: int


def draft(family: Family, size: Size, ends: Ends) -> Draft:
    """The model with ones for weights: drawing and settling real ones would take the most of the time.

    Raises:
        StudioError: when torch is not installed.
    """
    module = skeleton(family, size)
    with needing_torch("building a model of a family"):
        from desktop_app.zoo.exporting import export  # not above: it brings in torch
    module = module.to_empty(device="cpu")
    for tensor in module.state_dict().values():
        tensor.fill_(1)
    params = sum(one.numel() for one in module.parameters())
    return Draft(export(module, ends, family.name), params)
