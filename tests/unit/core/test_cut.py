import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.core.cut import Cut, channels_to_keep, cut_groups
from desktop_app.core.layer import Axis, ChannelGroup, Layer, Span
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride


def layer(name: str) -> Layer:
    return Layer(name, "Conv", (), (16, 16), (1, 16), 256, 256, 1024, output=Axis(16), input=Axis(16))


LAYERS = [layer("a"), layer("b"), layer("c")]
COUPLED = ChannelGroup(0, 16, ("a", "b"), ("c",))


def test_coupled_layers_are_cut_by_the_highest_ratio():
    recipe = Recipe(layers={"a": LayerOverride(prune=0.25), "b": LayerOverride(prune=0.5)})
    assert cut_groups(LAYERS, [COUPLED], recipe) == {0: Cut(8, 0.5)}


def test_a_group_of_which_nothing_is_asked_is_absent():
    assert cut_groups(LAYERS, [COUPLED], Recipe(layers={"c": LayerOverride(prune=0.5)})) == {}


@pytest.mark.parametrize("locked", ["b", "c"])
def test_a_locked_layer_keeps_the_whole_group(locked):
    recipe = Recipe(layers={"a": LayerOverride(prune=0.5), locked: LayerOverride(locked=True)})
    cut = cut_groups(LAYERS, [COUPLED], recipe)[0]
    assert cut.keep == 16
    assert locked in cut.refusal


def test_the_refusal_of_the_group_is_the_reason():
    group = ChannelGroup(0, 16, ("a",), (), "is an output of the model")
    cut = cut_groups(LAYERS, [group], Recipe(layers={"a": LayerOverride(prune=0.5)}))[0]
    assert cut == Cut(16, 0.5, "is an output of the model")


def test_a_ratio_that_rounds_to_nothing_says_so():
    recipe = Recipe(layers={"a": LayerOverride(prune=0.1)}, methods=Methods(prune=PruneMethod(round_to=8)))
    assert "rounds to none" in cut_groups(LAYERS, [COUPLED], recipe)[0].refusal


def test_of_the_layers_made_of_one_the_last_is_asked():
    parts = [replace(layer("b/depthwise"), origin="b"), replace(layer("b/pointwise"), origin="b")]
    read = ChannelGroup(0, 16, ("a", "b/depthwise"), ("b/pointwise",))
    made = ChannelGroup(1, 16, ("b/pointwise",), ())
    recipe = Recipe(layers={"b": LayerOverride(prune=0.5)})
    assert cut_groups([layer("a"), *parts], [read, made], recipe) == {1: Cut(8, 0.5)}


@given(st.integers(1, 512), st.floats(0.0, 0.99), st.sampled_from([1, 4, 8]), st.integers(1, 8))
def test_keeps_multiples_and_the_minimum(channels, ratio, round_to, minimum):
    kept = channels_to_keep(channels, ratio, PruneMethod(round_to=round_to, min_channels=minimum))
    assert min(channels, minimum) <= kept <= channels
    assert kept in (channels, minimum) or kept % round_to == 0


def test_an_axis_loses_the_cut_share_of_every_run():
    axis = Axis(8 * 9 + 4, (Span(0, 8, repeat=9), Span(1, 4)))
    assert axis.kept({0: 6}, {0: 8, 1: 4}) == 6 * 9 + 4
