import pytest
from msgspec.structs import replace

from desktop_app.core.methods import LowRankMethod
from desktop_app.core.rank import extents_of, full_ranks, with_ranks
from desktop_app.core.rank_choice import chosen, competing_factors, written
from desktop_app.core.settings import LayerSettings
from tests.unit.core.test_rank import convolution, gemm

FREE = LayerSettings()


@pytest.mark.parametrize("kind", ["channel", "spatial", "tucker2", "cp"])
def test_what_is_written_out_is_read_again(kind):
    layer = convolution()
    full = full_ranks(extents_of(layer, kind), kind)
    factor = with_ranks(extents_of(layer, kind), kind, tuple(min(9 + index, one) for index, one in enumerate(full)))
    assert chosen(layer, LowRankMethod(target_macs=0.5, chosen={"conv": written(factor)})) == factor


@pytest.mark.parametrize("choice", ["", "svd 4", "tucker2 4", "cp 4 4", "spatial"])
def test_what_does_not_fit_the_layer_is_not_taken(choice):
    assert chosen(convolution(), LowRankMethod(chosen={"conv": choice} if choice else {})) is None
    assert chosen(convolution(groups=4), LowRankMethod(chosen={"conv": "cp 4"})) is None


def test_a_rank_beyond_the_full_one_is_the_full_one():
    assert chosen(gemm(), LowRankMethod(chosen={"fc": "svd 9999"})).ranks == (64,)


def test_estimates_bring_the_model_to_its_target():
    first, second = convolution(), replace(convolution(), name="locked")
    depthwise = replace(convolution(groups=64, inputs=1), name="depthwise")
    layers = (first, second, depthwise)
    settings = {"conv": FREE, "locked": LayerSettings(locked=True), "depthwise": FREE}
    factors = competing_factors(layers, settings, LowRankMethod(target_macs=0.7))
    assert set(factors) == {"conv"}
    assert factors["conv"].approximate
    total = sum(layer.macs for layer in layers)
    assert total - first.macs * (1 - factors["conv"].macs_ratio) == pytest.approx(0.7 * total)


def test_nothing_is_foretold_without_a_target_or_of_a_signal_to_noise_ratio():
    settings = {"conv": FREE}
    assert competing_factors([convolution()], settings, LowRankMethod()) == {}
    assert competing_factors([convolution()], settings, LowRankMethod(target_sqnr_db=20.0)) == {}


def test_a_rank_of_its_own_does_not_compete():
    settings = {"conv": LayerSettings(rank=4)}
    assert competing_factors([convolution()], settings, LowRankMethod(target_macs=0.5)) == {}
