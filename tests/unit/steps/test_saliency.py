"""Which channels are worth keeping."""

import numpy as np
import pytest
from onnx import helper

from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerOverride
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.channel_pruning.activations import energies
from desktop_app.steps.channel_pruning.saliency import Saliency
from desktop_app.steps.clean import Clean
from desktop_app.steps.prune_channels import PruneChannels
from tests.unit.steps.layer_nets import model_of

LAYER = "stage1.conv1/Conv"


def test_the_scale_of_folded_batch_normalisation_judges_channels() -> None:
    opened = read_model(resource("sample/digits.onnx"))
    (norm,) = (use.node for use in opened.node(LAYER).outputs[0].uses())
    scale = np.abs(opened.constant(norm.inputs[1].name))
    method = PruneMethod(criterion="batch_norm", reconstruct=False)
    recipe = Recipe(layers={LAYER: LayerOverride(prune=0.5)}, methods=Methods(prune=method))
    cleaned = Clean().apply(opened, recipe, NO_DATA, SilentToken()).model
    result = PruneChannels().apply(cleaned, recipe, NO_DATA, SilentToken())
    weight = cleaned.layer(LAYER).weight
    kept = np.sort(np.argsort(-scale, kind="stable")[: len(scale) // 2])
    np.testing.assert_array_equal(result.model.constant(weight), cleaned.constant(weight)[kept])
    assert not result.notes
    assert b"norm_scale" not in cleaned.to_bytes()


def _three_layers() -> Model:
    """Two layers that make four channels, one of which makes an odd one out, and a third that reads them."""
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 3, 4)).astype(np.float32)
    first[:, 3] = first[:, 2] = (first[:, 0] + first[:, 1]) / 2
    third = rng.standard_normal((4, 5)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["a"], "first"),
        helper.make_node("MatMul", ["x", "w1"], ["b"], "second"),
        helper.make_node("Add", ["a", "b"], ["c"], "sum"),
        helper.make_node("MatMul", ["c", "w2"], ["y"], "third"),
    ]
    return model_of(nodes, (6, 3), {"w0": first, "w1": second, "w2": third})


def _saliency(criterion: str) -> np.ndarray:
    model = _three_layers()
    found, used, remark = Saliency(model, criterion).of(model.channels.groups[0])
    assert (used, remark) == (criterion, "")
    return found


def test_the_group_norm_counts_what_reads_a_channel_too() -> None:
    model = _three_layers()
    squares = [np.square(model.constant(name)) for name in ("w0", "w1", "w2")]
    sums = [squares[0].sum(axis=0), squares[1].sum(axis=0), squares[2].sum(axis=1)]
    np.testing.assert_allclose(np.square(_saliency("group_norm")), sum(one / one.mean() for one in sums), rtol=1e-5)


def test_the_geometric_median_is_far_from_no_channel() -> None:
    model = _three_layers()
    columns = [model.constant(name).T for name in ("w0", "w1")]
    distances = sum(np.linalg.norm(one[:, None] - one[None], axis=2).sum(axis=1) for one in columns)
    np.testing.assert_allclose(_saliency("geometric_median"), distances, rtol=1e-5)


def test_energies_are_those_of_what_is_read() -> None:
    model = _three_layers()
    x = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32)
    batches = [{"x": x}, {"x": x}]
    read = np.square(x @ model.constant("w0") + x @ model.constant("w1")).sum(axis=0)
    found = energies(model, model.channels.groups[:1], batches, SilentToken())[0]
    np.testing.assert_allclose(found, read / read.mean(), rtol=1e-5)
    assert energies(model, model.channels.groups[:1], [], SilentToken()) == {}


@pytest.mark.parametrize("criterion", ["group_norm", "geometric_median", "activation", "reconstruction"])
def test_every_criterion_cuts_what_was_asked(criterion: str) -> None:
    model = _three_layers()
    recipe = Recipe(layers={"first": LayerOverride(prune=0.5)}, methods=Methods(prune=PruneMethod(criterion=criterion)))
    x = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32)
    calibration = DataCalibration(lambda: iter([{"x": x}]), 6, False, {})
    result = PruneChannels().apply(model, recipe, calibration, SilentToken())
    assert result.model.constant("w2").shape == (2, 5)
