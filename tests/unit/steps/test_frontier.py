"""Values computed from a place in the middle are those of the whole model."""

import numpy as np
import pytest
from onnx import helper

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning import frontier as module
from desktop_app.steps.channel_pruning.frontier import Frontier
from desktop_app.steps.channel_pruning.reader import as_reader
from desktop_app.steps.channel_pruning.samples import run_for
from tests.unit.steps.layer_nets import model_of


def _net() -> Model:
    """Three matrices with a skip connection around the second."""
    rng = np.random.default_rng(0)
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "w1"], ["c"], "second"),
        helper.make_node("Add", ["b", "c"], ["d"], "sum"),
        helper.make_node("MatMul", ["d", "w2"], ["y"], "third"),
    ]
    weights = {f"w{i}": rng.standard_normal((4, 4)).astype(np.float32) for i in range(3)}
    return model_of(nodes, ("N", 4), weights)


@pytest.mark.parametrize("most", [0, 2**20])
def test_values_are_those_of_the_model_with_the_weights_there_are(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", most)
    rng, model = np.random.default_rng(1), _net()
    batches = [{"x": rng.standard_normal((size, 4)).astype(np.float32)} for size in (3, 3, 2)]
    frontier = Frontier(model, batches, SilentToken())
    for name, names in (("first", ["x"]), ("second", ["b"]), ("third", ["d", "b"]), ("third", ["d", "b"])):
        found = [*frontier.values(names, model.node(name))]
        wanted = [*run_for(model, [*names, "y"], batches, SilentToken())]
        for one, other in zip(found, wanted, strict=True):
            assert [*one] == names
            for value in names:
                np.testing.assert_allclose(one[value], other[value], rtol=1e-5)
        reader = as_reader(model, name)
        reader.store(reader.start() + 0.1)  # what lies behind changes, what lies before does not


def test_only_what_is_needed_later_is_kept() -> None:
    model = _net()
    frontier = Frontier(model, [{"x": np.ones((2, 4), np.float32)}], SilentToken())
    list(frontier.values(["d"], model.node("third")))
    assert [*frontier._kept[0]] == ["d"]
    list(frontier.values(["d"], model.node("third")))
