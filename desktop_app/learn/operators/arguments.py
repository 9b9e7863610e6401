"""Arguments that are an attribute in one version of an operator and an input in another."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from desktop_app.learn.operators.base import Node

Listed = Callable[[Tensor | None], list[Any] | None]


def listed(node: Node, index: int, attribute: str = "") -> Listed:
    """The numbers of an argument, read once where they are known before anything runs; None where it is left out.

    Args:
        node: The node.
        index: The input that holds it in the newer form.
        attribute: The attribute that holds it in the older form.
    """
    known = node.constant(index)
    fixed = known.reshape(-1).tolist() if known is not None else node.attributes.get(attribute)
    if fixed is not None and not isinstance(fixed, list):
        fixed = [fixed]

    def read(given: Tensor | None) -> list[Any] | None:
        if fixed is not None or given is None:
            return fixed
        numbers: list[Any] = given.reshape(-1).tolist()
        return numbers

    return read


def optional(given: Sequence[Tensor | None], count: int) -> list[Tensor | None]:
    """So many inputs, None for those that are left out at the end."""
    return [*given, *[None] * count][:count]


def wrapped(index: Tensor, size: int) -> Tensor:
    """Indices without negative ones, which count from behind."""
    return torch.where(index < 0, index + size, index)
