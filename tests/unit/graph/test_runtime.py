import gc

import numpy as np
import onnx_ir as ir
import pytest

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.graph import runtime
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from tests.unit.graph.nets import conv_norm, net, normal

X = {"x": normal(2, 3, 8, 8)}


def test_model_file_and_bytes_run_alike(tmp_path):
    model = conv_norm()
    ir.save(model.ir, tmp_path / "m.onnx")
    sources = (model, tmp_path / "m.onnx", model.to_bytes())
    results = [open_session(source).run(None, X)[0] for source in sources]
    assert results[0].shape == (2, 10)
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_values_inside_can_be_observed_and_the_model_stays_as_it_was():
    model = conv_norm()
    session = open_session(model, outputs=["r", "y", "w"])
    assert [output.name for output in session.get_outputs()] == ["y", "r", "w"]
    assert (session.run(["r"], X)[0] >= 0).all()
    assert [value.name for value in model.graph.outputs] == ["y"]


def test_a_value_that_is_not_there_is_named():
    with pytest.raises(StudioError, match="'nowhere'"):
        open_session(conv_norm(), outputs=["nowhere"])


def test_an_operator_that_onnx_runtime_does_not_have_is_named_in_a_sentence():
    model = net("g (float[2] x) => (float[2] y) { y = some.where.Magic(x) }", domains=("some.where",))
    with pytest.raises(InvalidFileError, match="Magic") as caught:
        open_session(model)
    assert "\n" not in str(caught.value)
    assert "ONNXRuntimeError" not in str(caught.value)


def test_no_file_is_a_sentence(tmp_path):
    with pytest.raises(InvalidFileError):
        open_session(tmp_path / "none.onnx")


def test_large_weights_go_through_a_folder_that_goes_with_the_session(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MAX_BYTES_IN_MEMORY", 0)
    monkeypatch.setattr(runtime.tempfile, "tempdir", str(tmp_path))
    session = open_session(conv_norm())
    assert len(list(tmp_path.glob("*/model.onnx"))) == 1
    expected = session.run(None, X)[0]
    del session
    gc.collect()
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    np.testing.assert_array_equal(open_session(conv_norm()).run(None, X)[0], expected)


def test_external_weights_are_inside_the_bytes(tmp_path):
    model = conv_norm()
    ir.save(model.ir, tmp_path / "m.onnx", external_data="m.bin", size_threshold_bytes=1)
    reopened = Model(ir.load(tmp_path / "m.onnx"))
    assert any(isinstance(value.const_value, ir.ExternalTensor) for value in reopened.graph.initializers.values())
    expected = open_session(model).run(None, X)[0]
    np.testing.assert_array_equal(open_session(reopened.to_bytes()).run(None, X)[0], expected)


def test_a_profile_is_written_where_it_should_be(tmp_path):
    session = open_session(conv_norm(), profile_to=tmp_path / "trace")
    session.run(None, X)
    assert session.end_profiling().startswith(str(tmp_path / "trace"))


def test_weights_decoded_at_load_are_folded_however_large(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MAX_FOLDED_BYTES", 1)
    weight = np.arange(64 * 64, dtype=np.int8).reshape(64, 64)
    model = net("g (float[1, 64] x) => (float[1, 64] y) { f = Cast<to = 1>(w) y = MatMul(x, f) }", w=weight)
    open_session(model, save_optimised_to=tmp_path / "optimised.onnx")
    assert [node.op_type for node in ir.load(tmp_path / "optimised.onnx").graph] == ["MatMul"]
