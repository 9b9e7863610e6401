import numpy as np
import pytest

from desktop_app.core.look import MOST_POINTS
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.look import BINS, look_at, look_at_activations, looks_ahead
from desktop_app.steps.clean import Clean
from tests.unit.graph.nets import conv_norm, net, normal


def matrix(weight: np.ndarray, ones: str = "MatMul(x, w)") -> Model:
    rows, columns = weight.shape
    return net(f"g (float[N, {rows}] x) => (float[N, {columns}] y) {{ y = {ones} }}", w=weight)


def look(model: Model, name: str = "y"):
    return look_at(model, model.layer(name), SilentToken())


def test_every_element_is_counted_and_the_ends_are_exact() -> None:
    weight = normal(20, 30)
    weight[0, :6] = 0.0
    seen = look(matrix(weight)).weight
    assert sum(seen.histogram.counts) == seen.count == 600
    assert len(seen.histogram.counts) == BINS
    assert (seen.low, seen.high) == pytest.approx((weight.min(), weight.max()), rel=1e-5)
    assert seen.zeros == pytest.approx(0.01)
    assert seen.magnitudes[0] == 0.0
    assert seen.magnitudes[50] == pytest.approx(np.median(np.abs(weight)), rel=1e-4)


def test_norms_are_those_of_the_outputs_and_rise() -> None:
    weight = normal(8, 12) * np.linspace(3, 1, 12, dtype=np.float32)
    seen = look(matrix(weight)).channels
    assert seen.count == 12
    assert seen.norms == pytest.approx(np.sort(np.linalg.norm(weight, axis=0)), rel=1e-4)


def test_a_weight_of_low_rank_shows_it() -> None:
    weight = normal(16, 3) @ normal(3, 24)
    seen = look(matrix(weight)).spectrum
    assert seen.full == 16
    assert seen.kept[2] == pytest.approx(1.0, abs=1e-5)
    assert seen.values[:3] == pytest.approx(np.linalg.svd(weight, compute_uv=False)[:3], rel=1e-3)
    assert seen.values[3] < 1e-3 * seen.values[0]


def test_more_bits_lose_less_and_a_bit_is_worth_about_six_decibel() -> None:
    noise = dict(look(matrix(normal(64, 64))).noise)
    assert [noise[bits] for bits in sorted(noise)] == sorted(noise.values())
    assert noise[8] - noise[5] == pytest.approx(18, abs=3)


def test_a_normalisation_is_folded_in_before_anything_is_looked_at() -> None:
    model = conv_norm()
    cleaned = Clean().apply(model, Recipe(), NO_DATA, SilentToken()).model
    assert look(model, "c").channels.norms != look(cleaned, "c").channels.norms


def test_what_cannot_be_told_says_why() -> None:
    broken = normal(4, 4)
    broken[1, 1] = np.nan
    assert look(matrix(broken)).reason == "its weights are not all finite"
    grouped = net(
        "g (float[N, 4, 5, 5] x) => (float[N, 4, 5, 5] y) { y = Conv <group = 4, pads = [1, 1, 1, 1]> (x, w) }",
        w=normal(4, 1, 3, 3),
    )
    seen = look(grouped)
    assert seen.spectrum is None
    assert "groups" in seen.spectrum_reason
    assert seen.channels.count == 4


def test_many_channels_are_thinned_out_with_both_ends() -> None:
    weight = normal(2, 5000)
    seen = look(matrix(weight)).channels
    norms = np.linalg.norm(weight, axis=0)
    assert seen.count == 5000
    assert len(seen.norms) == MOST_POINTS
    assert (seen.norms[0], seen.norms[-1]) == pytest.approx((norms.min(), norms.max()), rel=1e-4)


def test_activations_are_those_behind_what_follows_the_layer() -> None:
    model = net("g (float[N, 4] x) => (float[N, 3] y) { a = MatMul(x, w)\n y = Relu(a) }", w=normal(4, 3))
    batch = {"x": normal(10, 4)}
    (seen,) = look_at_activations(model, [batch], 10, SilentToken())
    given = np.maximum(batch["x"] @ model.constant("w"), 0)
    assert seen.low == 0.0
    assert seen.high == pytest.approx(given.max(), rel=1e-4)
    assert sum(seen.histogram.counts) == given.size


def test_the_first_layers_are_looked_at_ahead_as_far_as_that_takes_no_time() -> None:
    model = net("g (float[N, 64] x) => (y) { a = MatMul(x, v) b = MatMul(a, u) y = MatMul(b, w) }", v=normal(64, 64),
                u=normal(64, 512), w=normal(512, 512))  # fmt: skip
    ahead = looks_ahead(model, model.layers, SilentToken())
    assert [one.layer for one in ahead] == ["a", "b"]
    assert ahead[0] == look(model, "a")
