"""What the rules of the operators share: the labels found so far, and the integers that must follow a cut."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.labels import Axes, Labels
from desktop_app.graph.model import Model
from desktop_app.graph.shape_constants import small_constants

MAX_CHANNELS = 2**22
"""Longer axes of constants hold no channels, and stay as they are."""


class Unfollowed(Exception):  # noqa: N818 - it is a refusal, which the walk turns into a reason
    """Raised by a rule that cannot pass labels on; the text completes "passes through Op /name, ..."."""


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


class Part(NamedTuple):
    """So many times the number of labels that stay."""

    times: Fraction
    labels: np.ndarray


class Place(NamedTuple):
    """An element of a constant that one node reads."""

    node: str
    input: int
    constant: str
    element: int


class Number(NamedTuple):
    """An element of a tensor that holds a shape.

    Attributes:
        value: The element, where it is known.
        parts: The sizes of axes with labels that it is the sum of; empty where it does not depend on any.
        rest: What is added to them; None where that is not fixed, as it is not for the size of another axis.
        constant: Name and position of the constant it comes from, if changing that changes nothing else.
        divisor: Where the size of an axis was divided by a constant to give it.
    """

    value: int | None
    parts: tuple[Part, ...] = ()
    rest: Fraction | None = None
    constant: tuple[str, int] | None = None
    divisor: Place | None = None

    @property
    def labels(self) -> np.ndarray | None:
        """The labels of the axis whose size it is; None where it is no such size, or a sum or part of some."""
        whole = len(self.parts) == 1 and self.parts[0].times == 1 and self.rest == 0
        return self.parts[0].labels if whole else None


class Check(NamedTuple):
    """What must hold under every cut of a number that the graph computes; else its labels and `labels` are pinned.

    Attributes:
        number: What is computed.
        labels: It must equal the number of these that stay; None where it need only be a whole number.
        reason: Why they are pinned if it does not.
        node: The Reshape whose target it is an element of, if it may be left to Reshape to find out.
        element: Which element.
    """

    number: Number
    labels: np.ndarray | None
    reason: str
    node: ir.Node | None = None
    element: int = 0


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


class Inferred(NamedTuple):
    """An element of the target of a Reshape that is -1 after a cut of these labels: the graph would compute another.

    Attributes:
        node: Name of the Reshape.
        operand: Which input of the Concat that makes the target holds the element alone.
        labels: The labels of the axis, and those from whose number the graph computes the element.
    """

    node: str
    operand: int
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


class Trace:
    """The labels of all values on the way through a graph; `node` is the one being followed.

    Attributes:
        labels: The union-find.
        axes: For every value that was met the labels of its axes.
        numbers: For every value that holds sizes of axes what its elements are.
        computed: Small constants, also those that the graph computes from others.
        sizes: Integers that must follow a cut.
        lookups: Indices that must follow a cut.
        checks: What must hold of the integers that the graph computes.
        stays: Those of them that must stay what they are.
        inferred: Those of them that are left to Reshape instead.
        splits: For every axis that was split into several, whose labels may go to any of them, see `Split`.
        divisors: What follows the number of these labels that stay, since something is divided by it.
        vanishing: For values that were asked for, whether they vanish with what makes them, see `rules.vanish`.
    """

    def __init__(self, model: Model, choices: Mapping[tuple[int, ...], int] | None = None) -> None:
        self.opset = model.opset
        self.choices = choices or {}
        self.labels = Labels()
        self.axes: dict[str, Axes] = {}
        self.numbers: dict[str, tuple[Number, ...]] = {}
        self.sizes: list[Size] = []
        self.lookups: list[Lookup] = []
        self.checks: list[Check] = []
        self.stays: list[Stay] = []
        self.inferred: list[Inferred] = []
        self.splits: list[Split] = []
        self.divisors: dict[Place, np.ndarray] = {}
        self.vanishing: dict[str, bool] = {}
        self.node: ir.Node = ir.Node("", "Identity", [])
        self._shapes = model.shapes
        self.computed = small_constants(model, model.shapes, given_inputs=False)

    def shape_of(self, value: ir.Value | None) -> tuple[int, ...]:
        """Sizes of the axes, -1 where unknown. Raises Unfollowed where not even their number is known."""
        tensor = tensor_of(value)
        if tensor is not None:
            return tuple(tensor.shape.numpy())
        shape = self._shapes.get(value.name or "") if value is not None else None
        if shape is None:
            raise Unfollowed("where a shape is not known")
        return shape

    def axes_of(self, value: ir.Value | None) -> Axes:
        """The labels of a value; constants get theirs when first asked for. Raises Unfollowed, see `shape_of`."""
        name = value.name or "" if value is not None else ""
        axes = self.axes.get(name)
        if axes is None or value is None:
            shape = self.shape_of(value)
            if tensor_of(value) is None:
                axes = (None,) * len(shape)
            else:
                axes = tuple([self.labels.fresh(n) if 1 < n <= MAX_CHANNELS else None for n in shape])
            self.axes[name] = axes
        return axes

    def size_of(self, value: ir.Value | None, axis: int) -> int:
        """Size of one axis, -1 where unknown."""
        labels = self.axes_of(value)[axis]
        return self.shape_of(value)[axis] if labels is None else labels.size

    def integers(self, position: int, attribute: str = "") -> list[int] | None:
        """Integers that the node takes as a constant input (or, in older operator sets, as an attribute)."""
        stated = self.node.attributes.get(attribute)
        if stated is not None and not stated.is_ref():
            return [int(number) for number in np.atleast_1d(stated.value)]
        value = self.input(position)
        array = array_of(value)
        if array is None and value is not None:
            array = self.computed.get(value.name or "")
        return None if array is None else [int(number) for number in array.reshape(-1)]

    def input(self, position: int) -> ir.Value | None:
        """An input of the node; None where it is left out."""
        inputs = self.node.inputs
        return inputs[position] if position < len(inputs) else None

    def join(self, left: np.ndarray | None, right: np.ndarray | None) -> np.ndarray | None:
        """Makes two axes one; if only one has labels, or their sizes differ, they are pinned and there is none."""
        if left is None or right is None or left.size != right.size:
            for labels in (left, right):
                self.pin(labels, f"meets channels that stay in {describe(self.node)}")
            return None
        self.labels.join(left, right)
        return left

    def join_rows(self, grid: np.ndarray) -> np.ndarray:
        """Joins the labels within each row of a matrix; gives the first column."""
        first = np.ascontiguousarray(grid[:, 0])
        self.labels.join(grid, np.broadcast_to(first[:, None], grid.shape))
        return first

    def pin(self, labels: np.ndarray | None, reason: str) -> None:
        """Forbids to cut an axis."""
        if labels is not None and labels.size:
            self.labels.pin(labels, reason)

    def pin_value(self, value: ir.Value | None, reason: str) -> None:
        """Forbids to cut any axis of a value, and any axis whose size it holds."""
        if value is None:
            return
        try:
            axes = self.axes_of(value)
        except Unfollowed:
            axes = ()
        for labels in axes:
            self.pin(labels, reason)
        for number in self.numbers.get(value.name or "", ()):
            self.pin_number(number, reason)

    def pin_sizes(self, position: int, reason: str, index: int | None = None) -> None:
        """Forbids to cut the axes whose sizes an input of the node states, in one of its elements or in all."""
        value = self.input(position)
        numbers = self.numbers.get(value.name or "", ()) if value is not None else ()
        for number in numbers if index is None else numbers[index : index + 1]:
            self.pin_number(number, reason)

    def pin_number(self, number: Number, reason: str) -> None:
        """Forbids to cut the axes whose sizes make a number."""
        for part in number.parts:
            self.pin(part.labels, reason)

    def numbers_of(self, value: ir.Value | None) -> tuple[Number, ...] | None:
        """The elements of a tensor that holds a shape; None where nothing is known of them."""
        if value is None or value.name in self.numbers:
            return self.numbers[value.name or ""] if value is not None else None
        elements = self.computed.get(value.name or "")
        if elements is None or elements.ndim > 1 or elements.dtype.kind != "i":
            return None
        return tuple(
            Number(int(n), rest=Fraction(int(n)), constant=(value.name or "", i))
            for i, n in enumerate(elements.reshape(-1))
        )

    def follow_attribute(self, attribute: str, index: int, labels: np.ndarray, axis: np.ndarray | None = None) -> None:
        """An element of the node's attribute must equal the number of `labels` that stay, see `Size`."""
        self.sizes.append(Size(self.node.name or "", attribute, "", index, labels, labels if axis is None else axis))

    def follow_input(
        self, position: int, index: int, labels: np.ndarray, axis: np.ndarray | None = None, inferable: bool = False
    ) -> None:
        """An element of the node's input must equal the number of `labels` that stay; pins them where it cannot."""
        numbers = self.numbers_of(self.input(position))
        number = numbers[index] if numbers is not None and index < len(numbers) else Number(None)
        reason = f"has a size that is computed for {describe(self.node)}"
        if number.labels is labels:
            return
        if number.constant is not None and not number.parts:
            name, element = number.constant
            whole = labels if axis is None else axis
            self.sizes.append(Size(self.node.name or "", position, name, element, labels, whole))
        else:
            self.checks.append(Check(number, labels, reason, self.node if inferable else None, index))

    def follow_divisor(self, stay: Stay) -> bool:
        """Lets what a number was divided by follow the heads that stay, so that it stays what it is.

        An axis of heads * size is divided by the number of heads, which may be cut. False where it is not that.
        """
        number, heads, divisor = stay.number, stay.heads, stay.number.divisor
        if divisor is None or number.value != stay.size:
            return False
        reason = f"has a size that is computed for {describe(stay.node)}"
        whole = number._replace(parts=tuple(Part(Fraction(1), part.labels) for part in number.parts))
        self.checks.append(Check(whole, np.repeat(heads, stay.size), reason))
        earlier = self.divisors.setdefault(divisor, heads)
        if earlier is not heads:
            self.checks.append(Check(Number(None, (Part(Fraction(1), earlier),), Fraction(0)), heads, reason))
        self.sizes.append(Size(divisor.node, divisor.input, divisor.constant, divisor.element, heads, heads))
        return True

    def bounds(self, position: int, attribute: str = "") -> list[int] | None:
        """As `integers`; also what the graph computes from the sizes of axes with labels."""
        known = self.integers(position, attribute)
        numbers = self.numbers_of(self.input(position)) if known is None else None
        if numbers is None:
            return known
        told = [number.value for number in numbers if number.parts or number.constant]
        return None if None in told or len(told) < len(numbers) else [int(value) for value in told if value is not None]


def describe(node: ir.Node) -> str:
    """The node in the words of a reason."""
    return f"{node.op_type} {node.name}"


def normalised(axis: int, rank: int) -> int:
    """An axis counted from the front. Raises Unfollowed for one that does not exist."""
    if not -rank <= axis < rank:
        raise Unfollowed("which names an axis that does not exist")
    return axis % rank


def without(axes: Axes, positions: Sequence[int]) -> Axes:
    """The axes less those at `positions`."""
    dropped = set(positions)
    return tuple(labels for i, labels in enumerate(axes) if i not in dropped)
