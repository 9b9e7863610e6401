from collections.abc import Callable

import numpy as np
import onnx_ir as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.graph.constants import array_of
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from tests.unit.graph.channel_nets import (
    Net,
    assert_cut_is_exact,
    assert_same,
    outputs,
    random_feeds,
    random_keep,
    without_making,
    without_reading,
)


def _two_convolutions(opset: int = 17) -> Model:
    net = Net(opset)
    return net.model(net.conv(net.op("Relu", net.conv(net.input("N", 3, 4, 4), 3, 8, name="a")), 8, 2, name="b"))


@pytest.mark.parametrize("indices", [False, True])
def test_a_cut_keeps_the_named_channels(indices: bool) -> None:
    model = _two_convolutions()
    kept = [0, 3, 4]
    cut = cut_channels(model, {0: np.array(kept) if indices else np.isin(np.arange(8), kept)})
    before, after = (array_of(one.node("a").inputs[1]) for one in (model, cut))
    np.testing.assert_array_equal(after, before[kept])
    assert array_of(cut.node("a").inputs[2]).shape == (3,)
    assert array_of(cut.node("b").inputs[1]).shape == (2, 3, 1, 1)


def test_the_model_stays_as_it_is_and_what_is_not_cut_is_shared() -> None:
    model = _two_convolutions()
    before = model.to_bytes()
    cut = cut_channels(model, {0: np.array([1])})
    assert model.to_bytes() == before
    assert cut.node("b").inputs[2].const_value is model.node("b").inputs[2].const_value
    assert [node.name for node in cut.graph] == [node.name for node in model.graph]


def test_equal_cuts_give_equal_bytes() -> None:
    model = _two_convolutions()
    keep = {0: np.array([1, 5])}
    assert cut_channels(model, keep).to_bytes() == cut_channels(model, keep).to_bytes()


@pytest.mark.parametrize(
    ("keep", "reason"),
    [({0: np.zeros(8, dtype=bool)}, "nothing would stay"), ({1: np.array([0])}, "feeds the model's output")],
)
def test_a_cut_that_cannot_be_is_an_error(keep: dict[int, np.ndarray], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cut_channels(_two_convolutions(), keep)


def test_shapes_that_the_file_states_shrink() -> None:
    model = _two_convolutions()
    value = model.node("a").outputs[0]
    value.shape, value.type = ir.Shape(["N", 8, 4, 4]), ir.TensorType(ir.DataType.FLOAT)
    cut = cut_channels(Model(model.ir), {0: np.array([0, 1])})
    assert [str(dim) for dim in cut.node("a").outputs[0].shape] == ["N", "2", "4", "4"]


def test_sizes_that_hold_for_one_sample_only_are_not_stated() -> None:
    """Heads laid beside samples: two of four that stay are "2 * N", not 2."""
    model = _two_convolutions()
    value = model.node("a").outputs[0]
    value.shape, value.type = ir.Shape(["N", "8 * N", 4, 4]), ir.TensorType(ir.DataType.FLOAT)
    cut = cut_channels(Model(model.ir), {0: np.array([0, 1])})
    assert cut.node("a").outputs[0].shape[1] == ir.SymbolicDim(None)


def _heads_of_stated_width(net: Net) -> Model:
    """Heads whose sizes are all those of the block's input, which its normalisation keeps as it is."""
    data = net.op("LayerNormalization", net.input("N", 5, 8), net.random(8), net.random(8))
    sizes = [
        net.op("Unsqueeze", net.op("Gather", net.op("Shape", data), net.const(axis, np.int64)), net.ints(0))
        for axis in (0, 1, 2)
    ]
    made = net.op("MatMul", data, net.random(8, 8), name="v")
    each = net.op("Div", sizes[2], net.ints(4))
    heads = net.op("Reshape", made, net.op("Concat", *sizes[:2], net.ints(4), each, axis=0), name="split")
    merged = net.op("Reshape", net.op("Relu", heads), net.op("Concat", *sizes, axis=0), name="merge")
    return net.model(net.op("MatMul", merged, net.random(8, 3), name="out"))


def test_a_target_that_the_graph_would_compute_from_what_stays_is_left_to_reshape() -> None:
    model = _heads_of_stated_width(Net())
    (group,) = (group for group in model.channels.groups if group.producers == ("v",))
    assert (group.channels, group.refusal) == (4, "")
    keep = {group.id: np.array([True, False, True, False])}
    cut = cut_channels(model, keep)
    target = cut.node("merge").inputs[1].producer()
    assert array_of(target.inputs[2]).tolist() == [-1]
    feeds = random_feeds(model, np.random.default_rng(0), samples=3)
    assert_same(outputs(without_reading(model, keep), feeds), outputs(cut, feeds))


@pytest.mark.parametrize("opset", [9, 11, 13, 18])
def test_every_form_of_slice_pad_and_split_is_cut(opset: int) -> None:
    net = Net(opset)
    data = net.conv(net.input("N", 3, 4, 4), 3, 8)
    if opset < 10:
        part = net.op("Slice", data, starts=[-5], ends=[7], axes=[1])
        wide = net.op("Pad", part, pads=[0, 1, 0, 0, 0, 3, 0, 0])
    else:
        part = net.op("Slice", data, net.ints(-5), net.ints(7), net.ints(1))
        wide = net.op("Pad", part, net.ints(0, 1, 0, 0, 0, 3, 0, 0))
    more = {"num_outputs": 3} if opset >= 18 else {}
    pieces = net.op("Split", wide, outputs=3, axis=1, **more) if opset >= 18 else _split(net, wide, opset)
    sizes = (3, 3, 2) if opset >= 18 else (2, 5, 1)
    results = [net.conv(piece, size, 2) for piece, size in zip(pieces, sizes, strict=True)]
    assert_cut_is_exact(net.model(*results), seed=3)


def _split(net: Net, data: str, opset: int) -> list[str]:
    if opset < 13:
        return net.op("Split", data, outputs=3, axis=1, split=[2, 5, 1])
    return net.op("Split", data, net.ints(2, 5, 1), outputs=3, axis=1)


@pytest.mark.parametrize("opset", [7, 12, 13])
def test_equal_parts_of_a_split_need_not_stay_equal(opset: int) -> None:
    net = Net(opset)
    parts = net.op("Split", net.conv(net.input("N", 3, 4, 4), 3, 8), outputs=2, axis=1)
    model = net.model(*(net.conv(part, 4, 2) for part in parts))
    keep = {0: np.arange(4) < 3, 1: np.arange(4) > 2}
    feeds = random_feeds(model, np.random.default_rng(0))
    assert_same(outputs(without_reading(model, keep), feeds), outputs(cut_channels(model, keep), feeds))


class Graphs:
    """Grows a random net: every method adds one operator to a tensor of so many channels, 8 x 8 positions."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.net = Net(seed=draw(st.integers(0, 99)))
        self.tensors = [self._made(self.net.input("N", 3, 8, 8), 3)]

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def any(self) -> tuple[str, int]:
        return self.draw(st.sampled_from(self.tensors))

    def _made(self, data: str, read: int) -> tuple[str, int]:
        made = self.number(2, 8) * 2
        return self.net.conv(data, read, made, self.draw(st.sampled_from([1, 3]))), made

    def grow(self) -> None:
        convolutions = [self._made, self.depthwise, self.grouped]
        same_width = [self.relu, self.square, self.norm, self.add, self.gate, self.shuffle]
        rule: Callable[[str, int], tuple[str, int]] = self.draw(
            st.sampled_from([*convolutions, *same_width, self.concat, self.halves, self.slice, self.pad])
        )
        self.tensors.append(rule(*self.any()))

    def relu(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Relu", data), size

    def square(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Mul", data, self.net.op("Tanh", data)), size

    def norm(self, data: str, size: int) -> tuple[str, int]:
        constants = [self.net.const(self.net.rng.uniform(0.5, 1.5, size)) for _ in range(4)]
        return self.net.op("BatchNormalization", data, *constants), size

    def add(self, data: str, size: int) -> tuple[str, int]:
        same = [name for name, other in self.tensors if other == size]
        other = self.draw(st.sampled_from([*same, self.net.conv(data, size, size)]))
        return self.net.op("Add", data, other), size

    def gate(self, data: str, size: int) -> tuple[str, int]:
        pooled = self.net.conv(self.net.op("GlobalAveragePool", data), size, size)
        return self.net.op("Mul", self.net.op("Relu", pooled), data), size

    def concat(self, data: str, size: int) -> tuple[str, int]:
        other, more = self.any()
        return self.net.op("Concat", data, other, axis=1), size + more

    def depthwise(self, data: str, size: int) -> tuple[str, int]:
        multiplier = self.number(1, 2)
        return self.net.conv(data, size, size * multiplier, 3, group=size), size * multiplier

    def grouped(self, data: str, size: int) -> tuple[str, int]:
        return self.net.conv(data, size, 6, group=2), 6

    def pad(self, data: str, size: int) -> tuple[str, int]:
        before, after = self.number(0, 2), self.number(0, 2)
        after += (size + before + after) % 2
        wide = size + before + after
        padded = self.net.op("Pad", data, self.net.ints(0, before, 0, 0, 0, after, 0, 0))
        return self.net.op("Add", padded, self.net.conv(data, size, wide)), wide

    def halves(self, data: str, size: int) -> tuple[str, int]:
        left, right = self.net.op("Split", data, outputs=2, axis=1)
        return self.net.op("Concat", right, self.net.op("Relu", left), axis=1), size

    def slice(self, data: str, size: int) -> tuple[str, int]:
        start = self.number(0, size - 2)
        size = (size - start) // 2 * 2
        return self.net.op("Slice", data, self.net.ints(start), self.net.ints(start + size), self.net.ints(1)), size

    def shuffle(self, data: str, size: int) -> tuple[str, int]:
        grid = self.net.op("Reshape", data, self.net.ints(0, 2, size // 2, 8, 8))
        return self.net.op(
            "Reshape", self.net.op("Transpose", grid, perm=[0, 2, 1, 3, 4]), self.net.ints(0, -1, 8, 8)
        ), size

    def finish(self) -> Model:
        data, size = self.tensors[-1]
        if self.draw(st.booleans()):
            return self.net.model(self.net.gemm(self.net.op("Flatten", data), size * 64, 3))
        pooled = self.net.op("Reshape", self.net.op("GlobalMaxPool", data), self.net.ints(-1, size))
        return self.net.model(self.net.op("MatMul", pooled, self.net.random(size, 3)))


@st.composite
def nets(draw: st.DrawFn) -> Model:
    graphs = Graphs(draw)
    for _ in range(draw(st.integers(1, 9))):
        graphs.grow()
    return graphs.finish()


@given(model=nets(), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_cut_is_what_the_readers_would_see_vanish(model: Model, seed: int) -> None:
    rng = np.random.default_rng(seed)
    keep = random_keep(model, rng)
    feeds = random_feeds(model, rng)
    cut = outputs(cut_channels(model, keep), feeds)
    assert_same(outputs(without_reading(model, keep), feeds), cut)
    assert_same(outputs(without_making(model, keep), feeds), cut)


@given(model=nets(), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_axes_tell_the_sizes_that_a_cut_leaves(model: Model, seed: int) -> None:
    channels = model.channels
    keep = random_keep(model, np.random.default_rng(seed))
    cut = cut_channels(model, keep)
    kept = {group: int(mask.sum()) for group, mask in keep.items()}
    sizes = {group.id: group.channels for group in channels.groups}
    for name, weight in channels.weights.items():
        output, inputs = channels.axes(name)
        shape = array_of(cut.node(name).inputs[1]).shape
        assert shape[weight.output] == output.kept(kept, sizes)
        assert shape[weight.input] == inputs.kept(kept, sizes)
