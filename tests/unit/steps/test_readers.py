"""Every kind of reader is the linear system that it claims to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.reader import Reader, as_reader
from tests.unit.steps.layer_nets import model_of, run


def _reader(model: Model) -> Reader:
    reader = as_reader(model, "layer")
    assert reader is not None
    return reader


def _check(model: Model, x: np.ndarray) -> None:
    """The rows times the start are the layer's output, and a solution that is stored is what the layer computes."""
    for _ in range(2):
        reader, result = _reader(model), run(model, x)
        grid = reader.grid(result.shape)
        positions = np.arange(int(np.prod(grid)))[::2]
        rows, start = reader.rows(x, grid, positions), reader.start()
        assert start.shape == reader.shape == (reader.groups, reader.unknowns, start.shape[2])
        found = np.einsum("rgu,guo->rgo", rows, start).reshape(len(rows), -1)
        np.testing.assert_allclose(found, reader.targets(result, positions), rtol=1e-3, atol=1e-4)
        reader.store(np.random.default_rng(5).standard_normal(start.shape))


@settings(max_examples=40, deadline=None)
@given(
    op_type=st.sampled_from(["Conv", "ConvTranspose"]),
    groups=st.integers(1, 3),
    inputs=st.integers(1, 3),
    outputs=st.integers(1, 3),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilations=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    pads=st.lists(st.integers(0, 1), min_size=4, max_size=4),
    bias=st.booleans(),
)
def test_convolutions(
    op_type: str,
    groups: int,
    inputs: int,
    outputs: int,
    kernel: tuple[int, int],
    strides: tuple[int, int],
    dilations: tuple[int, int],
    pads: list[int],
    bias: bool,
) -> None:
    rng = np.random.default_rng(0)
    sizes = (groups * outputs, inputs) if op_type == "Conv" else (groups * inputs, outputs)
    constants = {"w": rng.standard_normal((*sizes, *kernel)).astype(np.float32)}
    if bias:
        constants["b"] = rng.standard_normal(groups * outputs).astype(np.float32)
    node = helper.make_node(
        op_type, ["x", *constants], ["y"], "layer", group=groups, strides=strides, dilations=dilations, pads=pads
    )
    shape = (2, groups * inputs, 7, 6)
    _check(model_of([node], shape, constants), rng.standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize("mode", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_convolutions_that_pad_by_themselves(mode: str) -> None:
    rng = np.random.default_rng(1)
    node = helper.make_node("Conv", ["x", "w"], ["y"], "layer", auto_pad=mode, strides=[2, 2])
    model = model_of([node], (2, 3, 7, 6), {"w": rng.standard_normal((4, 3, 3, 2)).astype(np.float32)})
    _check(model, rng.standard_normal((2, 3, 7, 6)).astype(np.float32))


@pytest.mark.parametrize(("op_type", "attributes"), [("MatMul", {}), ("Gemm", {}), ("Gemm", {"transB": 1})])
def test_matrices(op_type: str, attributes: dict[str, int]) -> None:
    rng = np.random.default_rng(2)
    shape = (5, 3) if attributes else (3, 5)
    constants = {"w": rng.standard_normal(shape).astype(np.float32)}
    if op_type == "Gemm":
        constants["b"] = rng.standard_normal(5).astype(np.float32)
    node = helper.make_node(op_type, ["x", *constants], ["y"], "layer", **attributes)
    _check(model_of([node], (4, 3), constants), rng.standard_normal((4, 3)).astype(np.float32))


def test_batch_normalisation() -> None:
    rng = np.random.default_rng(3)
    constants = {name: rng.uniform(0.5, 2, 4).astype(np.float32) for name in ("scale", "offset", "mean", "var")}
    node = helper.make_node("BatchNormalization", ["x", *constants], ["y"], "layer", epsilon=1e-3)
    _check(model_of([node], (2, 4, 3, 3), constants), rng.standard_normal((2, 4, 3, 3)).astype(np.float32))


@pytest.mark.parametrize(
    ("op_type", "attributes"),
    [("Gemm", {"alpha": 2.0}), ("Gemm", {"transA": 1}), ("ConvTranspose", {"auto_pad": "SAME_UPPER"})],
)
def test_what_is_no_plain_system_is_no_reader(op_type: str, attributes: dict[str, object]) -> None:
    shape = (3, 3) if op_type == "Gemm" else (3, 3, 2, 2)
    node = helper.make_node(op_type, ["x", "w"], ["y"], "layer", **attributes)
    assert as_reader(model_of([node], shape, {"w": np.ones(shape, np.float32)}), "layer") is None
