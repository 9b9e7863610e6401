from collections.abc import Callable
from math import inf
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.io import verify as verify_module
from desktop_app.io.expectation import expect
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.verify import Verdict, check_in_fresh_process, main, relative_difference, verify
from tests.unit.io.small_models import WEIGHT, conv_model, model_of

SaveModel = Callable[..., Path]


@pytest.fixture
def expected(conv_file: Path, tmp_path: Path) -> Path:
    """What `conv_file` gives."""
    path = tmp_path / "expected.npz"
    expect(conv_file).save(path)
    return path


def test_the_same_model_gives_the_same_in_a_fresh_process(conv_file: Path, expected: Path) -> None:
    assert check_in_fresh_process(conv_file, expected, SilentToken()) == Verdict(1, 0.0)


def test_another_model_is_found_out(save: SaveModel, expected: Path) -> None:
    changed = WEIGHT.copy()
    changed[7] = 0
    other = save(conv_model(changed), "other.onnx")
    with pytest.raises(StudioError, match="its outputs in a fresh process differ from those that were shown"):
        check_in_fresh_process(other, expected, SilentToken())


def test_what_does_not_load_is_found_out(tmp_path: Path, expected: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x08garbage")
    assert verify(broken, expected).failure.startswith("ONNX Runtime cannot run this model")


def test_a_process_that_dies_is_no_success(conv_file: Path, expected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module.sys, "executable", "/bin/false")
    with pytest.raises(StudioError, match=r"it ended without a word \(exit status 1\)"):
        check_in_fresh_process(conv_file, expected, SilentToken())


def test_cancelling_ends_the_process(conv_file: Path, expected: Path) -> None:
    token = SilentToken()
    token.cancelled = True
    with pytest.raises(Cancelled):
        check_in_fresh_process(conv_file, expected, token)


def test_a_process_that_hangs_is_ended(conv_file: Path, expected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "TIMEOUT", -1.0)
    with pytest.raises(StudioError, match="it was not done after"):
        check_in_fresh_process(conv_file, expected, SilentToken())


def test_the_program_prints_its_verdict(conv_file: Path, expected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(conv_file), str(expected)]) == 0
    assert capsys.readouterr().out == '{"compared":1,"difference":0.0,"failure":""}\n'
    assert main([str(expected), str(expected)]) == 1


def test_outputs_that_are_not_finite_are_found_out(save: SaveModel, expected: Path) -> None:
    weight = WEIGHT.copy()
    weight[0] = np.nan
    verdict = verify(save(conv_model(weight), "nan.onnx"), expected)
    assert "not finite where those of the run were" in verdict.failure


def test_other_inputs_are_found_out(save: SaveModel, expected: Path) -> None:
    model = model_of(helper.make_node("Add", ["x", "z"], ["y"]))
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, [2]))
    assert "other inputs" in verify(save(model, "two.onnx"), expected).failure


@pytest.mark.parametrize(
    ("expected_values", "actual", "difference"),
    [
        (np.ones(4, np.float32), np.ones(4, np.float32), 0.0),
        (np.array([3.0, 4.0]), np.array([3.0, 4.5]), 0.1),
        (np.array([np.nan, np.inf, 1.0]), np.array([np.nan, np.inf, 1.0]), 0.0),
        (np.array([np.nan, 1.0]), np.array([0.0, 1.0]), inf),
        (np.array([1.0]), np.array([np.nan]), inf),
        (np.ones((2, 2)), np.ones(4), inf),
        (np.array([500]), np.array([501]), inf),
        (np.array([100], np.uint8), np.array([99], np.uint8), 0.01),
        (np.array(["a"]), np.array(["a"]), 0.0),
        (np.array(["a"]), np.array(["b"]), inf),
        (np.ones(1, np.float32), np.ones(1, np.float64), inf),
        (np.zeros(2), np.zeros(2), 0.0),
        (np.full(4, 1e-6), np.full(4, 1.1e-6), 1e-4),
    ],
)
def test_differences(expected_values: np.ndarray, actual: np.ndarray, difference: float) -> None:
    assert relative_difference(expected_values, actual) == pytest.approx(difference)


def test_real_samples_are_used_where_there_are_some(conv_file: Path) -> None:
    sample = np.full((2, 3, 8, 8), 0.5, np.float32)
    expectation = expect(read_model(conv_file), {"x": sample})
    assert np.array_equal(expectation.inputs[0], sample)
    assert expectation.outputs[0].shape == (2, 80, 8, 8)


def test_made_up_inputs_are_the_same_every_time(conv_file: Path) -> None:
    first, second = expect(conv_file), expect(conv_file)
    assert np.array_equal(first.inputs[0], second.inputs[0])


def test_what_differs_from_run_to_run_is_not_compared(save: SaveModel) -> None:
    random = helper.make_node("RandomNormal", [], ["r"], shape=[2])
    expectation = expect(save(model_of(random, helper.make_node("Add", ["x", "r"], ["y"]))))
    assert (expectation.outputs, expectation.runnable) == ({}, True)
    assert "from run to run" in expectation.reason


def test_what_cannot_be_run_is_said(save: SaveModel) -> None:
    expectation = expect(save(model_of(helper.make_node("Mystery", ["x"], ["y"], domain="nobody"))))
    assert not expectation.runnable
    assert expectation.reason.startswith("ONNX Runtime cannot run this model")
