from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.requests import Window
from desktop_app.steps.int8.elsewhere import EVERYWHERE, EXACT_KEY, VNNI_ONLY, emulated_outputs, may_saturate
from desktop_app.steps.int8.emulation import convolve, multiply
from tests.unit.steps.int8_nets import batches_of, fitted, mobile_net, quantize, recipe_of, residual_net, run, sqnr_db

SATURATING = not detect_cpu().exact_int8
"""What ONNX Runtime is held against is what the processor that runs the tests does."""


def in_onnx_runtime(node: onnx.NodeProto, constants: dict[str, np.ndarray], stored: np.ndarray) -> np.ndarray:
    result = TensorProto.INT32 if node.op_type == "MatMulInteger" else TensorProto.UINT8
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, stored.shape)],
        [helper.make_tensor_value_info("y", result, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    found: np.ndarray = ort.InferenceSession(model.SerializeToString(), options).run(None, {"x": stored})[0]
    return found


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 24), st.integers(1, 200), st.integers(1, 70), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_products_of_matrices_are_those_of_onnx_runtime(rows: int, k: int, columns: int, zero: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    stored = rng.integers(0, 256, (rows, k)).astype(np.uint8)
    weights = rng.integers(-127, 128, (k, columns)).astype(np.int8)
    node = helper.make_node("MatMulInteger", ["x", "w", "z"], ["y"])
    expected = in_onnx_runtime(node, {"w": weights, "z": np.uint8(zero)}, stored)
    assert np.array_equal(multiply(stored, zero, weights, saturating=SATURATING), expected)


SHAPES = [  # channels, outputs, kernel, stride, padding, groups, side
    *((3, 8, 3, 1, 1, 1, 8), (16, 16, 3, 1, 1, 1, 8), (8, 24, 1, 1, 0, 1, 7), (5, 7, 3, 2, 1, 1, 9)),
    *((16, 16, 3, 1, 1, 16, 8), (12, 12, 5, 2, 2, 12, 9), (8, 8, 3, 1, 1, 2, 8), (6, 12, 3, 1, 1, 6, 7)),
    *((3, 24, 3, 2, 1, 1, 32), (64, 64, 3, 1, 1, 1, 8), (384, 384, 1, 1, 0, 1, 7), (768, 768, 3, 1, 1, 768, 7)),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("zero", [0, 131])
def test_convolutions_are_those_of_onnx_runtime(shape: tuple[int, ...], zero: int) -> None:
    channels, outputs, kernel, stride, padding, groups, side = shape
    rng = np.random.default_rng(sum(shape))
    stored = rng.integers(0, 256, (2, channels, side, side)).astype(np.uint8)
    weights = rng.integers(-127, 128, (outputs, channels // groups, kernel, kernel)).astype(np.int8)
    step = np.float32(1200 * np.sqrt(channels // groups * kernel * kernel))
    window = Window((kernel,) * 2, (stride,) * 2, (1, 1), (padding,) * 2, (padding,) * 2, groups)
    node = helper.make_node(
        "QLinearConv",
        ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"],
        ["y"],
        kernel_shape=[kernel] * 2,
        strides=[stride] * 2,
        pads=[padding] * 4,
        group=groups,
    )
    constants = {"xs": np.float32(1), "xz": np.uint8(zero), "w": weights, "ws": np.float32(1), "wz": np.int8(0)}
    expected = in_onnx_runtime(node, constants | {"ys": step, "yz": np.uint8(128)}, stored)
    sums = convolve(stored, zero, weights, window, saturating=SATURATING)
    assert np.array_equal(
        np.clip(np.rint(sums.astype(np.float32) * (np.float32(1) / step)) + 128, 0, 255).astype(np.uint8), expected
    )


@pytest.mark.parametrize("net", [mobile_net, residual_net])
@pytest.mark.parametrize("scheme", ["portable", "vnni"])
def test_whole_models_are_emulated(net: type[Model], scheme: str) -> None:
    batches = batches_of((8, 3, 16, 16) if net is mobile_net else (8, 3, 8, 8))
    start = fitted(net(), batches, scheme=scheme)
    (emulated,) = emulated_outputs(start, batches[:1], saturating=SATURATING)[0].values()
    assert sqnr_db(emulated, run(start.quantized, batches[0])) > 40


def test_files_say_where_they_are_exact() -> None:
    batches = batches_of((8, 3, 16, 16))
    safe = quantize(mobile_net(), batches, recipe_of(scheme="portable"))
    assert safe.model.ir.metadata_props[EXACT_KEY] == EVERYWHERE
    fast = quantize(mobile_net(), batches, recipe_of(scheme="vnni"))
    assert fast.model.ir.metadata_props[EXACT_KEY] == VNNI_ONLY
    assert any("may saturate" in note for note in fast.notes)


@pytest.mark.corpus
def test_a_real_model_is_emulated(shared_data: Path) -> None:
    model = read_model(shared_data / "models" / "mobilenet_v1_0.75_224.onnx")
    preprocess = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
    settings = DataSettings(path=str(shared_data / "imagenet-sample"), preprocess=preprocess, calibration=8)
    data = open_data(settings, inputs_of(open_session(model)), seed=0)
    batches = [batch.inputs for batch in data.batches(data.calibration_indices, 4)]
    start = fitted(model, batches, scheme="vnni")
    assert may_saturate(start)
    (emulated,) = emulated_outputs(start, batches[:1], saturating=SATURATING)[0].values()
    real, given_by_float = run(start.quantized, batches[0]), run(model, batches[0])
    assert sqnr_db(emulated, real) > 25  # single integers on the edge between two fall otherwise, and that spreads
    assert abs(sqnr_db(given_by_float, emulated) - sqnr_db(given_by_float, real)) < 0.5
