"""Inputs made from batch-norm statistics are nearer to the data than noise is."""

import numpy as np
import onnx_ir as ir
import torch

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.synthesis import can_synthesise, norms_of, synthesised
from tests.contracts.small_nets import NETS
from tests.unit.learn.conftest import samples_of


def with_statistics_of(model: Model, data: np.ndarray) -> Model:
    """The model with the statistics in its normalisation that training on the data would have left there."""
    copy = model.clone()
    for node in copy.graph:
        if node.op_type == "BatchNormalization":
            name = node.inputs[0].name or ""
            with torch.no_grad():
                found = GraphModule(Model(copy.ir)).eval()({"x": torch.from_numpy(data)}, also=[name])[name].numpy()
            for index, array in ((3, found.mean((0, 2, 3))), (4, found.var((0, 2, 3)))):
                node.inputs[index].const_value = ir.tensor(array, name=node.inputs[index].name)
    return Model(copy.ir)


def test_made_inputs_cause_the_stored_statistics() -> None:
    rng = np.random.default_rng(0)
    net = NETS["residual"]()
    shape = net.shapes["x"][1:]
    data = (2.0 + 3.0 * rng.normal(size=(256, *shape))).astype(np.float32)
    model = with_statistics_of(net, data)
    assert can_synthesise(model)
    noise = samples_of({"x": rng.normal(size=(64, *shape)).astype(np.float32)})
    made = synthesised(model, noise, 0, SilentToken())
    assert made.synthetic
    inputs = np.concatenate([batch.inputs["x"] for batch in made.read(made.indices, 32)])
    assert inputs.shape == (64, *shape)
    assert np.isfinite(inputs).all()
    name, wanted = norms_of(model)[0].value, norms_of(model)[0]
    module = GraphModule(model).eval()

    def distance(array: np.ndarray) -> float:
        with torch.no_grad():
            found = module({"x": torch.from_numpy(array)}, also=[name])[name]
        return float(((found.mean((0, 2, 3)) - wanted.mean) / wanted.deviation).square().mean())

    before = np.concatenate([batch.inputs["x"] for batch in noise.read(noise.indices, 32)])
    assert distance(inputs) < 0.2 * distance(before)


def test_models_without_normalisation_are_not_asked() -> None:
    assert not can_synthesise(NETS["perceptron"]())
