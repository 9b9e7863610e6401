from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io import walk as walk_module
from desktop_app.io.walk import walk
from tests.unit.io.small_models import conv_model, external, model_of

SaveModel = Callable[..., Path]
IDENTITY = helper.make_node("Identity", ["x"], ["y"], name="id")


def look(path: Path) -> walk_module.Walked:
    return walk(path, path.parent, path.name)


def damaged(name: str = "w") -> onnx.TensorProto:
    return TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[-2], raw_data=bytes(8))


def in_branch(tensor: onnx.TensorProto) -> onnx.ModelProto:
    inner = helper.make_graph([], "inner", [], [], [tensor])
    return model_of(helper.make_node("If", ["x"], ["y"], name="if", then_branch=inner))


def in_function(tensor: onnx.TensorProto) -> onnx.ModelProto:
    node = helper.make_node("Constant", [], ["b"], name="c", value=tensor)
    function = helper.make_function("local", "F", ["a"], ["b"], [node], [helper.make_opsetid("", 17)])
    return model_of(helper.make_node("F", ["x"], ["y"], domain="local"), functions=[function])


def in_default_of_a_function(tensor: onnx.TensorProto) -> onnx.ModelProto:
    model = in_function(helper.make_tensor("ok", TensorProto.FLOAT, [1], [0.0]))
    model.functions[0].attribute_proto.append(helper.make_attribute("value", tensor))
    return model


def in_sparse(tensor: onnx.TensorProto) -> onnx.ModelProto:
    model = model_of(IDENTITY)
    indices = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    model.graph.sparse_initializer.append(onnx.SparseTensorProto(values=tensor, indices=indices, dims=[4]))
    return model


def in_list(tensor: onnx.TensorProto) -> onnx.ModelProto:
    node = helper.make_node("Custom", ["x"], ["y"], domain="local")
    node.attribute.append(onnx.AttributeProto(name="all", type=onnx.AttributeProto.TENSORS, tensors=[tensor]))
    return model_of(node)


def in_training(tensor: onnx.TensorProto) -> onnx.ModelProto:
    model = model_of(IDENTITY)
    model.training_info.add().algorithm.initializer.append(tensor)
    return model


PLACES = [
    lambda tensor: model_of(IDENTITY, initializers=(tensor,)),
    lambda tensor: model_of(helper.make_node("Constant", [], ["y"], name="c", value=tensor)),
    *(in_branch, in_function, in_default_of_a_function, in_sparse, in_list, in_training),
]


@pytest.mark.parametrize("place", PLACES)
def test_tensors_are_checked_wherever_they_are(save: SaveModel, place: Callable[..., onnx.ModelProto]) -> None:
    with pytest.raises(InvalidFileError, match=r"negative size, \[-2\]"):
        look(save(place(damaged())))


@pytest.mark.parametrize("place", PLACES)
def test_no_reference_escapes_wherever_it_is(save: SaveModel, place: Callable[..., onnx.ModelProto]) -> None:
    with pytest.raises(InvalidFileError, match="outside the model's folder"):
        look(save(place(external("w", [1], location="../secret.bin"))))


def test_tells_which_files_hold_weights(save: SaveModel, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(8))
    (tmp_path / "b.bin").write_bytes(bytes(8))
    tensors = [external("v", [2], location="b.bin"), external("w", [1], location="./a.bin", offset=4)]
    walked = look(save(model_of(IDENTITY, initializers=tuple(tensors))))
    assert walked.locations == ("b.bin", "./a.bin")
    assert walked.sorted


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda model: setattr(model, "ir_version", 99), "follows version 99 of the ONNX format"),
        (lambda model: setattr(model.opset_import[0], "version", 999), "uses operator set 999"),
        (lambda model: model.ClearField("graph"), "is no ONNX model"),
        (lambda model: model.ClearField("ir_version"), "is no ONNX model"),
    ],
)
def test_other_versions_are_told_with_what_to_do(
    save: SaveModel, change: Callable[[onnx.ModelProto], None], reason: str
) -> None:
    model = conv_model()
    change(model)
    with pytest.raises(InvalidFileError) as raised:
        look(save(model))
    assert str(raised.value).startswith(f"model.onnx {reason}")


def test_other_domains_may_have_any_version(save: SaveModel) -> None:
    model = conv_model()
    model.opset_import.append(helper.make_opsetid("my.domain", 5000))
    assert look(save(model)).proto.opset_import[1].version == 5000


def test_nodes_in_functions_and_branches_count(save: SaveModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "MAX_NODES", 3)
    inner = helper.make_graph([helper.make_node("Identity", ["x"], [f"a{i}"]) for i in range(3)], "inner", [], [])
    with pytest.raises(InvalidFileError, match="more than 3 nodes"):
        look(save(model_of(helper.make_node("If", ["x"], ["y"], then_branch=inner))))


@pytest.mark.parametrize(("embedded", "opens"), [(1, True), (0, False)])
def test_programs_for_devices_are_not_fetched_from_other_files(save: SaveModel, embedded: int, opens: bool) -> None:
    node = helper.make_node("EPContext", ["x"], ["y"], name="ctx", domain="com.microsoft", embed_mode=embedded)
    path = save(model_of(node))
    if opens:
        look(path)
    else:
        with pytest.raises(InvalidFileError, match="Node ctx loads a program"):
            look(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda model: (model.graph.node[0], "name"),
        lambda model: (model.graph.node[0], "op_type"),
        lambda model: (model.graph.initializer[0], "name"),
        lambda model: (model.graph.input[0], "name"),
        lambda model: (model.graph.input[0].type.tensor_type.shape.dim[0], "dim_param"),
        lambda model: (model, "producer_name"),
        lambda model: (model.metadata_props.add(value="v"), "key"),
        lambda model: (model.graph.node[0].metadata_props.add(value="v"), "key"),
    ],
)
def test_names_that_are_no_texts_are_refused(tmp_path: Path, change: Callable[[onnx.ModelProto], object]) -> None:
    model = conv_model()
    owner, field = change(model)
    setattr(owner, field, "MARKER")
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString().replace(b"MARKER", b"MAR\xffER"))
    with pytest.raises(InvalidFileError, match="no valid text"):
        look(path)


def test_garbage_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x42\x02\xff\xff")
    with pytest.raises(InvalidFileError, match=r"model\.onnx is damaged or is no ONNX model"):
        look(path)
