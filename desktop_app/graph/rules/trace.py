"""What the rules of the operators share: the labels found so far, and the integers that must follow a cut."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of, tensor_of
from desktop_app.graph.labels import Axes, Labels
from desktop_app.graph.model import Model
from desktop_app.graph.rules.followers import Check, Lookup, Rewritten, Size, Split, Stay
from desktop_app.graph.rules.numbers import Number, Part, Place
from desktop_app.graph.shape_constants import small_constants

MAX_CHANNELS = 2**22
"""Longer axes of constants hold no channels, and stay as they are."""


class Unfollowed(Exception):  # noqa: N818 - it is a refusal, which the walk turns into a reason
    """Raised by a rule that cannot pass labels on; the text completes "passes through Op /name, ..."."""


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
        rewritten: Those of them that one node gets in another way.
        splits: For every axis that was split into several, whose labels may go to any of them, see `Split`.
        divisors: What follows the number of these labels that stay, since something is divided by it.
        widened: First labels of axes that only a stated size makes long; they give way to channels.
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
        self.rewritten: list[Rewritten] = []
        self.splits: list[Split] = []
        self.divisors: dict[Place, np.ndarray] = {}
        self.vanishing: dict[str, bool] = {}
        self.widened: set[int] = set()
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
        if labels is not None:
            return labels.size
        try:
            return self.shape_of(value)[axis]
        except Unfollowed:  # of what an operator gave axes although its shape is not known
            return -1

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
            self.checks.append(Check(number, labels, reason, self.node, position, index, inferable))

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
