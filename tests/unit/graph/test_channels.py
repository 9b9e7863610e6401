from collections.abc import Callable

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import helper

from desktop_app.core.layer import Axis, Span
from desktop_app.graph.model import Model
from tests.unit.graph.channel_nets import Net, assert_cut_is_exact


def _chain(middle: Callable[[Net, str], str], read: int, opset: int = 17, made: int = 8) -> Model:
    """conv -> what is tested -> conv -> output."""
    net = Net(opset)
    data = net.conv(net.input("N", 3, 6, 6), 3, made, name="first")
    result = net.conv(middle(net, data), read, 5, name="last")
    return net.model(result)


def _groups(model: Model) -> list[tuple[int, tuple[str, ...], tuple[str, ...], str]]:
    return [(g.channels, g.producers, g.consumers, g.refusal) for g in model.channels.groups]


def test_a_chain_has_one_group_that_can_be_cut_and_one_that_feeds_the_output() -> None:
    model = _chain(lambda net, x: net.op("Relu", x), 8)
    output = model.graph.outputs[0].name
    assert _groups(model) == [
        (8, ("first",), ("last",), ""),
        (5, ("last",), (), f"its output feeds the model's output {output}"),
    ]
    assert model.channels.axes("last") == (Axis(5, (Span(1, 5),)), Axis(8, (Span(0, 8),)))
    assert model.channels.axes("no such layer") == (Axis(1), Axis(1))


SAME_CHANNELS: dict[str, Callable[[Net, str], str]] = {
    "unary": lambda net, x: net.op("HardSwish", net.op("Sigmoid", x)),
    "clip": lambda net, x: net.op("Clip", x, net.const(0.0), net.const(6.0)),
    "scale of every channel": lambda net, x: net.op("Mul", x, net.random(1, 8, 1, 1)),
    "divisor of every channel": lambda net, x: net.op("Div", x, net.const(np.arange(1.0, 9.0).reshape(8, 1, 1))),
    "constant of every position": lambda net, x: net.op("Add", net.random(1, 8, 6, 6), x),
    "scalar": lambda net, x: net.op("Add", x, net.const([1.0])),
    "constant in a node": lambda net, x: net.op("Add", x, net.const(np.ones((1, 8, 1, 1)), in_node=True)),
    "prelu": lambda net, x: net.op("PRelu", x, net.random(8, 1, 1)),
    "batch norm": lambda net, x: net.op(
        "BatchNormalization", x, net.random(8), net.random(8), net.random(8), net.const(np.arange(1.0, 9.0))
    ),
    "instance norm": lambda net, x: net.op("InstanceNormalization", x, net.random(8), net.random(8)),
    "max pool": lambda net, x: net.op("MaxPool", x, kernel_shape=[2, 2]),
    "average pool": lambda net, x: net.op("AveragePool", x, kernel_shape=[3, 3]),
    "global pool": lambda net, x: net.op("GlobalAveragePool", x),
    "mean over positions": lambda net, x: net.op("ReduceMean", x, axes=[2, 3]),
    "where": lambda net, x: net.op("Where", net.op("Greater", x, net.const(0.0)), x, net.random(8, 1, 1)),
    "resize": lambda net, x: net.op("Resize", x, "", net.const([1, 1, 2, 2]), mode="nearest"),
    "resize to sizes": lambda net, x: net.op("Resize", x, "", "", net.ints(1, 8, 12, 12), mode="nearest"),
    "pad of positions": lambda net, x: net.op("Pad", x, net.ints(0, 0, 1, 1, 0, 0, 1, 1)),
    "softmax over positions": lambda net, x: net.op("Softmax", x, axis=-1),
    "squeeze and unsqueeze": lambda net, x: net.op(
        "Unsqueeze", net.op("Squeeze", net.op("GlobalMaxPool", x), net.ints(2, 3)), net.ints(2, 3)
    ),
    "transposed there and back": lambda net, x: net.op(
        "Transpose", net.op("Transpose", x, perm=[0, 2, 3, 1]), perm=[0, 3, 1, 2]
    ),
    "reshape of positions": lambda net, x: net.op(
        "Reshape", net.op("Reshape", x, net.ints(0, 8, 36)), net.ints(0, 0, 4, 9)
    ),
    "expand": lambda net, x: net.op("Expand", net.op("GlobalMaxPool", x), net.ints(1, 8, 2, 2)),
    "depthwise": lambda net, x: net.conv(x, 8, 8, 3, group=8),
    "quantised": lambda net, x: net.op(
        "DequantizeLinear",
        net.op("QuantizeLinear", x, net.const(0.05), net.const(0, np.int8)),
        net.const(0.05),
        net.const(0, np.int8),
    ),
    "size taken from the tensor": lambda net, x: net.op(
        "Reshape",
        net.op("Reshape", x, net.ints(0, 0, -1)),
        net.op("Concat", net.op("Slice", net.op("Shape", x), net.ints(0), net.ints(2)), net.ints(6, 6), axis=0),
    ),
    "constants between computed sizes": lambda net, x: net.op(
        "Reshape",
        net.op("Reshape", x, net.ints(0, 8, 36)),
        net.op("Concat", net.op("Gather", net.op("Shape", x), net.ints(0)), net.ints(8), net.ints(6, 6), axis=0),
    ),
    "squeeze and excite": lambda net, x: net.op(
        "Mul", x, net.op("Sigmoid", net.conv(net.op("Relu", net.conv(net.op("GlobalAveragePool", x), 8, 4)), 4, 8))
    ),
    "own branch added": lambda net, x: net.op("Add", x, net.conv(net.op("Relu", x), 8, 8)),
}


@pytest.mark.parametrize("name", SAME_CHANNELS)
def test_operators_that_keep_their_channels_are_followed(name: str) -> None:
    model = _chain(SAME_CHANNELS[name], 8)
    assert_cut_is_exact(model)
    first = model.channels.groups[0]
    assert first.refusal == ""
    assert "last" in first.consumers


OTHER_CHANNELS: dict[str, tuple[int, Callable[[Net, str], str]]] = {
    "grouped": (12, lambda net, x: net.conv(x, 8, 12, 3, group=2)),
    "concat": (16, lambda net, x: net.op("Concat", x, net.op("Relu", x), axis=1)),
    "split and swapped": (8, lambda net, x: net.op("Concat", *net.op("Split", x, outputs=2, axis=1)[::-1], axis=1)),
    "split into stated sizes": (
        8,
        lambda net, x: net.op("Concat", *net.op("Split", x, net.ints(5, 3), outputs=2, axis=1)[::-1], axis=1),
    ),
    "slice": (4, lambda net, x: net.op("Slice", x, net.ints(2), net.ints(-2), net.ints(1))),
    "slice in the middle": (4, lambda net, x: net.op("Slice", x, net.ints(-7), net.ints(5), net.ints(1), net.ints(1))),
    "every other channel": (4, lambda net, x: net.op("Slice", x, net.ints(1), net.ints(99), net.ints(1), net.ints(2))),
    "even and odd channels swapped": (
        8,
        lambda net, x: net.op(
            "Concat",
            net.op("Slice", x, net.ints(1), net.ints(8), net.ints(1), net.ints(2)),
            net.op("Slice", x, net.ints(0), net.ints(8), net.ints(1), net.ints(2)),
            axis=1,
        ),
    ),
    "pad of channels": (
        12,
        lambda net, x: net.op(
            "Relu", net.op("Add", net.op("Pad", x, net.ints(0, 1, 0, 0, 0, 3, 0, 0)), net.conv(x, 8, 12))
        ),
    ),
    "tile": (16, lambda net, x: net.op("Tile", x, net.ints(1, 2, 1, 1))),
    "quantised weights": (6, lambda net, x: net.op("Conv", x, _quantised(net, 6, 8, 1, 1))),
    "transposed weights": (
        6,
        lambda net, x: net.op(
            "Transpose",
            net.op(
                "MatMul", net.op("Transpose", x, perm=[0, 2, 3, 1]), net.op("Transpose", net.random(6, 8), perm=[1, 0])
            ),
            perm=[0, 3, 1, 2],
        ),
    ),
    "multiplier": (16, lambda net, x: net.op("Conv", x, net.random(16, 1, 1, 1), group=8)),
    "transposed convolution": (6, lambda net, x: net.op("ConvTranspose", x, net.random(8, 6, 2, 2), net.random(6))),
    "grouped transposed convolution": (
        6,
        lambda net, x: net.op("ConvTranspose", x, net.random(8, 3, 2, 2), net.random(6), group=2),
    ),
    "depthwise transposed convolution": (
        8,
        lambda net, x: net.op("ConvTranspose", x, net.random(8, 1, 2, 2), net.random(8), group=8),
    ),
    "channel shuffle": (
        8,
        lambda net, x: net.op(
            "Reshape",
            net.op("Transpose", net.op("Reshape", x, net.ints(0, 2, 4, 6, 6)), perm=[0, 2, 1, 3, 4]),
            net.ints(0, 8, 6, 6),
        ),
    ),
    "gathered in another order": (6, lambda net, x: net.op("Gather", x, net.ints(5, 0, -1, 3, 3, 1), axis=1)),
    "depth to space": (2, lambda net, x: net.op("DepthToSpace", x, blocksize=2)),
    "depth to space, channels first": (2, lambda net, x: net.op("DepthToSpace", x, blocksize=2, mode="CRD")),
    "space to depth": (32, lambda net, x: net.op("SpaceToDepth", x, blocksize=2)),
    "heads": (
        8,
        lambda net, x: net.op(
            "Unsqueeze",
            net.op(
                "Transpose",
                net.op("Reshape", net.op("Reshape", _tokens(net, x), net.ints(0, 36, 4, 2)), net.ints(0, 36, 8)),
                perm=[0, 2, 1],
            ),
            net.ints(3),
        ),
    ),
}


def _quantised(net: Net, *shape: int) -> str:
    weight = net.const(net.rng.integers(-127, 128, shape), np.int8)
    scale = net.const(net.rng.uniform(0.001, 0.01, shape[0]))
    return net.op("DequantizeLinear", weight, scale, net.const(np.zeros(shape[0]), np.int8), axis=0)


def _tokens(net: Net, data: str) -> str:
    return net.op("Transpose", net.op("Reshape", data, net.ints(0, 8, -1)), perm=[0, 2, 1])


@pytest.mark.parametrize("name", OTHER_CHANNELS)
def test_operators_that_rearrange_channels_are_followed(name: str) -> None:
    read, middle = OTHER_CHANNELS[name]
    assert_cut_is_exact(_chain(middle, read))


def _a_third_and_the_rest(net: Net, data: str) -> str:
    """8 channels in 2 and 6, told by 8 // 3."""
    third = net.op("Div", net.op("Gather", net.op("Shape", data), net.ints(1)), net.ints(3))
    parts = [
        net.op("Slice", data, start, end, net.ints(1)) for start, end in ((net.ints(0), third), (third, net.ints(99)))
    ]
    return net.op("Concat", *parts, axis=1)


MIXING: dict[str, tuple[str, Callable[[Net, str], str]]] = {
    "LRN": ("which mixes channels", lambda net, x: net.op("LRN", x, size=3)),
    "softmax over channels": ("which mixes channels", lambda net, x: net.op("Softmax", x, axis=1)),
    "normalised over what is never zero": (
        "is not zero where its weights are, and is summed over in LpNormalization",
        lambda net, x: net.op("LpNormalization", net.op("Sigmoid", x), axis=1),
    ),
    "sum over what is never zero": (
        "is not zero where its weights are, and is summed over in ReduceSum",
        lambda net, x: net.op("Mul", x, net.op("ReduceSum", net.op("Exp", x), net.ints(1), keepdims=1)),
    ),
    "mean over channels": (
        "which mixes channels",
        lambda net, x: net.op("Mul", x, net.op("ReduceMean", x, axes=[1], keepdims=1)),
    ),
    "layer norm": (
        "which mixes channels",
        lambda net, x: net.op("LayerNormalization", x, net.random(8, 6, 6), axis=1),
    ),
    "channel maximum": (
        "which mixes channels",
        lambda net, x: net.op("Mul", x, net.op("ReduceMax", x, axes=[1], keepdims=1)),
    ),
    "unknown": ("whose channels are not followed", lambda net, x: net.op("CumSum", x, net.const(1, np.int64))),
    "added to what stays": (
        "meets channels that stay",
        lambda net, x: net.op("Add", x, net.input("N", 8, 6, 6)),
    ),
    "every third of eight channels": (
        "takes channels in steps",
        lambda net, x: net.op("Slice", x, net.ints(0), net.ints(8), net.ints(1), net.ints(3)),
    ),
    "some channels backwards": (
        "takes channels in steps",
        lambda net, x: net.op("Slice", x, net.ints(-1), net.ints(-9), net.ints(1), net.ints(-1)),
    ),
    "a third of them": ("has a size that is computed for Slice /Slice_", lambda net, x: _a_third_and_the_rest(net, x)),
    "convolved with what is computed": (
        "is not zero where its weights are, and is summed over in Conv",
        lambda net, x: net.op(
            "Conv",
            net.op("Exp", x),
            net.op("Reshape", net.op("Exp", net.op("GlobalMaxPool", x)), net.ints(1, 8, 1, 1)),
        ),
    ),
    "gathered": (
        "is looked up by position in Gather",
        lambda net, x: net.op("Gather", x, net.input(8, dtype=onnx.TensorProto.INT64), axis=1),
    ),
    "number of channels used": (
        "has a size that is used",
        lambda net, x: net.op(
            "Mul",
            x,
            net.op("Cast", net.op("Gather", net.op("Shape", x), net.const(1, np.int64)), to=onnx.TensorProto.FLOAT),
        ),
    ),
    "reflected": (
        "repeats or crops channels",
        lambda net, x: net.op(
            "Slice",
            net.op("Pad", x, net.ints(0, 1, 0, 0, 0, 0, 0, 0), mode="reflect"),
            net.ints(0),
            net.ints(8),
            net.ints(1),
        ),
    ),
}


@pytest.mark.parametrize("name", MIXING)
def test_what_depends_on_all_channels_refuses_with_the_reason(name: str) -> None:
    reason, middle = MIXING[name]
    group = _chain(middle, 8).channels.groups[0]
    assert group.producers == ("first",)
    assert reason in group.refusal


def _recurrent(op_type: str, gates: int, ways: int = 1) -> Model:
    """Made channels, a recurrent layer of 5 units, and a matrix that reads the units of all steps."""
    net = Net()
    made = net.op("MatMul", net.input(6, "N", 3), net.random(3, 4), name="first")
    weights = [net.random(ways, 5 * gates, 4), net.random(ways, 5 * gates, 5), net.random(ways, 10 * gates)]
    direction = "bidirectional" if ways == 2 else "forward"
    steps = net.op(op_type, made, *weights, hidden_size=5, direction=direction, name="recurrent")
    merged = net.op("Reshape", net.op("Transpose", steps, perm=[0, 2, 1, 3]), net.ints(0, 0, 5 * ways))
    return net.model(net.op("MatMul", merged, net.random(5 * ways, 2), name="last"))


@pytest.mark.parametrize(("op_type", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("ways", [1, 2])
def test_units_of_recurrent_layers_go_with_their_rows_in_every_gate(op_type: str, gates: int, ways: int) -> None:
    model = _recurrent(op_type, gates, ways)
    assert _groups(model)[:2] == [(4, ("first",), ("recurrent",), ""), (5, ("recurrent",), ("last",), "")]
    assert model.channels.axes("recurrent") == (Axis(5 * gates, (Span(1, 5, gates),)), Axis(4, (Span(0, 4),)))
    cut = assert_cut_is_exact(model, groups=2)
    node = cut.node("recurrent")
    hidden = node.attributes.get_int("hidden_size")
    shapes = [value.const_value.shape.numpy() for value in node.inputs[1:4]]
    read = shapes[0][2]
    assert hidden < 5 or read < 4
    assert shapes == [(ways, gates * hidden, read), (ways, gates * hidden, hidden), (ways, 2 * gates * hidden)]


def test_states_that_the_caller_gives_keep_the_units() -> None:
    net = Net()
    weights = [net.random(1, 20, 3), net.random(1, 20, 5), net.random(1, 40)]
    states = [net.input(1, "N", 5), net.input(1, "N", 5)]
    steps = net.op("LSTM", net.input(6, "N", 3), *weights, "", *states, hidden_size=5, name="recurrent")
    model = net.model(net.op("MatMul", steps, net.random(5, 2)))
    assert "stay in LSTM recurrent" in model.channels.groups[0].refusal


def test_a_channel_that_is_taken_out_stays_and_the_others_can_go() -> None:
    net = Net()
    made = net.conv(net.input("N", 3, 6, 6), 3, 8, name="first")
    one = net.op("Unsqueeze", net.op("Gather", made, net.const(3, np.int64), axis=1, name="pick"), net.ints(1))
    model = net.model(net.op("Mul", net.conv(made, 8, 1), one))
    assert [group[0] for group in _groups(model)[:2]] == [7, 1]
    assert model.channels.groups[1].refusal == "its output is the one that Gather pick takes"
    assert_cut_is_exact(model)


def test_groups_that_are_normalised_together_go_together() -> None:
    net = Net(21)
    made = net.conv(net.input("N", 3, 6, 6), 3, 12, name="first")
    normed = net.op("GroupNormalization", made, net.random(12), net.random(12), num_groups=3, name="norm")
    model = net.model(net.conv(normed, 12, 2, name="last"))
    assert model.channels.groups[0].channels == 3
    assert model.channels.axes("first")[0] == Axis(12, (Span(0, 3, 4),))
    assert assert_cut_is_exact(model, seed=1).node("norm").attributes.get_int("num_groups") < 3


@pytest.mark.parametrize("heads", [2, 4])
def test_heads_of_one_projection_are_found_whatever_their_number(heads: int) -> None:
    net = Net()
    made = net.op("MatMul", net.input("N", 5, 6), net.random(6, 24), name="qkv")
    grid = net.op("Reshape", made, net.ints(0, 0, 3, heads, 8 // heads))
    query, key, value = (
        net.op("Gather", net.op("Transpose", grid, perm=[2, 0, 3, 1, 4]), net.const(i, np.int64), axis=0)
        for i in range(3)
    )
    scores = net.op("MatMul", query, net.op("Transpose", key, perm=[0, 1, 3, 2]))
    mixed = net.op("Transpose", net.op("MatMul", net.op("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
    model = net.model(net.op("MatMul", net.op("Reshape", mixed, net.ints(0, 0, 8)), net.random(8, 3), name="out"))
    assert _groups(model)[0] == (heads, ("qkv",), ("out",), "")
    assert_cut_is_exact(model)


@pytest.mark.parametrize("op_type", ["Attention", "MultiHeadAttention"])
def test_fused_attention_can_lose_heads(op_type: str) -> None:
    net = Net()
    data = net.input("N", 5, 6)
    if op_type == "Attention":
        inputs = [data, net.random(6, 24), net.random(24)]
    else:
        inputs = [net.op("MatMul", data, net.random(6, 8), name=name) for name in ("q", "k", "v")]
    made = net.op(op_type, *inputs, num_heads=4, domain="com.microsoft", name="attention")
    model = net.model(net.op("MatMul", made, net.random(8, 3), name="out"))
    assert (model.channels.groups[0].channels, model.channels.groups[0].refusal) == (4, "")
    cut = assert_cut_is_exact(model, seed=1)
    assert cut.node("attention").attributes.get_int("num_heads") < 4


def test_old_operators_say_where_they_broadcast() -> None:
    net = Net(6)
    made = net.conv(net.input("N", 3, 8, 8), 3, 8, name="first")
    shift = net.random(8)
    model = net.model(net.conv(net.op("Add", made, shift, broadcast=1, axis=1), 8, 2, name="last"))
    assert shift in {member.constant for member in model.channels.members(0)}
    assert model.channels.groups[0].refusal == ""


def test_a_weight_shared_by_two_nodes_joins_their_channels() -> None:
    net = Net()
    weight = net.random(8, 3, 1, 1)
    left = net.op("Conv", net.input("N", 3, 6, 6), weight, name="left")
    right = net.op("Conv", net.input("N", 3, 6, 6), weight, name="right")
    model = net.model(net.conv(net.op("Relu", left), 8, 2, name="a"), net.conv(right, 8, 2, name="b"))
    assert _groups(model)[0] == (8, ("left", "right"), ("a", "b"), "")
    assert_cut_is_exact(model)


def test_parts_of_a_split_are_groups_of_their_own() -> None:
    net = Net()
    left, right = net.op("Split", net.conv(net.input("N", 3, 4, 4), 3, 8, name="first"), outputs=2, axis=1)
    model = net.model(net.conv(left, 4, 2, name="left"), net.conv(right, 4, 2, name="right"))
    assert _groups(model)[:2] == [(4, ("first",), ("left",), ""), (4, ("first",), ("right",), "")]
    assert model.channels.axes("first")[0] == Axis(8, (Span(0, 4), Span(1, 4)))


def test_flatten_repeats_every_channel() -> None:
    net = Net()
    flat = net.op("Flatten", net.conv(net.input("N", 3, 4, 4), 3, 8))
    model = net.model(net.gemm(flat, 128, 5, name="last"))
    assert model.channels.axes("last")[1] == Axis(128, (Span(0, 8, 16),))
    assert_cut_is_exact(model)


def test_residual_additions_make_one_group() -> None:
    net = Net()
    stream = net.conv(net.input("N", 3, 4, 4), 3, 8, name="stem")
    for block in range(2):
        inner = net.op("Relu", net.conv(stream, 8, 6, name=f"in{block}"))
        stream = net.op("Add", stream, net.conv(inner, 6, 8, name=f"out{block}"))
    model = net.model(net.gemm(net.op("Flatten", net.op("GlobalAveragePool", stream)), 8, 3, name="head"))
    assert _groups(model)[0] == (8, ("stem", "out0", "out1"), ("in0", "in1", "head"), "")
    assert_cut_is_exact(model, groups=3)


def test_matrices_on_either_side_and_their_bias() -> None:
    net = Net()
    tokens = net.op("Add", net.op("MatMul", net.input("N", 4, 6), net.random(6, 8), name="first"), net.random(8))
    columns = net.op("Transpose", tokens, perm=[0, 2, 1])
    model = net.model(net.op("MatMul", net.random(5, 8), columns, name="last"))
    assert _groups(model)[0] == (8, ("first",), ("last",), "")
    assert_cut_is_exact(model)


def test_attention_can_lose_heads() -> None:
    net = Net()
    data = net.input("N", 5, 6)
    query, key, value = (
        net.op(
            "Transpose",
            net.op("Reshape", net.op("MatMul", data, net.random(6, 8), name=name), net.ints(0, 0, 4, 2)),
            perm=order,
        )
        for name, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3]))
    )
    mixed = net.op("MatMul", net.op("Softmax", net.op("MatMul", query, key), axis=-1), value)
    merged = net.op("Reshape", net.op("Transpose", mixed, perm=[0, 2, 1, 3]), net.ints(0, 0, 8))
    model = net.model(net.op("MatMul", merged, net.random(8, 3), name="out"))
    assert _groups(model)[0] == (4, ("q", "k", "v"), ("out",), "")
    assert model.channels.axes("q")[0] == Axis(8, (Span(0, 4, 2),))
    assert_cut_is_exact(model)


def test_a_constant_of_sizes_serves_nodes_of_different_groups() -> None:
    net = Net()
    half = net.ints(4)
    zero, axis = net.ints(0), net.ints(1)
    parts = []
    for name in ("left", "right"):
        made = net.conv(net.input("N", 3, 4, 4), 3, 8, name=name)
        parts.append(net.conv(net.op("Slice", made, zero, half, axis), 4, 2))
    assert_cut_is_exact(net.model(*parts), groups=4)


def test_pads_that_the_graph_computes_from_constants_follow_a_cut() -> None:
    net = Net()
    data = net.conv(net.input("N", 3, 4, 4), 3, 4, name="narrow")
    pads = net.op("Concat", net.op("Cast", net.const([0, 2, 0, 0]), to=7), net.ints(0, 2, 0, 0), axis=0)
    wide = net.op("Add", net.op("Pad", data, pads), net.conv(data, 4, 8, name="wide"))
    model = net.model(net.conv(wide, 8, 3))
    assert [group.channels for group in model.channels.groups[:2]] == [4, 4]
    assert_cut_is_exact(model, groups=2)


def test_what_a_body_reads_is_not_cut() -> None:
    net = Net()
    data = net.conv(net.input("N", 3, 4, 4), 3, 8, name="first")
    branches = []
    for op_type in ("Relu", "Sigmoid"):
        result = helper.make_tensor_value_info("result" + op_type, onnx.TensorProto.FLOAT, None)
        node = helper.make_node(op_type, [data], ["result" + op_type])
        branches.append(helper.make_graph([node], op_type, [], [result]))
    condition = net.input(dtype=onnx.TensorProto.BOOL)
    chosen = net.op("If", condition, then_branch=branches[0], else_branch=branches[1], name="choice")
    model = net.model(net.conv(chosen, 8, 2), net.conv(data, 8, 2))
    assert model.channels.groups[0].refusal == "its output is read by the body of If choice"


def test_an_initializer_that_is_also_an_input_is_not_cut() -> None:
    net = Net()
    result = net.conv(net.conv(net.input("N", 3, 4, 4), 3, 8), 8, 2)
    net.inputs.append(helper.make_tensor_value_info(net.constants[0].name, onnx.TensorProto.FLOAT, (8, 3, 1, 1)))
    model = net.model(result)
    assert all(group.refusal for group in model.channels.groups)


def test_members_tell_which_channel_lies_where() -> None:
    net = Net()
    flat = net.op("Flatten", net.conv(net.input("N", 3, 2, 1), 3, 2))
    model = net.model(net.op("Gemm", flat, net.random(4, 3)))
    members = {(member.constant, member.axis): member.units.tolist() for member in model.channels.members(0)}
    assert members == {("const2", 0): [0, 1], ("const3", 0): [0, 1], (model.graph[-1].inputs[1].name, 0): [0, 0, 1, 1]}


@pytest.mark.parametrize(
    ("op_type", "attributes"),
    [
        ("Split", {"axis": 9}),
        ("Concat", {"axis": -7}),
        ("Transpose", {"perm": [0, 0, 1, 2]}),
        ("Conv", {}),
        ("Reshape", {}),
        ("Slice", {}),
        ("Gemm", {}),
        ("DepthToSpace", {"blocksize": 3}),
        ("ReduceMean", {"axes": [7]}),
        ("Pad", {"pads": [1]}),
    ],
)
def test_nodes_that_break_their_specification_refuse(op_type: str, attributes: dict[str, object]) -> None:
    model = _chain(lambda net, x: net.op(op_type, x, **attributes), 8)
    assert model.channels.groups[0].refusal


def test_nodes_out_of_order_refuse() -> None:
    net = Net()
    result = net.conv(net.op("Relu", net.conv(net.input("N", 3, 4, 4), 3, 8, name="first")), 8, 2)
    model = net.model(result)
    first = model.graph[0]
    model.graph.remove(first)
    model.graph.append(first)
    fresh = Model(model.ir)
    assert next(group for group in fresh.channels.groups if "first" in group.producers).refusal


def test_twenty_thousand_nodes_take_seconds_not_minutes() -> None:
    net = Net()
    data = net.conv(net.input("N", 3, 4, 4), 3, 8)
    for _ in range(5_000):
        data = net.op("Relu", net.op("Add", data, net.op("Sigmoid", data)))
    model = net.model(net.conv(data, 8, 2))
    shapes = {value.name: (1, 8, 4, 4) for node in model.graph for value in node.outputs}
    model.__dict__["shapes"] = {**shapes, model.graph.inputs[0].name: (1, 3, 4, 4)}
    assert model.channels.groups[0].refusal == ""


@pytest.mark.corpus
def test_residual_groups_of_a_real_net(shared_data: "object") -> None:
    model = Model(ir.load(shared_data / "models" / "resnet20_cifar10.onnx"))
    by_producer = {name: group for group in model.channels.groups for name in group.producers}
    stem = by_producer["/conv1/Conv"]
    assert stem.channels == 16
    assert stem is by_producer["/layer1/layer1.2/conv2/Conv"]
    assert all(not group.refusal for group in model.channels.groups[:-1])


def test_a_convolution_in_no_groups_is_refused_in_words() -> None:
    net = Net()
    result = net.op("Conv", net.input("N", 4, 6, 6), net.random(8, 2, 1, 1), group=0)
    (group,) = net.model(result).channels.groups
    assert group.refusal
