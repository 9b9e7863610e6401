"""Operators that move, select or repeat positions along axes that stay axes."""

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.followers import Lookup
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe, normalised


def concat(node: ir.Node, trace: Trace) -> list[Axes]:
    """Concat lays the labels of one axis side by side and joins those of the others."""
    operands = [trace.axes_of(value) for value in node.inputs]
    rank = len(operands[0])
    along = normalised(node.attributes.get_int("axis", 1), rank)
    result: list[np.ndarray | None] = []
    for axis in range(rank):
        pieces = [axes[axis] for axes in operands]
        if all(labels is None for labels in pieces):
            result.append(None)
        elif axis == along:
            sizes = [trace.size_of(value, axis) for value in node.inputs]
            result.append(np.concatenate([_filled(p, s, trace) for p, s in zip(pieces, sizes, strict=True)]))
        else:
            met = pieces[0]
            for labels in pieces[1:]:
                met = trace.join(met, labels)
            result.append(met)
    return [tuple(result)]


def _filled(labels: np.ndarray | None, size: int, trace: Trace) -> np.ndarray:
    """The labels, or new ones that stay for positions that have none."""
    if labels is not None:
        return labels
    if size < 0:
        raise Unfollowed("where a size is not known")
    filled = trace.labels.fresh(size)
    trace.pin(filled, f"meets channels that stay in {describe(trace.node)}")
    return filled


def split(node: ir.Node, trace: Trace) -> list[Axes]:
    """Split: explicit sizes (attribute, later input) follow the cut; equal parts become explicit by it."""
    axes = trace.axes_of(node.inputs[0])
    along = normalised(node.attributes.get_int("axis", 0), len(axes))
    labels = axes[along]
    if labels is None:
        trace.pin_sizes(1, f"has a size that is used in {describe(node)}")
        return [axes] * len(node.outputs)
    sizes = trace.bounds(1, "split")
    if sizes is None:
        if trace.input(1) is not None:
            raise Unfollowed("whose sizes are computed")
        part = -(-labels.size // len(node.outputs))
        sizes = [min(part, labels.size - start) for start in range(0, labels.size, part)]
    if len(sizes) != len(node.outputs) or sum(sizes) != labels.size or min(sizes) < 1:
        raise Unfollowed("whose sizes do not fit")
    pieces = np.split(labels, np.cumsum(sizes)[:-1])
    for index, piece in enumerate(pieces):
        if trace.input(1) is not None:
            trace.follow_input(1, index, piece)
        else:
            trace.follow_attribute("split", index, piece)
    return [(*axes[:along], piece, *axes[along + 1 :]) for piece in pieces]


def slice_(node: ir.Node, trace: Trace) -> list[Axes]:
    """Slice: start and end count the labels before them."""
    axes = [*trace.axes_of(node.inputs[0])]
    starts, ends = trace.bounds(1, "starts"), trace.bounds(2, "ends")
    named, steps = trace.integers(3, "axes"), trace.integers(4, "steps")
    if all(labels is None for labels in axes):
        for place in (1, 2):
            trace.pin_sizes(place, f"has a size that is used in {describe(node)}")
        return [tuple(axes)]
    if _computed(named, 3, trace) or _computed(steps, 4, trace):
        raise Unfollowed("whose bounds are computed")
    count = len(named) if named is not None else trace.shape_of(trace.input(1))[0] if starts is None else len(starts)
    for index, axis in enumerate(named or range(count)):
        position = normalised(axis, len(axes))
        labels = axes[position]
        if labels is None:
            for place in (1, 2):
                trace.pin_sizes(place, f"has a size that is used in {describe(node)}", index)
        elif starts is None or ends is None:
            raise Unfollowed("whose bounds are computed")
        elif steps is not None and steps[index] != 1:
            axes[position] = _in_steps(labels, starts[index], ends[index], steps[index], trace)
        else:
            axes[position] = _sliced(labels, index, starts[index], ends[index], trace)
    return [tuple(axes)]


def _computed(integers: list[int] | None, place: int, trace: Trace) -> bool:
    """Whether an optional input is there but is no constant."""
    return integers is None and trace.input(place) is not None


def _sliced(labels: np.ndarray, index: int, start: int, end: int, trace: Trace) -> np.ndarray:
    """labels[start:end], with both bounds made to follow a cut."""
    first, last, _ = slice(start, end).indices(labels.size)
    if last <= first:
        raise Unfollowed("which takes no channels")
    for place, name, stated, bound in ((1, "starts", start, first), (2, "ends", end, last)):
        numbers = trace.numbers_of(trace.input(place))
        computed = name not in trace.node.attributes and numbers is not None and bool(numbers[index].parts)
        if not computed and (bound == 0 or (bound == labels.size and stated >= bound)):
            continue
        if name in trace.node.attributes:
            trace.follow_attribute(name, index, labels[:bound], labels)
        else:
            trace.follow_input(place, index, labels[:bound], labels)
    return labels[first:last]


def _in_steps(labels: np.ndarray, start: int, end: int, step: int, trace: Trace) -> np.ndarray:
    """labels[start:end:step], from within the first step to the end: whole runs of a step go, so that nothing shifts.

    The bounds need not follow: the start stays where it is, and an end behind the last channel is cut off there.
    """
    if not 0 <= start < step or end < labels.size or labels.size % step:
        raise Unfollowed("which takes channels in steps, not whole runs from the first to the last")
    for place, name in ((1, "starts"), (2, "ends")):
        numbers = trace.numbers_of(trace.input(place))
        if name not in trace.node.attributes and numbers is not None and any(number.parts for number in numbers):
            raise Unfollowed("which takes channels in steps between computed bounds")
    return trace.join_rows(labels.reshape(-1, step))


def pad(node: ir.Node, trace: Trace) -> list[Axes]:
    """Pad with a constant: new labels on either side, so that the padding follows a cut of what it is added to."""
    axes = [*trace.axes_of(node.inputs[0])]
    attribute = "paddings" if "paddings" in node.attributes else "pads"
    pads, named = trace.integers(1, attribute), trace.integers(3, "axes")
    if all(labels is None for labels in axes):
        return [tuple(axes)]
    if pads is None or _computed(named, 3, trace):
        raise Unfollowed("whose padding is computed")
    padded = named or [*range(len(axes))]
    constant = node.attributes.get_string("mode", "constant") == "constant"
    for index, axis in enumerate(padded):
        position = normalised(axis, len(axes))
        labels, amounts = axes[position], (pads[index], pads[index + len(padded)])
        if labels is None or amounts == (0, 0):
            continue
        if min(amounts) < 0 or not constant:
            raise Unfollowed("which repeats or crops channels")
        before, after = trace.labels.fresh(amounts[0]), trace.labels.fresh(amounts[1])
        for element, new in ((index, before), (index + len(padded), after)):
            if new.size and attribute in node.attributes:
                trace.follow_attribute(attribute, element, new)
            elif new.size:
                trace.follow_input(1, element, new)
        axes[position] = np.concatenate([before, labels, after])
    return [tuple(axes)]


def gather(node: ir.Node, trace: Trace) -> list[Axes]:
    """Gather: the axes of the indices take the place of one axis; the others pass.

    Constant indices follow a cut, a single one keeps the channel that it takes. By others the axis cannot be cut.
    """
    data, indices = trace.axes_of(node.inputs[0]), trace.axes_of(node.inputs[1])
    axis = normalised(node.attributes.get_int("axis", 0), len(data))
    labels, value = data[axis], trace.input(1)
    picked = array_of(value)
    if labels is None:
        return [(*data[:axis], *indices, *data[axis + 1 :])]
    if value is None or picked is None or picked.ndim > 1 or np.any((picked < -labels.size) | (picked >= labels.size)):
        trace.pin(labels, f"is looked up by position in {describe(node)}")
        return [(*data[:axis], *indices, *data[axis + 1 :])]
    trace.lookups.append(Lookup(node.name or "", 1, value.name or "", labels, picked % labels.size))
    taken = labels[picked % labels.size]
    if picked.ndim == 0 or picked.size == 1:
        trace.pin(np.atleast_1d(taken), f"is the one that {describe(node)} takes")
        return [(*data[:axis], *(None for _ in indices), *data[axis + 1 :])]
    return [(*data[:axis], taken, *data[axis + 1 :])]


def transpose(node: ir.Node, trace: Trace) -> list[Axes]:
    """Transpose; without `perm` it reverses the axes."""
    axes = trace.axes_of(node.inputs[0])
    order = node.attributes.get_ints("perm") or range(len(axes) - 1, -1, -1)
    if sorted(order) != [*range(len(axes))]:
        raise Unfollowed("whose permutation does not fit")
    return [tuple(axes[i] for i in order)]


def tile(node: ir.Node, trace: Trace) -> list[Axes]:
    """Tile repeats the labels."""
    axes = trace.axes_of(node.inputs[0])
    if all(labels is None for labels in axes):
        return [axes]
    repeats = trace.integers(1)
    if repeats is None or len(repeats) != len(axes) or min(repeats) < 1:
        raise Unfollowed("whose repeats are computed")
    return [tuple(None if a is None else np.tile(a, r) for a, r in zip(axes, repeats, strict=True))]


def resize(node: ir.Node, trace: Trace) -> list[Axes]:
    """Resize, Upsample: positions change, channels keep their number, which `sizes` may state."""
    axes, after = trace.axes_of(node.inputs[0]), trace.shape_of(node.outputs[0])
    named = trace.integers(len(node.inputs), "axes") or [*range(len(axes))]
    places = {normalised(axis, len(axes)): index for index, axis in enumerate(named)}
    stated = trace.numbers_of(trace.input(3))
    result: list[np.ndarray | None] = []
    for position, labels in enumerate(axes):
        kept = labels is not None and after[position] == labels.size
        place = places.get(position)
        if labels is not None and kept and place is not None and trace.input(3) is not None:
            trace.follow_input(3, place, labels)
        elif not kept:
            trace.pin(labels, f"is resampled in {describe(node)}")
            if stated is not None and place is not None:
                trace.pin_number(stated[place], f"is resampled in {describe(node)}")
        result.append(labels if kept else None)
    return [tuple(result)]


def depth_to_space(node: ir.Node, trace: Trace) -> list[Axes]:
    """DepthToSpace: the channels that fill one block of positions go together."""
    axes = trace.axes_of(node.inputs[0])
    channels, block = axes[1], node.attributes.get_int("blocksize", 1) ** 2
    for labels in axes[2:]:
        trace.pin(labels, f"is widened in {describe(node)}")
    if channels is None:
        return [(axes[0], None, None, None)]
    if channels.size % block:
        raise Unfollowed("whose blocks do not fit")
    rows = node.attributes.get_string("mode", "DCR") == "DCR"
    grid = channels.reshape(block, -1).T if rows else channels.reshape(-1, block)
    return [(axes[0], trace.join_rows(grid), None, None)]


def space_to_depth(node: ir.Node, trace: Trace) -> list[Axes]:
    """SpaceToDepth: every channel occurs once for each position of a block."""
    axes = trace.axes_of(node.inputs[0])
    for labels in axes[2:]:
        trace.pin(labels, f"is narrowed in {describe(node)}")
    block = node.attributes.get_int("blocksize", 1) ** 2
    return [(axes[0], None if axes[1] is None else np.tile(axes[1], block), None, None)]
