"""Small float models that exercise what quantisation must get right."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect
from desktop_app.stats.requests import StatisticRequest
from desktop_app.steps.base import StepResult
from desktop_app.steps.int8.draft import draft
from desktop_app.steps.int8.fitting import fit
from desktop_app.steps.int8.sequence import Start
from desktop_app.steps.quantize_static import QuantizeStatic


class Net:
    """Builds a graph node by node; weights are seeded."""

    def __init__(self, opset: int = 17) -> None:
        self.opset = opset
        self.rng = np.random.default_rng(7)
        self.nodes: list = []
        self.constants: list = []

    def constant(self, name: str, array: object) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, name: str, *shape: int) -> str:
        size = max(int(np.prod(shape[1:])), 1)
        return self.constant(name, (self.rng.standard_normal(shape) / np.sqrt(size)).astype(np.float32))

    def op(self, op_type: str, inputs: Sequence[str], name: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(op_type, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, name: str, read: str, channels: int, outputs: int, kernel: int = 3, group: int = 1) -> str:
        weight = self.weight(f"{name}.weight", outputs, channels // group, kernel, kernel)
        bias = self.weight(f"{name}.bias", outputs)
        pads = [kernel // 2] * 4
        return self.op("Conv", [read, weight, bias], name, pads=pads, group=group)

    def clip(self, name: str, read: str, low: float = 0.0, high: float = 6.0) -> str:
        if not any(one.name == "low" for one in self.constants):
            self.constant("low", np.float32(low))
            self.constant("high", np.float32(high))
        return self.op("Clip", [read, "low", "high"], name)

    def model(self, shape: Sequence[object], *outputs: str) -> Model:
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        opsets = [helper.make_opsetid("", self.opset)]
        return Model(ir.from_proto(helper.make_model(graph, opset_imports=opsets, ir_version=8)))


def mobile_net() -> Model:
    """Convolution, depthwise, pointwise, pooling and a matrix, with ReLU6 between."""
    net = Net()
    net.clip("a", net.conv("first", "x", 3, 16))
    net.clip("b", net.conv("depthwise", "a", 16, 16, group=16))
    net.clip("c", net.conv("pointwise", "b", 16, 32, kernel=1))
    net.op("GlobalAveragePool", ["c"], "pooled")
    net.op("Flatten", ["pooled"], "flat")
    net.op("Gemm", ["flat", net.weight("classifier.weight", 10, 32), net.weight("classifier.bias", 10)], "y", transB=1)
    return net.model(["n", 3, 16, 16], "y")


def residual_net() -> Model:
    """Option-A shortcut (Slice and Pad), Add, ReLU."""
    net = Net()
    net.op("Relu", [net.conv("first", "x", 3, 8)], "a")
    net.op("Relu", [net.conv("inner", "a", 8, 16)], "b")
    net.conv("outer", "b", 16, 16)
    net.constant("pads", np.array([0, 4, 0, 0, 0, 4, 0, 0]))
    net.op("Pad", ["a", "pads"], "shortcut")
    net.op("Add", ["outer", "shortcut"], "sum")
    net.op("Relu", ["sum"], "c")
    net.conv("last", "c", 16, 4, kernel=1)
    return net.model(["n", 3, 8, 8], "last")


def batches_of(shape: Sequence[int], count: int = 2, seed: int = 0) -> list[Batch]:
    rng = np.random.default_rng(seed)
    return [{"x": rng.standard_normal(shape).astype(np.float32)} for _ in range(count)]


def recipe_of(bits: int = 8, **method: object) -> Recipe:
    return Recipe(defaults=LayerSettings(bits=bits), methods=Methods(quantize=QuantizeMethod(**method)))


def quantize(model: Model, batches: Sequence[Batch], recipe: Recipe | None = None) -> StepResult:
    recipe = recipe or recipe_of()
    step, token = QuantizeStatic(), SilentToken()
    statistics = collect(model, step.needs(model, recipe), batches, token)
    samples = sum(len(next(iter(batch.values()))) for batch in batches)
    calibration = DataCalibration(lambda: iter(batches), samples, True, statistics)
    return step.apply(model, recipe, calibration, token)


def fitted(model: Model, batches: Sequence[Batch], **method: object) -> Start:
    drafted = draft(model, model.layers)
    requests = [StatisticRequest(name, "histogram") for name in drafted.plan.sources]
    statistics = collect(model, requests, batches, SilentToken())
    samples = sum(len(next(iter(batch.values()))) for batch in batches)
    calibration = DataCalibration(lambda: iter(batches), samples, True, statistics)
    return fit(drafted, QuantizeMethod(**method), calibration, SilentToken())


def run(model: Model, batch: Batch, *, optimise: bool = True) -> np.ndarray:
    return open_session(model, optimise=optimise).run(None, dict(batch))[0]


def sqnr_db(signal: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(np.square(signal).sum() / max(np.square(signal - other).sum(), 1e-30)))
