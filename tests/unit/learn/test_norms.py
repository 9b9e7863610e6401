"""Normalisation put back changes no output, and is folded away again."""

import numpy as np
import torch

from desktop_app.graph.model import Model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.norms import put_norms_back
from desktop_app.learn.write_back import write_back
from desktop_app.steps.cleaning.norm_folding import fold_norms
from desktop_app.steps.cleaning.plain import cleaned
from tests.contracts.contract import make_batch
from tests.contracts.small_nets import NETS


def outputs(model: Model, batch: dict[str, torch.Tensor]) -> np.ndarray:
    module = GraphModule(model).eval()
    with torch.no_grad():
        return module(batch)[module.output_names[0]].numpy()


def test_outputs_stay_through_putting_back_and_folding() -> None:
    for name in ("residual", "separable"):
        model = cleaned(NETS[name]())
        batch = {key: torch.from_numpy(array) for key, array in make_batch(model).items()}
        normalised = put_norms_back(model, [batch])
        norms = [node for node in normalised.graph if node.op_type == "BatchNormalization"]
        assert norms
        before = outputs(model, batch)
        np.testing.assert_allclose(outputs(normalised, batch), before, rtol=1e-4, atol=1e-4 * np.abs(before).max())
        folded = normalised.clone()
        fold_norms(normalised, folded.graph)
        folded = Model(folded.ir)
        assert [node.op_type for node in folded.graph] == [node.op_type for node in model.graph]
        assert [node.name for node in folded.graph] == [node.name for node in model.graph]
        np.testing.assert_allclose(outputs(folded, batch), before, rtol=1e-4, atol=1e-4 * np.abs(before).max())


def test_statistics_are_those_of_the_data() -> None:
    model = cleaned(NETS["residual"]())
    batch = {key: torch.from_numpy(array) for key, array in make_batch(model).items()}
    normalised = put_norms_back(model, [batch, batch])
    norm = next(node for node in normalised.graph if node.op_type == "BatchNormalization")
    given = norm.inputs[0]
    with torch.no_grad():
        found = GraphModule(normalised).eval()(batch, also=[given.name or ""])[given.name or ""].numpy()
    np.testing.assert_allclose(norm.inputs[3].const_value.numpy(), found.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(norm.inputs[4].const_value.numpy(), found.var((0, 2, 3)), rtol=1e-3, atol=1e-5)


def test_locked_layers_get_none() -> None:
    model = cleaned(NETS["residual"]())
    batch = {key: torch.from_numpy(array) for key, array in make_batch(model).items()}
    locked = {node.name or "" for node in model.graph if node.op_type == "Conv"}
    assert put_norms_back(model, [batch], locked).to_bytes() == model.to_bytes()


def test_weights_of_an_untrained_copy_come_back_bit_by_bit() -> None:
    model = cleaned(NETS["residual"]())
    assert write_back(GraphModule(model), model).to_bytes() == model.to_bytes()
