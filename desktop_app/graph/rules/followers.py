"""What a cut must change beside the weights, or must not change: sizes and indices that the graph holds or computes."""

from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.rules.numbers import Number


class Size(NamedTuple):
    """An integer in the graph that must equal the number of its labels that stay.

    Attributes:
        node: Name of the node that reads it.
        place: The node's input (a position) or attribute (a name) that holds it.
        constant: Name of the constant that stores it; empty for attributes and for integers still to be written.
        element: Which element of the constant or attribute.
        labels: What it counts.
        axis: The labels of the axis it speaks of; an integer that counts from the end changes with any of them.
    """

    node: str
    place: int | str
    constant: str
    element: int
    labels: np.ndarray
    axis: np.ndarray


class Lookup(NamedTuple):
    """Constant indices into an axis with labels: after a cut they must point at where the same labels then are.

    Attributes:
        node: Name of the node that reads them.
        place: Which of its inputs they are.
        constant: Name of the constant.
        axis: The labels of the axis that they point into.
        picked: The indices, counted from the front.
    """

    node: str
    place: int
    constant: str
    axis: np.ndarray
    picked: np.ndarray


class Check(NamedTuple):
    """What must hold under every cut of a number that the graph computes; else its labels and `labels` are pinned.

    Attributes:
        number: What is computed.
        labels: It must equal the number of these that stay; None where it need only be a whole number.
        reason: Why they are pinned if it does not.
        node: The node that reads it, which may be given a target of its own instead.
        place: At which input.
        element: Which element of it.
        inferable: Whether a Reshape may be left to find it out.
    """

    number: Number
    labels: np.ndarray | None
    reason: str
    node: ir.Node | None = None
    place: int = 1
    element: int = 0
    inferable: bool = False


class Stay(NamedTuple):
    """A computed size of an axis without labels, which must stay what it is although heads beside it are cut.

    Attributes:
        node: The Reshape that splits an axis into heads and their sizes.
        number: The size of one head as the graph computes it.
        heads: The labels of the heads.
        size: The size of one head.
        element: Which element of the target it is.
        inferable: Whether it may be left to Reshape.
    """

    node: ir.Node
    number: Number
    heads: np.ndarray
    size: int
    element: int
    inferable: bool


class Rewritten(NamedTuple):
    """An element of a target that is another after a cut of these labels than the graph would have it.

    Attributes:
        node: Name of the node that reads the target.
        place: At which input.
        operand: Which input of the Concat that makes the target holds the element alone.
        inferred: Whether it becomes -1, for a Reshape to find out; else the number of labels of the axis that stay.
        axis: The labels of the axis.
        labels: These, and those from whose number the graph computes the element.
    """

    node: str
    place: int
    operand: int
    inferred: bool
    axis: np.ndarray
    labels: np.ndarray


class Split(NamedTuple):
    """An axis that a Reshape splits into several, of which one takes its labels.

    Attributes:
        sizes: Of the parts; axes that are split alike are treated alike.
        part: Which one took them.
        labels: Those that it took.
    """

    sizes: tuple[int, ...]
    part: int
    labels: np.ndarray
