"""Layers made by hand, and how tests find their rows."""

from PySide6.QtCore import QItemSelectionModel

from desktop_app.core.layer import Axis, ChannelGroup, Layer, Span
from desktop_app.core.outcome import Cost
from desktop_app.core.summary import ModelSummary, TensorSpec
from desktop_app.ui.items.columns import INDEX


def conv(name: str, channels: int, inputs: int, out: int | None = None, into: int | None = None, **more) -> Layer:
    """A 3x3 convolution whose output and input channels belong to the groups `out` and `into`."""
    params = channels * inputs * 9 + channels
    return Layer(
        name=name,
        op_type="Conv",
        scope=tuple(name.strip("/").split("/")[:-1]),
        weight_shape=(channels, inputs, 3, 3),
        output_shape=(channels, 8, 8),
        params=params,
        macs=channels * inputs * 9 * 64,
        bytes=params * 4,
        origin=name,
        output=Axis(channels, (Span(out, channels),) if out is not None else ()),
        input=Axis(inputs, (Span(into, inputs),) if into is not None else ()),
        per_channel=1,
        kernel=(3, 3),
        **more,
    )


def summary_of(layers: tuple[Layer, ...], groups: tuple[ChannelGroup, ...] = ()) -> ModelSummary:
    cost = sum((Cost(one.bytes, one.params, one.macs) for one in layers), Cost(bytes=1000))
    spec = (TensorSpec("x", "float32", ("N", 3, 8, 8)),)
    return ModelSummary(
        "net.onnx", "/models/net.onnx", "ab" * 32, cost.bytes, 1000, 12, cost, 17, "by hand", spec, spec, layers, groups
    )


def find(model, label, column="layer"):
    """The index of the row with that label."""
    waiting = list(model.root.children)
    while waiting:
        node = waiting.pop()
        if node.label == label:
            return model.index_of(node, INDEX[column])
        waiting.extend(node.children)
    raise KeyError(label)


def select(window, *labels):
    """Selects rows of the tree, which then has the keys."""
    window.tree.setFocus()
    window.tree.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for label in labels:
        window.tree.selectionModel().select(find(window.tree.model(), label), flags)


def asked(window, name):
    """What the recipe asks of a layer."""
    return window.document.settings(window.document.layer(name))
