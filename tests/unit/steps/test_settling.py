"""A recipe by time becomes one by ratios that gives the same model."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.channel_pruning.settling import ELSEWHERE, settled_widths
from desktop_app.steps.prune_channels import PruneChannels
from tests.unit.steps.layer_nets import model_of


def _net() -> Model:
    rng = np.random.default_rng(0)
    shapes = {"w0": (32, 3, 3, 3), "w1": (48, 32, 1, 1), "w2": (32, 48, 3, 3), "w3": (5, 32, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["a"], "stem"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Conv", ["b", "w1"], ["c"], "wide"),
        helper.make_node("Conv", ["c", "w2"], ["d"], "narrow", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["b", "d"], ["e"], "sum"),
        helper.make_node("Conv", ["e", "w3"], ["y"], "head"),
    ]
    weights = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    return model_of(nodes, ("N", 3, 10, 10), weights)


def _calibration() -> DataCalibration:
    x = np.random.default_rng(1).standard_normal((24, 3, 10, 10)).astype(np.float32)
    return DataCalibration(lambda: iter([{"x": x}]), 24, False, {})


def _recipe(**method: object) -> Recipe:
    layers = {"narrow": LayerOverride(bits=8)}
    return Recipe(defaults=LayerSettings(prune=0.4), layers=layers, methods=Methods(prune=PruneMethod(**method)))


def test_the_settled_recipe_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model, recipe = _net(), _recipe(scope="latency", target_macs=0.6)
    result = PruneChannels().apply(model, recipe, _calibration(), SilentToken()).model
    settled, remark = settled_widths(model, result, recipe)
    assert remark == ""
    assert not settled.methods.prune.competing
    assert settled.layers["narrow"].bits == 8
    again = PruneChannels().apply(model, settled, _calibration(), SilentToken()).model
    assert again.to_bytes() == result.to_bytes()


def test_recipes_that_do_not_depend_on_time_stay() -> None:
    model, recipe = _net(), _recipe(target_macs=0.6)
    result = PruneChannels().apply(model, recipe, _calibration(), SilentToken()).model
    assert settled_widths(model, result, recipe) == (recipe, "")


def test_what_ratios_cannot_say_is_told() -> None:
    model, recipe = _net(), _recipe(scope="latency", target_macs=0.6)
    locked = Recipe(defaults=recipe.defaults, layers={"wide": LayerOverride(locked=True)}, methods=recipe.methods)
    result = PruneChannels().apply(model, _recipe(target_macs=0.6), _calibration(), SilentToken()).model
    assert settled_widths(model, result, locked) == (locked, ELSEWHERE)
