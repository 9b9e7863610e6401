"""Which family a checkpoint belongs to, told from the names and shapes of its weights."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.text import clean_name
from desktop_app.zoo.building import skeleton
from desktop_app.zoo.families import FAMILIES, Family
from desktop_app.zoo.fitting import Fit, compare
from desktop_app.zoo.size import Wishes, size_of

if TYPE_CHECKING:
    import torch
    from torch import nn

WIDTHS = (0.25, 0.35, 0.5, 0.75, 1.25, 1.3, 1.4, 2.0)
"""Published widths beside a family's own, tried where nothing else was asked for."""


def recognise(weights: "Mapping[str, torch.Tensor]", wishes: Wishes, title: str) -> tuple[Family, Wishes]:
    """The one family that all weights fit into and that they fill, and its size.

    Numbers of classes and of input channels are read off the last and the first weight; widths are tried.

    Raises:
        InvalidFileError: when no family fits, or several do, with what comes nearest.
        StudioError: when torch is not installed.
    """
    wishes = with_ends(weights, wishes)
    near: dict[str, Fit] = {}
    found = []
    for family in FAMILIES.values():
        by_name = compare(_published(family, wishes.depth), weights)
        if by_name.missing or by_name.unexpected:  # names do not change with the width
            near[family.name] = by_name
            continue
        for wish in (wishes, *_other_widths(wishes)):
            fit = _fit(family, wish, weights)
            if fit.complete:
                found.append((family, wish))
                break
            near[family.name] = max(fit, near.get(family.name, fit), key=lambda one: one.loaded)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(family.name for family, _ in found)
        raise InvalidFileError(f"The weights in {title} fit several families ({names}): name one with --family.")
    raise InvalidFileError(_nothing_fits(weights, near, title))


def with_ends(weights: "Mapping[str, torch.Tensor]", wishes: Wishes) -> Wishes:
    """The wishes, with classes and input channels as the weights have them where nothing else was asked for."""
    matrices = [one for one in weights.values() if one.ndim == 2]
    kernels = [one for one in weights.values() if one.ndim == 4]
    classes = int(matrices[-1].shape[0]) if matrices and wishes.classes is UNSET else wishes.classes
    channels = int(kernels[0].shape[1]) if kernels and wishes.channels is UNSET else wishes.channels
    return replace(wishes, classes=classes, channels=channels)


def _fit(family: Family, wishes: Wishes, weights: "Mapping[str, torch.Tensor]") -> Fit:
    try:
        size = size_of(family, wishes)
    except StudioError:  # a number of classes that no model has
        return Fit()
    return compare(skeleton(family, size), weights)


@lru_cache(maxsize=64)
def _published(family: Family, depth: float | UnsetType) -> "nn.Module":
    """A member of published width; nobody changes it."""
    return skeleton(family, size_of(family, Wishes(depth=depth)))


def _other_widths(wishes: Wishes) -> Iterator[Wishes]:
    if wishes.width is UNSET:
        yield from (replace(wishes, width=width) for width in WIDTHS)


def _nothing_fits(weights: "Mapping[str, torch.Tensor]", near: Mapping[str, Fit], title: str) -> str:
    first = ", ".join(clean_name(name) for name in list(weights)[:3])
    sentence = f"No family of this program has the weights of {title} ({len(weights)} tensors, such as {first})"
    name, fit = max(near.items(), key=lambda item: item[1].loaded)
    if fit.loaded:
        apart = fit.missing or fit.unexpected or fit.misshapen
        sentence += f"; {name} comes nearest with {fit.loaded} that fit, but not {apart[0]}"
    return (
        f"{sentence}. Weights alone do not say what is computed: export the model to ONNX (torch.onnx.export) with its "
        "own code, or name a family with --family to load what fits."
    )
