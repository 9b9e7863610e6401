"""What the functions of the operator table are given and what they return."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from desktop_app.core.errors import NothingChangedError

Given = TypeVar("Given")

Compute = Callable[..., Any]
"""Input tensors (None for one that is left out) to the output tensor, or to a tuple of them."""


class UntrainableError(NothingChangedError):
    """A node without a differentiable counterpart, told by name, operator and opset."""


@dataclass
class Mode:
    """Whether the module trains: normalisation then uses the statistics of the batch, and dropout drops."""

    training: bool = False


@dataclass(frozen=True)
class Node:
    """A node as the operator table sees it.

    Attributes:
        name: Its name.
        op_type: Its operator.
        domain: The operator's domain; empty for the standard one.
        opset: The version of that domain that the model imports.
        attributes: Name to Python value (tensors as arrays).
        constants: What is known of each input before anything runs; None where it is computed.
        outputs: How many outputs it has.
        mode: Whether the module trains.
    """

    name: str
    op_type: str
    domain: str
    opset: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[np.ndarray | None] = ()
    outputs: int = 1
    mode: Mode = field(default_factory=Mode)

    def attribute(self, name: str, default: Given) -> Given:
        """The value of an attribute, or the default of its operator."""
        found: Given = self.attributes.get(name, default)
        return found

    def constant(self, index: int) -> np.ndarray | None:
        """The constant that an input reads; None where it is computed or left out."""
        return self.constants[index] if index < len(self.constants) else None

    def refuse(self, reason: str) -> UntrainableError:
        """The error that says why this node cannot be trained through."""
        domain = f"{self.domain}::" if self.domain else ""
        return UntrainableError(f"{self.name} ({domain}{self.op_type}, opset {self.opset}): {reason}")


Build = Callable[[Node], Compute]


@dataclass(frozen=True)
class Operator:
    """A row of the operator table.

    Attributes:
        name: The operator.
        build: Makes its function from a node; raises UntrainableError for a form that it does not know.
        since: The first version of the domain from which on the row holds.
        domain: Its domain.
        weights: Inputs whose constants are trained, however small; those of other inputs are settings.
    """

    name: str
    build: Build
    since: int = 1
    domain: str = ""
    weights: tuple[int, ...] = ()
