import random

import pytest
from msgspec.structs import replace

from desktop_app.core.layer import Axis, Beside, ChannelGroup, Layer, Span
from desktop_app.core.methods import LowRankMethod, Methods, PruneMethod
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.predictor import Predictor
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import BITS, LayerOverride, LayerSettings
from desktop_app.core.summary import LayerCurve, LayerProfile, ModelSummary

LAYERS, CHANNELS = 40, 16


def a_layer(place: int) -> Layer:
    """Every fifth layer makes the channels of the layer before it, too; every seventh has constants of other groups."""
    weights = CHANNELS * CHANNELS * 9
    beside = (Beside(4 * CHANNELS, (Axis(CHANNELS, (Span(place - 2, CHANNELS),)),)),) if place % 7 == 3 else ()
    own = place - 1 if place % 5 == 4 else place
    return Layer(
        f"/block{place // 4}/conv{place}", "Conv", (), (CHANNELS, CHANNELS, 3, 3), (1, CHANNELS, 7, 7),
        weights + CHANNELS * (5 if beside else 1), weights * 49, 4 * (weights + CHANNELS * (5 if beside else 1)),
        output=Axis(CHANNELS, (Span(own, CHANNELS),)),
        input=Axis(CHANNELS, (Span(place - 1, CHANNELS),) if place else ()),
        beside=beside, per_channel=1, kernel=(3, 3), input_shape=(1, CHANNELS, 7, 7),
        refusals={"rank": "no"} if place % 6 == 0 else {},
    )  # fmt: skip


@pytest.fixture
def model() -> ModelSummary:
    layers = tuple(a_layer(place) for place in range(LAYERS))
    names = [layer.name for layer in layers]
    groups = tuple(
        ChannelGroup(
            place,
            CHANNELS,
            tuple(name for name, one in zip(names, layers, strict=True) if one.output.spans[0].group == place),
            tuple(names[place + 1 : place + 2]),
            "is an output" if place == LAYERS - 1 else "",
        )
        for place in range(LAYERS)
    )
    total = sum((Cost(one.bytes, one.params, one.macs) for one in layers), Cost(100))
    return ModelSummary("m", "", "", total.bytes, 100, 3, total, 17, "", (), (), layers, groups)


@pytest.fixture
def profile(model) -> LayerProfile:
    milliseconds = {layer.name: 1.0 + place / 100 for place, layer in enumerate(model.layers)}
    widths = ((CHANNELS // 2, 400.0), (CHANNELS, 900.0))
    curve = LayerCurve(widths, widths, int8_outputs=widths, int8_inputs=widths, changeover=(300.0, 500.0))
    return LayerProfile(50.0, milliseconds, 1, {layer.name: curve for layer in model.layers[::2]})


def edited(recipe: Recipe, model: ModelSummary, chance: random.Random) -> Recipe:
    """One edit of some kind, as the user may make it."""
    names = [layer.name for layer in chance.sample(model.layers, chance.choice((1, 1, 1, 3, 30)))]
    match chance.randrange(9):
        case 0:
            return recipe.without_layers(set(names))
        case 1:
            return replace(recipe, defaults=LayerSettings(bits=chance.choice(BITS), prune=chance.choice((0.0, 0.3))))
        case 2:
            return replace(recipe, layers={**recipe.layers, f"*conv{chance.randrange(4)}*": LayerOverride(bits=4)})
        case 3:
            target = chance.choice((None, 0.5))
            low_rank = LowRankMethod(target_macs=chance.choice((None, 0.5)))
            prune = PruneMethod(target_macs=target, round_to=chance.choice((1, 8)))
            return replace(recipe, methods=Methods(prune=prune, low_rank=low_rank))
        case 4:
            return Recipe()
        case _:
            changes = {
                "prune": chance.choice((0.0, 0.01, 0.4)), "bits": chance.choice(BITS),
                "locked": chance.random() < 0.3, "rank": chance.choice((None, 2, 0.5)),
            }  # fmt: skip
            return recipe.with_layers({name: LayerSettings(**changes) for name in names})


@pytest.mark.parametrize("seed", range(8))
def test_after_any_edits_what_is_told_is_what_a_prediction_from_nothing_tells(model, profile, seed):
    chance, predictor, recipe = random.Random(seed), Predictor(model), Recipe()
    for _ in range(60):
        recipe = edited(recipe, model, chance)
        known = profile if chance.random() < 0.8 else None
        assert predictor.predict(recipe, known) == predict(model, recipe, known)
        assert predictor.settings == recipe.settings_of(model.layers)


def test_an_edit_of_one_layer_leaves_what_was_told_before(model):
    predictor = Predictor(model)
    first = predictor.predict(Recipe())
    kept = dict(first.layers)
    second = predictor.predict(Recipe().with_layer(model.layers[5].name, LayerSettings(bits=8)))
    assert first.layers == kept
    assert second.layers[model.layers[5].name].bytes < kept[model.layers[5].name].bytes
