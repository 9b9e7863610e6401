"""The training copy computes the same with one node for both conversions."""

import numpy as np
import torch

from desktop_app.learn.module import GraphModule
from desktop_app.learn.on_grids import decoded, with_grids
from desktop_app.learn.operators.quantisation import ON_GRID
from desktop_app.steps.quantize_weights import QuantizeWeights
from tests.unit.steps.int8_nets import Net, batches_of, mobile_net, quantize, recipe_of
from tests.unit.steps.layer_nets import apply


def test_both_conversions_and_the_clip_between_become_one_node() -> None:
    net = Net()
    net.clip("a", net.conv("first", "x", 3, 8), low=0.0, high=0.4)
    net.clip("b", net.conv("second", "a", 8, 8))
    net.conv("last", "b", 8, 4)
    batches = batches_of((4, 3, 8, 8))
    model = quantize(net.model(["n", 3, 8, 8], "last"), batches).model
    copy = with_grids(model)
    operators = [node.op_type for node in copy.graph]
    assert operators.count(ON_GRID) == 4
    assert not {"QuantizeLinear", "Clip"} & set(operators)
    given = {"x": torch.from_numpy(batches[0]["x"])}
    one, other = (GraphModule(each)(given)["last"].detach().numpy() for each in (model, copy))
    assert np.allclose(one, other, atol=1e-5)


def test_integers_that_others_move_stay_integers() -> None:
    model = quantize(mobile_net(), batches_of((4, 3, 16, 16))).model
    copy = with_grids(model)
    moved = next(node for node in copy.graph if node.op_type == "Flatten")
    assert moved.inputs[0].producer().op_type == "QuantizeLinear"
    assert [node.op_type for node in model.graph].count("QuantizeLinear") == 5  # the given model stays


def test_only_decoded_weights_are_computed_beforehand() -> None:
    recipe = recipe_of(8, activations=False)
    model = mobile_net()
    stored = apply(QuantizeWeights(), model, recipe).model
    found = decoded(stored)
    assert not decoded(model)
    assert len(found) == len([layer for layer in stored.layers if layer.bits == 8]) > 0
    for layer in stored.layers:
        if layer.bits == 8:
            weight = stored.node(layer.name).inputs[1].name
            assert np.allclose(found[weight], model.constant(model.node(layer.name).inputs[1].name), atol=0.02)
