from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from desktop_app.core.errors import StudioError
from desktop_app.graph.runtime import open_session
from desktop_app.io.finite import find_non_finite
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.writer import write_model
from tests.unit.io.small_models import WEIGHT, conv_model, model_of

SaveModel = Callable[..., Path]
SAMPLE = np.linspace(-1, 1, 192, dtype=np.float32).reshape(1, 3, 8, 8)


def outputs(path: Path) -> np.ndarray:
    result: np.ndarray = open_session(path).run(None, {"x": SAMPLE})[0]
    return result


def test_the_same_model_gives_the_same_bytes(conv_file: Path, tmp_path: Path) -> None:
    first = write_model(read_model(conv_file), tmp_path / "a.onnx")
    second = write_model(read_model(first.path), tmp_path / "b.onnx")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.sha256, first.bytes) == (second.sha256, first.path.stat().st_size)
    assert np.array_equal(outputs(first.path), outputs(conv_file))


def test_large_weights_go_to_a_file_named_by_its_content(conv_file: Path, tmp_path: Path) -> None:
    written = write_model(read_model(conv_file), tmp_path / "big.onnx", max_inside_bytes=1000)
    external = written.external
    assert external is not None
    assert external.name.startswith("big-")
    assert external.suffix == ".data"
    assert written.bytes == written.path.stat().st_size + external.stat().st_size
    assert written.path.stat().st_size < 1000
    assert np.array_equal(outputs(written.path), outputs(conv_file))
    assert np.array_equal(read_model(written.path).constant("w"), WEIGHT)
    assert write_model(read_model(written.path), tmp_path / "big.onnx", max_inside_bytes=1000) == written


def test_another_content_gets_another_file_and_the_old_model_stays_whole(conv_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "big.onnx"
    first = write_model(read_model(conv_file), target, max_inside_bytes=1000)
    old = target.read_bytes()
    conv_file.write_bytes(conv_model(WEIGHT * 2).SerializeToString())

    def refuse(_: Path) -> None:
        raise StudioError("No.")

    with pytest.raises(StudioError, match="No"):
        write_model(read_model(conv_file), target, max_inside_bytes=1000, check=refuse)
    assert target.read_bytes() == old
    assert sorted(tmp_path.glob("*.data")) == [first.external]
    second = write_model(read_model(conv_file), target, max_inside_bytes=1000)
    assert second.external != first.external


@pytest.mark.parametrize("name", ["same", "symbolic", "hard", "dotted"])
def test_the_opened_file_is_never_replaced(conv_file: Path, tmp_path: Path, name: str) -> None:
    content = conv_file.read_bytes()
    target = conv_file
    if name == "symbolic":
        target = tmp_path / "link.onnx"
        target.symlink_to(conv_file)
    elif name == "hard":
        target = tmp_path / "hard.onnx"
        target.hardlink_to(conv_file)
    elif name == "dotted":
        (tmp_path / "folder").mkdir()
        target = tmp_path / "folder" / ".." / "model.onnx"
    with pytest.raises(StudioError, match="is the model that was opened, which is kept"):
        write_model(read_model(conv_file), target, refuse=[conv_file])
    assert conv_file.read_bytes() == content


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_weights_that_are_not_finite_are_refused_by_name(
    save: SaveModel, tmp_path: Path, value: float, dtype: type
) -> None:
    weight = np.ones((2, 2), dtype)
    weight[1, 0] = value
    nodes = [
        helper.make_node("Cast", ["w"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["x", "f"], ["y"], name="/fc/MatMul"),
    ]
    model = model_of(*nodes, initializers=(onnx.numpy_helper.from_array(weight, "w"),))
    with pytest.raises(StudioError, match=r"The weight w of layer /fc/MatMul holds values that are not finite"):
        write_model(read_model(save(model)), tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


def test_weights_in_constants_and_branches_are_looked_at_too(save: SaveModel) -> None:
    bad = onnx.numpy_helper.from_array(np.array([[np.nan]], np.float32), "c")
    constant = helper.make_node("Constant", [], ["c"], value=bad)
    matmul = helper.make_node("MatMul", ["x", "c"], ["z"], name="inner")
    inner = helper.make_graph([constant, matmul], "b", [], [helper.make_tensor_value_info("z", 1, [1])])
    model = read_model(save(model_of(helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner))))
    assert {(one.tensor, one.layer.split("_")[0]) for one in find_non_finite(model)} == {("c", "inner")}


def test_masks_of_attention_may_be_infinite(save: SaveModel, tmp_path: Path) -> None:
    mask = onnx.numpy_helper.from_array(np.array([0, -np.inf], np.float32), "mask")
    model = model_of(helper.make_node("Add", ["x", "mask"], ["y"]), initializers=(mask,))
    assert write_model(read_model(save(model)), tmp_path / "out.onnx").bytes > 0


def test_a_full_disk_is_told_before_anything_is_written(
    conv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("desktop_app.io.atomic.shutil.disk_usage", lambda _: usage)
    with pytest.raises(StudioError, match=r"MB are needed in .* and 0 MB are free"):
        write_model(read_model(conv_file), tmp_path / "out.onnx")
    assert list(tmp_path.iterdir()) == [conv_file]
