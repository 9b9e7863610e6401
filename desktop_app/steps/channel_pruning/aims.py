"""Which layers are refitted after a cut, and to what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import array_of
from desktop_app.graph.labels import Axes
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.reader import MAX_UNKNOWNS, Reader, as_reader

NOT_CLIPPED = (-inf, inf)


@dataclass(frozen=True)
class Aim:
    """What a layer of the pruned model is fitted to.

    Attributes:
        reader: The layer in the pruned model.
        target: Name of the value of the original that it should come near.
        skip: Name of the value that is added to the layer's output before; empty where there is none.
        kept: Which channels of the target there are in the pruned model; None for all.
        clipped: Below and above what the target makes no difference, because all that reads it clips it there.
    """

    reader: Reader
    target: str
    skip: str
    kept: np.ndarray | None
    clipped: tuple[float, float] = NOT_CLIPPED


def find_aims(original: Model, pruned: Model, keep: Mapping[int, np.ndarray]) -> list[Aim]:
    """The layers that read cut channels, or what such layers made, and can be refitted, in execution order."""
    stays = original.channels.staying(keep)
    readers = {reader.node.name or "": reader for reader in _readers(original, pruned, stays)}
    depth = depths(pruned, readers)
    values = {value.name or "": value for node in pruned.graph for value in node.outputs}
    aims = []
    for name, reader in readers.items():
        skip, target = skip_of(reader, depth[name], depth, pruned) or ("", reader.result)
        axes = original.channels.axes_by_value.get(target, ())
        labels = axes[reader.channels_axis] if axes else None
        kept = None if labels is None else stays[labels]
        aims.append(Aim(reader, target, skip, kept, clipping_of(values[target])))
    return aims


def _readers(original: Model, pruned: Model, stays: np.ndarray) -> Iterator[Reader]:
    """Layers that have lost inputs, or are given others than in the original."""
    channels = original.channels
    changed: set[str] = set()
    for node in pruned.graph:
        names = [value.name or "" for value in node.inputs if value is not None]
        lost = any(_is_cut(axes, stays) for name in names if (axes := channels.axes_by_value.get(name)))
        if lost or not changed.isdisjoint(names):
            changed.update(value.name or "" for value in node.outputs)
            name = node.name or ""
            inputs_changed = names[0] in changed or _lost_inputs(original, name, stays)
            reader = as_reader(pruned, name) if inputs_changed else None
            if reader is not None and reader.unknowns <= MAX_UNKNOWNS:
                yield reader


def _lost_inputs(original: Model, name: str, stays: np.ndarray) -> bool:
    """Whether a layer reads fewer channels than it did."""
    weight = original.channels.weights.get(name)
    labels = None if weight is None else original.channels.axes_by_value[weight.constant][weight.input]
    return labels is not None and not bool(stays[labels].all())


def _is_cut(axes: Axes, stays: np.ndarray) -> bool:
    return any(labels is not None and not stays[labels].all() for labels in axes)


def skip_of(reader: Reader, own: int, depth: Mapping[str, int], model: Model) -> tuple[str, str] | None:
    """What is added to the layer's output, and the sum; None unless it is there before the layer is fitted."""
    uses = [*reader.node.outputs[0].uses()]
    if len(uses) != 1 or uses[0].node.op_type != "Add" or reader.node.outputs[0].is_graph_output():
        return None
    add = uses[0].node
    other = add.inputs[1 - uses[0].idx]
    if other is None or other.producer() is None or other.is_initializer():
        return None
    same_shape = model.shapes.get(other.name or "") == model.shapes.get(reader.result)
    if not same_shape or depth.get(other.name or "", 0) >= own:
        return None
    return other.name or "", add.outputs[0].name or ""


def clipping_of(value: ir.Value) -> tuple[float, float]:
    """Where all that reads a value clips it."""
    bounds = [_bounds(use.node) for use in value.uses()]
    if not bounds or value.is_graph_output():
        return NOT_CLIPPED
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def _bounds(node: ir.Node) -> tuple[float, float]:
    """Where a node clips what it reads."""
    if node.op_type == "Relu" and node.domain in ("", "ai.onnx"):
        return 0.0, inf
    if node.op_type != "Clip" or node.domain not in ("", "ai.onnx"):
        return NOT_CLIPPED
    if len(node.inputs) < 2:
        return node.attributes.get_float("min", -inf), node.attributes.get_float("max", inf)
    given = [*node.inputs[1:], None][:2]
    low, high = (array_of(value) for value in given)
    known = all(value is None or array is not None for value, array in zip(given, (low, high), strict=True))
    if not known:
        return NOT_CLIPPED
    return (-inf if low is None else float(low.item()), inf if high is None else float(high.item()))


def depths(model: Model, readers: Mapping[str, Reader]) -> dict[str, int]:
    """For every value, and by name for every reader, the position of the last reader that it depends on, from 1."""
    depth: dict[str, int] = {}
    order = {name: position for position, name in enumerate(readers, 1)}
    for node in model.graph:
        last = max((depth.get(value.name or "", 0) for value in node.inputs if value is not None), default=0)
        name = node.name or ""
        if name in order:
            last = depth[name] = order[name]
        depth.update((value.name or "", last) for value in node.outputs)
    return depth
