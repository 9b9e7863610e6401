"""Models of one or a few layers, and what a step makes of them."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnx_ir as ir
from onnx import helper, numpy_helper

from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import Step, StepResult


def model_of(
    nodes: Sequence[onnx.NodeProto],
    shape: Sequence[int],
    constants: dict[str, np.ndarray],
    opset: int = 17,
    dtype: int = onnx.TensorProto.FLOAT,
) -> Model:
    """A model from "x" to "y"."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", dtype, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return Model(ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)))


def one_layer(op_type: str, shape: Sequence[int], weight: np.ndarray, opset: int = 17, **attributes: object) -> Model:
    """One layer named "layer" with the weight "w"."""
    node = helper.make_node(op_type, ["x", "w"], ["y"], name="layer", **attributes)
    return model_of([node], shape, {"w": weight.astype(np.float32)}, opset)


def apply(step: Step, model: Model, recipe: Recipe) -> StepResult:
    """The step's result without data."""
    return step.apply(model, recipe, DataCalibration(lambda: iter(()), 0, True, {}), SilentToken())


def run(model: Model, x: np.ndarray, *, optimise: bool = True) -> np.ndarray:
    """The model's output."""
    return open_session(model, optimise=optimise).run(None, {"x": x})[0]


def decibel(reference: np.ndarray, other: np.ndarray) -> float:
    """Signal to noise."""
    noise = max(float(np.square(reference - other).sum()), 1e-30)
    return 10.0 * float(np.log10(np.square(reference).sum() / noise))
