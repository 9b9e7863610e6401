"""A layer that is to stay float between integers stays float in ONNX Runtime, too."""

from pathlib import Path

import numpy as np
import onnx

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from tests.unit.steps.int8_nets import Net, batches_of, quantize, run, sqnr_db

FLOAT = LayerOverride(bits=32)


def net(activation: bool) -> Model:
    """A depthwise convolution between others, its channels of very different sizes: one scale would lose most of it."""
    made = Net()
    made.clip("a", made.conv("first", "x", 3, 16))
    scales = np.logspace(-2, 2, 16, dtype=np.float32).reshape(16, 1, 1, 1)
    weight = made.constant("depthwise.weight", made.rng.standard_normal((16, 1, 3, 3)).astype(np.float32) * scales)
    read = made.op("Conv", ["a", weight, made.weight("depthwise.bias", 16)], "depthwise", pads=[1] * 4, group=16)
    factors = np.tile(1 / scales.reshape(1, 1, 16, 1).transpose(2, 0, 1, 3).reshape(1, 16, 1, 1), (16, 1, 1, 1))
    last = made.constant("last.weight", (np.ones((16, 16, 1, 1)) * factors / 16).astype(np.float32))
    made.op("Conv", [made.clip("b", read) if activation else read, last], "last")
    return made.model(["n", 3, 8, 8], "last")


def optimised(model: Model, folder: Path) -> dict[str, str]:
    open_session(model, save_optimised_to=folder / "o.onnx")
    return {node.name: node.op_type for node in onnx.load(folder / "o.onnx").graph.node}


def test_a_float_layer_between_integers_is_not_rounded_by_onnx_runtime(tmp_path: Path) -> None:
    recipe = Recipe(defaults=LayerSettings(bits=8), layers={"depthwise": FLOAT})
    for activation in (True, False):
        model, batches = net(activation), batches_of((4, 3, 8, 8))
        made = quantize(model, batches, recipe).model
        as_written, as_run = run(made, batches[0], optimise=False), run(made, batches[0])
        assert sqnr_db(as_written, as_run) > 45
        operators = list(optimised(made, tmp_path).values())
        assert operators.count("QLinearConv") == 2
        assert not {"LeakyRelu", "Clip"} & set(operators), "both are part of the convolution, or of what rounds"


def test_layers_that_are_all_integers_have_no_shield() -> None:
    made = quantize(net(True), batches_of((4, 3, 8, 8))).model
    assert "LeakyRelu" not in {node.op_type for node in made.graph}
