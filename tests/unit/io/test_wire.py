import contextlib

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io import wire
from desktop_app.io.wire import SELF, check_nesting, skeleton
from tests.unit.io.small_models import WEIGHT, conv_model, model_of


def skeleton_of(model: onnx.ModelProto) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(skeleton(memoryview(model.SerializeToString()), "m.onnx"))


def reference(tensor: onnx.TensorProto) -> tuple[str, int, int]:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    return entries["location"], int(entries["offset"]), int(entries["length"])


def nested(depth: int) -> onnx.ModelProto:
    """Ifs inside Ifs."""
    condition = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [], [])
    for _ in range(depth):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=graph)], "g", [], [])
    graph.input.append(condition)
    return helper.make_model(graph)


def test_large_values_become_places_in_the_file() -> None:
    model = conv_model()
    content = model.SerializeToString()
    small = skeleton_of(model)
    location, offset, length = reference(small.graph.initializer[0])
    assert (location, length) == (SELF, WEIGHT.nbytes)
    assert content[offset : offset + length] == WEIGHT.tobytes()
    assert small.ByteSize() < 1000


def test_everything_else_stays_as_it_is() -> None:
    model = conv_model()
    small = skeleton_of(model)
    small.graph.initializer[0].ClearField("external_data")
    small.graph.initializer[0].ClearField("data_location")
    small.graph.initializer[0].raw_data = WEIGHT.tobytes()
    assert small == model


def test_values_said_to_be_inside_become_places_too() -> None:
    model = conv_model()
    weight = model.graph.initializer[0]
    weight.data_location = TensorProto.DEFAULT
    assert weight.HasField("data_location")
    small = skeleton_of(model).graph.initializer[0]
    assert small.data_location == TensorProto.EXTERNAL
    assert reference(small)[2] == WEIGHT.nbytes


@pytest.mark.parametrize(("kind", "field"), [(TensorProto.FLOAT, "float_data"), (TensorProto.DOUBLE, "double_data")])
def test_packed_floats_are_raw_data(kind: int, field: str) -> None:
    values = np.linspace(-1, 1, 600)
    weight = helper.make_tensor("w", kind, [600], values.tolist())
    assert len(getattr(weight, field)) == 600
    model = model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=(weight,))
    content = model.SerializeToString()
    _, offset, length = reference(skeleton_of(model).graph.initializer[0])
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    assert np.array_equal(np.frombuffer(content[offset : offset + length], dtype), values.astype(dtype))


def test_other_packed_values_stay() -> None:
    weight = helper.make_tensor("w", TensorProto.INT64, [900], list(range(900)))
    model = model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=(weight,))
    assert skeleton_of(model) == model


def test_values_inside_graphs_and_constants_are_found_too() -> None:
    value = helper.make_tensor("v", TensorProto.FLOAT, [500], np.ones(500, np.float32).tobytes(), raw=True)
    inner = helper.make_graph([helper.make_node("Constant", [], ["z"], value=value)], "inner", [], [], [value])
    small = skeleton_of(model_of(helper.make_node("If", ["x"], ["y"], then_branch=inner)))
    found = small.graph.node[0].attribute[0].g
    assert reference(found.initializer[0])[2] == reference(found.node[0].attribute[0].t)[2] == 2000


def test_sparse_values_are_found_too() -> None:
    values = helper.make_tensor("s", TensorProto.FLOAT, [500], np.ones(500, np.float32).tobytes(), raw=True)
    indices = helper.make_tensor("i", TensorProto.INT64, [500], np.arange(500).tobytes(), raw=True)
    model = model_of(helper.make_node("Identity", ["x"], ["y"]))
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [1000]))
    sparse = skeleton_of(model).graph.sparse_initializer[0]
    assert (reference(sparse.values)[2], reference(sparse.indices)[2]) == (2000, 4000)


def test_stored_twice_is_left_for_the_walk_to_refuse() -> None:
    model = conv_model()
    model.graph.initializer[0].float_data.extend([1.0] * 400)
    assert skeleton_of(model) == model


@pytest.mark.parametrize("depth", [33, 200, 3000])
def test_deep_nesting_is_refused_by_name(depth: int) -> None:
    view = memoryview(nested(depth).SerializeToString() if depth < 50 else deep_bytes(depth))
    with pytest.raises(InvalidFileError, match="nests graphs more than 32 deep"):
        check_nesting(view, "m.onnx")


def deep_bytes(depth: int) -> bytes:
    """As `nested`, without protobuf, which refuses to write so deep a message."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2]) + wire._varint(len(content)) + content

    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))
    return field(7, graph)


def test_moderate_nesting_passes() -> None:
    check_nesting(memoryview(nested(20).SerializeToString()), "m.onnx")


def test_many_nodes_are_refused_without_building_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_NODES", 2000)
    nodes = b"\x0a\x00" * 2001
    model = b"\x3a" + wire._varint(len(nodes)) + nodes
    with pytest.raises(InvalidFileError, match="more than 2,000 nodes"):
        skeleton(memoryview(model), "m.onnx")


@pytest.mark.parametrize(
    "content",
    [b"\x3a\xff\xff\xff\xff\x0f", b"\x3a", b"\xff" * 20, b"\x0b\x0c", b"\x09\x00", b"\x0d\x00", b"\x08", b"\x0f\x01"],
)
def test_what_points_outside_is_damage(content: bytes) -> None:
    with pytest.raises(InvalidFileError, match=r"^m\.onnx is damaged, was cut off"):
        skeleton(memoryview(content), "m.onnx")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_skeleton_or_a_sentence(content: bytes) -> None:
    with contextlib.suppress(InvalidFileError):
        assert skeleton(memoryview(content), "m.onnx") == content


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_read_as_they_are_written(number: int) -> None:
    written = wire._varint(number)
    assert wire._Scanner(memoryview(written), 0, "m.onnx")._varint(0, len(written)) == (number, len(written))
