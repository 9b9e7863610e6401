"""The promise of the dependency analysis: cutting channels of which nothing is left changes no output."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.core.cut import cut_groups
from desktop_app.core.errors import StudioError
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session
from desktop_app.io.onnx_reader import read_model
from tests.unit.graph.channel_nets import assert_same, outputs, random_feeds, without_either, without_making
from tests.unit.graph.dependency_blocks import image_nets, sequence_nets

LARGE = 10**9
"""Multiply-accumulates of models that are run on one sample only."""

FAST = settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck])


def _some(model: Model, rng: np.random.Generator) -> dict[int, np.ndarray]:
    """Of some groups that can be cut some channels, but not all."""
    keep = {}
    for group in model.channels.groups:
        if not group.refusal and rng.random() < 0.8:
            keep[group.id] = rng.random(group.channels) < 0.6
            keep[group.id][rng.integers(group.channels)] = True
    return keep


def _says_where(refusal: str, model: Model) -> bool:
    """Whether a reason names a node, or what the model reads or gives."""
    named = (f"{node.op_type} {node.name}" in refusal or refusal.endswith(node.name or "?") for node in model.graph)
    return "the model's " in refusal or any(named)


def _assert_promise(model: Model, seed: int, pure: bool) -> None:
    rng = np.random.default_rng(seed)
    assert all(_says_where(group.refusal, model) for group in model.channels.groups if group.refusal)
    keep = _some(model, rng)
    feeds = random_feeds(model, rng, samples=2)
    cut = outputs(cut_channels(model, keep), feeds)
    assert_same(outputs(without_either(model, keep), feeds), cut)
    if pure:
        assert_same(outputs(without_making(model, keep), feeds), cut)


@given(model=image_nets(), seed=st.integers(0, 99))
@FAST
def test_cuts_of_image_nets_are_exact(model: Model, seed: int) -> None:
    _assert_promise(model, seed, pure=False)


@given(model=sequence_nets(), seed=st.integers(0, 99))
@FAST
def test_cuts_of_sequence_nets_are_exact(model: Model, seed: int) -> None:
    _assert_promise(model, seed, pure=False)


@given(model=st.one_of(image_nets(pure=True), sequence_nets(pure=True)), seed=st.integers(0, 99))
@FAST
def test_channels_that_are_zero_need_not_be_read(model: Model, seed: int) -> None:
    _assert_promise(model, seed, pure=True)


def _halved(model: Model) -> tuple[int, int]:
    """Parameters as predicted for half the channels everywhere, and as the cut has them."""
    recipe = Recipe(defaults=LayerSettings(prune=0.5))
    groups = model.channels.groups
    total = sum((layer.params for layer in model.layers), 0)
    summary = ModelSummary("m", "", "", 0, 0, 0, Cost(0, total, 0), 17, "", (), (), model.layers, groups)
    cuts = cut_groups(model.layers, groups, recipe)
    keep = {group: np.arange(groups[group].channels) < cut.keep for group, cut in cuts.items() if not cut.refusal}
    left = sum(layer.params for layer in cut_channels(model, keep).layers)
    return predict(summary, recipe).cost.params, left


@given(model=st.one_of(image_nets(), sequence_nets()))
@FAST
def test_what_is_predicted_is_what_is_left(model: Model) -> None:
    predicted, left = _halved(model)
    assert predicted == left


def _feeds(model: Model) -> dict[str, np.ndarray] | None:
    """Inputs that the model takes: of two samples or one, long or short; None where none does."""
    large = sum(layer.macs for layer in model.layers) > LARGE
    for samples, length in ((1 if large else 2, None), (1, None), (1, 512)):
        feeds = random_feeds(model, np.random.default_rng(1), samples, length)
        try:
            outputs(model, feeds)
        except RUNTIME_ERRORS:
            continue
        return feeds
    return None


def _noise(model: Model, feeds: dict[str, np.ndarray]) -> float:
    """How far the model is from itself when nothing is fused: sums are rounded otherwise."""
    plain = open_session(model, optimise=False).run(None, feeds)
    pairs = zip(outputs(model, feeds), plain, strict=True)
    return max(float(np.abs(a - b).max()) / max(float(np.abs(a).max()), 1.0) for a, b in pairs if a.dtype.kind == "f")


@pytest.mark.corpus
def test_cuts_of_real_models_are_exact(shared_data: Path) -> None:
    checked = []
    for path in sorted((shared_data / "corpus").rglob("*.onnx")) + sorted((shared_data / "models").glob("*.onnx")):
        try:
            model = read_model(path)
            open_session(model)
        except StudioError:
            continue
        keep = _some(model, np.random.default_rng(0))
        feeds = _feeds(model) if keep else None
        if feeds is None:
            continue
        expected, found = outputs(without_either(model, keep), feeds), outputs(cut_channels(model, keep), feeds)
        try:
            assert_same(expected, found)
        except AssertionError:
            assert_same(expected, found, 10 * _noise(model, feeds))
        predicted, left = _halved(model)
        assert predicted == left
        checked.append(path.stem)
    assert len(checked) >= 18, checked
