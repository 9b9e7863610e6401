"""Operators that regroup axes: Reshape and its kin, and Expand, which states a whole shape too."""

from collections.abc import Sequence
from math import prod

import numpy as np
import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.followers import Split, Stay
from desktop_app.graph.rules.numbers import Number
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe, normalised

MAX_POSITIONS = 2**24
"""Longest axis that labels are repeated along."""

UNKNOWN = 2**31 - 1
"""Stands for one unknown size: a prime that no product of known sizes contains."""

Block = tuple[list[int], list[int]]
"""Neighbouring axes before, and the axes after that hold the same positions."""


def reshape(node: ir.Node, trace: Trace) -> list[Axes]:
    """Reshape: its target, as far as it states sizes of axes with labels, must follow a cut."""
    before, after = trace.axes_of(node.inputs[0]), trace.shape_of(node.outputs[0])
    target = trace.numbers_of(trace.input(1))
    stated = trace.integers(len(node.inputs), "shape")
    if target is None and stated is not None:
        target = tuple(Number(size) for size in stated)
    if target is None and all(labels is None for labels in before):
        target = (Number(None),) * len(after)
    if target is None or len(target) != len(after):
        raise Unfollowed("whose target is computed")
    axes = regroup(before, trace.shape_of(node.inputs[0]), after, trace)
    zero_copies = not node.attributes.get_int("allowzero", 0)
    for index, (labels, number) in enumerate(zip(axes, target, strict=True)):
        if number.value == 0 and zero_copies and number.constant is not None:
            trace.join(before[index] if index < len(before) else None, labels)
        elif labels is None:
            _keep_size(index, target, axes, after[index], trace)
        elif number.value != -1 and stated is not None:
            trace.follow_attribute("shape", index, labels)
        elif number.value != -1:
            trace.follow_input(1, index, labels, inferable=_inferable(target))
    return [axes]


def _keep_size(index: int, target: Sequence[Number], axes: Axes, size: int, trace: Trace) -> None:
    """The size of an axis without labels must not change, even if it is computed from sizes that do."""
    number, heads = target[index], [labels for labels in axes if labels is not None]
    if number.parts and len(heads) == 1:
        trace.stays.append(Stay(trace.node, number, heads[0], size, index, _inferable(target)))
    else:
        trace.pin_number(number, f"has a size that is used in {describe(trace.node)}")


def _inferable(target: Sequence[Number]) -> bool:
    """Whether one of the sizes may be left to Reshape."""
    return all(number.value != -1 for number in target)


def flatten(node: ir.Node, trace: Trace) -> list[Axes]:
    """Flatten to a matrix."""
    shape = trace.shape_of(node.inputs[0])
    axis = node.attributes.get_int("axis", 1)
    axis = axis if axis == len(shape) else normalised(axis, len(shape))
    after = tuple(-1 if -1 in part else prod(part) for part in (shape[:axis], shape[axis:]))
    return [regroup(trace.axes_of(node.inputs[0]), shape, after, trace)]


def squeeze(node: ir.Node, trace: Trace) -> list[Axes]:
    """Squeeze drops axes of size 1."""
    axes, shape = trace.axes_of(node.inputs[0]), trace.shape_of(node.inputs[0])
    named = trace.integers(1, "axes")
    if named is None:
        if -1 in shape:
            raise Unfollowed("where a size is not known")
        named = [i for i, size in enumerate(shape) if size == 1]
    dropped = {normalised(axis, len(axes)) for axis in named}
    for axis in dropped:
        trace.pin(axes[axis], f"is a single channel that is dropped in {describe(node)}")
    return [tuple(labels for i, labels in enumerate(axes) if i not in dropped)]


def unsqueeze(node: ir.Node, trace: Trace) -> list[Axes]:
    """Unsqueeze adds axes of size 1."""
    axes, named = trace.axes_of(node.inputs[0]), trace.integers(1, "axes")
    if named is None:
        raise Unfollowed("whose axes are computed")
    rank = len(axes) + len(named)
    added = {normalised(axis, rank) for axis in named}
    rest = iter(axes)
    return [tuple(None if i in added else next(rest) for i in range(rank))]


def expand(node: ir.Node, trace: Trace) -> list[Axes]:
    """Expand: like broadcasting against a tensor of the target's shape."""
    axes, target = trace.axes_of(node.inputs[0]), trace.numbers_of(trace.input(1))
    if target is None:
        raise Unfollowed("whose target is computed")
    rank, shape = max(len(axes), len(target)), trace.shape_of(node.inputs[0])
    padded: list[np.ndarray | None] = [*(None for _ in range(rank - len(axes))), *axes]
    sizes = (*(1 for _ in range(rank - len(axes))), *shape)
    for index, labels in enumerate(padded):
        place = index - (rank - len(target))
        if place < 0 or target[place].value == 1:
            continue
        if labels is None:
            padded[index] = _widened(place, target[place], trace) if sizes[index] == 1 else None
            if sizes[index] != 1:
                trace.pin_number(target[place], f"has a size that is used in {describe(node)}")
        elif labels.size == 1:
            trace.pin(labels, f"is a single channel that is broadcast in {describe(node)}")
        else:
            trace.follow_input(1, place, labels)
    return [tuple(padded)]


def _widened(place: int, number: Number, trace: Trace) -> np.ndarray | None:
    """New labels for an axis that a node makes as long as it is told; None where that is no size of channels."""
    size = number.value or 0
    followed = bool(number.parts) or (number.constant is not None and size > 1)
    if not followed or not 0 < size <= MAX_POSITIONS:
        trace.pin_number(number, f"has a size that is used in {describe(trace.node)}")
        return None
    labels = trace.labels.fresh(size)
    trace.widened.add(int(labels[0]))
    trace.follow_input(1 if trace.node.op_type == "Expand" else 0, place, labels)
    return labels


def constant_of_shape(node: ir.Node, trace: Trace) -> list[Axes]:
    """ConstantOfShape: axes whose sizes it is told follow the cut of what these sizes are of."""
    numbers = trace.numbers_of(trace.input(0))
    if numbers is None:
        return [(None,) * len(trace.shape_of(node.outputs[0]))]
    return [tuple([_widened(index, number, trace) for index, number in enumerate(numbers)])]


def regroup(axes: Axes, before: tuple[int, ...], after: tuple[int, ...], trace: Trace) -> Axes:
    """Labels of the axes `after` that hold the positions of the axes `before` in the same order.

    An axis that is merged with others repeats its labels. One that is split gives them to one of the parts, and joins
    what lies along the others.
    """
    result: list[np.ndarray | None] = [None] * len(after)
    if any(labels is not None for labels in axes):
        for labels, size in zip(axes, before, strict=True):
            if size == 1:
                trace.pin(labels, f"is a single channel that is regrouped in {describe(trace.node)}")
        for old, new in _blocks(*_known(before, after)):
            for index, labels in _regroup_block(axes, before, after, (old, new), trace).items():
                result[index] = labels
    return tuple(result)


def _known(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes with a stand-in for the size that is unknown in both, if it must be the same."""
    if before == after:
        return tuple(range(2, len(before) + 2)), tuple(range(2, len(after) + 2))
    if 0 in before or before.count(-1) > 1 or before.count(-1) != after.count(-1):
        raise Unfollowed("where a size is not known")
    before, after = (tuple(UNKNOWN if size == -1 else size for size in shape) for shape in (before, after))
    if prod(before) != prod(after):
        raise Unfollowed("whose shapes do not fit")
    return before, after


def _blocks(before: tuple[int, ...], after: tuple[int, ...]) -> list[Block]:
    """The finest division into neighbouring axes of equal product; axes of size 1 are in none."""
    blocks: list[Block] = []
    rest = [(i, size) for i, size in enumerate(after) if size != 1][::-1]
    old: list[int] = []
    new: list[int] = []
    left = right = 1
    for index, size in enumerate(before):
        if size == 1:
            continue
        old.append(index)
        left *= size
        while right < left:
            position, length = rest.pop()
            new.append(position)
            right *= length
        if left == right:
            blocks.append((old, new))
            old, new, left, right = [], [], 1, 1
    return blocks


def _regroup_block(
    axes: Axes, before: tuple[int, ...], after: tuple[int, ...], block: Block, trace: Trace
) -> dict[int, np.ndarray | None]:
    """Labels of the axes of one block after the regrouping."""
    old, new = block
    labelled = _channels_among(axes, old, trace)
    if not labelled:
        return {}
    if len(old) == len(new) == 1:
        return {new[0]: axes[old[0]]}
    sizes = [after[index] for index in new]
    if len(labelled) > 1 or prod(sizes) > MAX_POSITIONS or -1 in sizes:
        raise Unfollowed("which merges axes that cannot be cut as one")
    shape = [before[index] if index == labelled[0] else 1 for index in old]
    grid = np.broadcast_to(axes[labelled[0]].reshape(shape), [before[index] for index in old]).reshape(sizes)  # type: ignore[union-attr]
    if len(new) == 1:
        return {new[0]: grid}
    image = labelled[0] == 1 and len(before) > 3
    part = _only_part(grid)
    if part is not None:
        return {new[part]: np.moveaxis(grid, part, 0).reshape(sizes[part], -1)[:, 0]}
    # Any choice is sound. In a sequence (heads, size of a head) the last part is left whole: attention mixes it.
    part = trace.choices.get(grid.shape, int(np.argmax(grid.shape if image else grid.shape[:-1])))
    labels = trace.join_rows(np.moveaxis(grid, part, 0).reshape(sizes[part], -1))
    trace.splits.append(Split(grid.shape, part, labels))
    return {new[part]: labels}


def _channels_among(axes: Axes, places: Sequence[int], trace: Trace) -> list[int]:
    """Which of the axes have labels; beside channels, axes that are only stretched stay as they are."""
    found = [(index, labels) for index in places if (labels := axes[index]) is not None]
    stretched = [index for index, labels in found if labels.size and int(labels[0]) in trace.widened]
    if len(stretched) == len(found):
        return [index for index, _ in found]
    for index in stretched:
        trace.pin(axes[index], f"is repeated in {describe(trace.node)}")
    return [index for index, _ in found if index not in stretched]


def _only_part(grid: np.ndarray) -> int | None:
    """The part of a split axis along which alone the labels vary; None where they vary along several."""
    for part in range(grid.ndim):
        line = np.moveaxis(grid, part, 0).reshape(grid.shape[part], -1)
        if (line == line[:, :1]).all():
            return part
    return None
