from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.onnx_reader import read_model, read_untrusted
from tests.unit.io.small_models import WEIGHT, conv_model, external, model_of

SaveModel = Callable[..., Path]
VALID = conv_model().SerializeToString()


def test_weights_stay_in_the_file(conv_file: Path) -> None:
    weight = read_model(conv_file).constant("w")
    assert np.array_equal(weight, WEIGHT)
    assert not weight.flags.writeable
    assert not weight.flags.owndata


def test_external_weights_share_one_map(save: SaveModel, tmp_path: Path) -> None:
    values = np.arange(4, dtype="<f4")
    (tmp_path / "w.bin").write_bytes(b"pad!" + values.tobytes())
    tensors = (external("v", [2], location="w.bin", offset=4), external("w", [2], location="w.bin", offset=12))
    model = read_model(save(model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=tensors)))
    first, second = model.constant("v"), model.constant("w")
    assert (first.tolist(), second.tolist()) == ([0, 1], [2, 3])
    assert second.ctypes.data - first.ctypes.data == 8


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (TensorProto.INT4, b"\x21\x0f", [1, 2, -1]),
        (TensorProto.UINT4, b"\x21\x0f", [1, 2, 15]),
        (TensorProto.BFLOAT16, b"\x80\x3f\x00\x40\x00\x00", [1, 2, 0]),
        (TensorProto.FLOAT16, b"\x00\x3c\x00\x40\x00\x00", [1, 2, 0]),
        (TensorProto.BOOL, b"\x01\x00\x01", [True, False, True]),
    ],
)
def test_types_of_every_width_in_another_file(
    save: SaveModel, tmp_path: Path, kind: int, data: bytes, expected: list[object]
) -> None:
    (tmp_path / "w.bin").write_bytes(data)
    tensor = external("w", [3], location="w.bin")
    tensor.data_type = kind
    model = read_model(save(model_of(helper.make_node("Identity", ["x"], ["y"]), initializers=(tensor,))))
    stored = model.graph.initializers["w"].const_value
    assert stored is not None
    assert stored.dtype == ir.DataType(kind)
    assert stored.numpy().tolist() == expected
    assert stored.tobytes() == data


def test_tensors_of_nodes_branches_and_functions_are_mapped(save: SaveModel, tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(np.array([3, 4], "<f4").tobytes())
    tensor = external("w", [2], location="w.bin")
    constant = helper.make_node("Constant", [], ["b"], name="c", value=tensor)
    function = helper.make_function("local", "F", ["a"], ["b"], [constant], [helper.make_opsetid("", 17)])
    inner = helper.make_graph([constant], "inner", [], [helper.make_tensor_value_info("b", TensorProto.FLOAT, [2])])
    listed = helper.make_node("Custom", ["x"], ["z"], name="l", domain="local")
    listed.attribute.append(onnx.AttributeProto(name="all", type=onnx.AttributeProto.TENSORS, tensors=[tensor]))
    branch = helper.make_node("If", ["x"], ["y"], name="if", then_branch=inner, else_branch=inner)
    call = helper.make_node("F", ["x"], ["u"], name="f", domain="local")
    model = read_model(save(model_of(listed, branch, call, functions=[function])))
    (in_function,) = next(iter(model.ir.functions.values()))
    in_branch = next(iter(model.node("if").attributes["then_branch"].value))
    found = [in_function.attributes["value"].value, in_branch.attributes["value"].value]
    found += model.node("l").attributes["all"].value
    assert [tensor.numpy().tolist() for tensor in found] == [[3, 4]] * 3
    assert not any(isinstance(tensor, ir.ExternalTensor) for tensor in found)


def test_nodes_in_a_wrong_order_are_sorted(save: SaveModel) -> None:
    nodes = [helper.make_node("Relu", ["a"], ["y"], name="2"), helper.make_node("Relu", ["x"], ["a"], name="1")]
    assert [node.name for node in read_model(save(model_of(*nodes))).graph] == ["1", "2"]


def test_tree_models_with_dictionaries_open(save: SaveModel) -> None:
    model = model_of(helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]))
    kind = model.graph.output[0].type.sequence_type.elem_type.map_type
    kind.key_type = TensorProto.INT64
    kind.value_type.tensor_type.elem_type = TensorProto.FLOAT
    assert read_model(save(model)).graph.outputs[0].type is None


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match=r"There is no file none\.onnx in "):
        read_model(tmp_path / "none.onnx")


def test_a_file_that_may_not_be_read_is_told(conv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("desktop_app.io.onnx_reader.walk", refuse)
    with pytest.raises(InvalidFileError, match=r"model\.onnx cannot be read: check that you may read it"):
        read_model(conv_file)


def test_what_onnx_ir_does_not_know_is_one_sentence(save: SaveModel) -> None:
    model = model_of(helper.make_node("Identity", ["x"], ["y"]))
    model.graph.input[0].type.tensor_type.elem_type = 77
    with pytest.raises(InvalidFileError) as raised:
        read_model(save(model))
    assert str(raised.value).startswith("model.onnx is no valid ONNX model: 77 is not a valid DataType")
    assert "\n" not in str(raised.value)


def test_the_copy_is_used_and_not_the_source(conv_file: Path, tmp_path: Path) -> None:
    model, snapshot = read_untrusted(conv_file, tmp_path / "private")
    conv_file.write_bytes(b"something else")
    assert np.array_equal(model.constant("w"), WEIGHT)
    assert np.array_equal(read_model(snapshot.path).constant("w"), WEIGHT)


@st.composite
def damage(draw: st.DrawFn) -> bytes:
    """The valid model with bytes changed, taken away, put in, or cut off."""
    content = bytearray(VALID)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(content) - 1, 0)) | st.integers(0, min(300, len(content))))
        kind = draw(st.sampled_from(["change", "change", "remove", "insert", "cut"]))
        if kind == "change":
            content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "remove":
            del content[place : place + draw(st.integers(1, 9))]
        elif kind == "insert":
            content[place:place] = draw(st.binary(min_size=1, max_size=9))
        else:
            del content[place:]
    return bytes(content)


@given(damage())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_a_model_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content)
    sentence = "opened"
    try:
        for value in read_model(path).graph.initializers.values():
            assert value.const_value is not None
            value.const_value.numpy()
    except InvalidFileError as error:
        sentence = str(error)
    assert len(sentence.splitlines()) == 1
