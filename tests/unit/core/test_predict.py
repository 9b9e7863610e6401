import pytest
from msgspec.structs import replace

from desktop_app.core.changed_cost import PACKED_NODES_BYTES, ROUNDING_NODES_BYTES
from desktop_app.core.layer import Axis, ChannelGroup, Layer, Span
from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.summary import LayerCurve, LayerProfile, ModelSummary

POSITIONS = 49


def convolution(name: str, output: Axis, inputs: Axis, groups: int = 1) -> Layer:
    weights = output.size * inputs.size * 9
    return Layer(
        name,
        "Conv",
        (),
        (output.size, inputs.size, 3, 3),
        (1, output.size, 7, 7),
        weights + output.size,
        weights * POSITIONS,
        4 * (weights + output.size),
        output=output,
        input=inputs,
        per_channel=1,
        kernel=(3, 3),
        input_shape=(1, inputs.size, 7, 7),
        convolution_groups=groups,
    )


def summary(*layers: Layer, groups: tuple[ChannelGroup, ...] = ()) -> ModelSummary:
    total = sum((Cost(one.bytes, one.params, one.macs) for one in layers), Cost())
    return ModelSummary("m", "", "", total.bytes + 100, 100, 3, total, 17, "", (), (), layers, groups)


@pytest.fixture
def chain() -> ModelSummary:
    """Convolution of 3 to 16 channels, depthwise, 16 to 32 (which the model gives, so it stays)."""
    group = Span(0, 16)
    return summary(
        convolution("first", Axis(16, (group,)), Axis(3)),
        convolution("depthwise", Axis(16, (group,)), Axis(1), groups=16),
        convolution("last", Axis(32, (Span(1, 32),)), Axis(16, (group,))),
        groups=(
            ChannelGroup(0, 16, ("first", "depthwise"), ("last",)),
            ChannelGroup(1, 32, ("last",), (), "is an output of the model"),
        ),
    )


def test_nothing_asked_nothing_changed(chain):
    prediction = predict(chain, Recipe())
    assert prediction.cost == replace(chain.cost, bytes=chain.bytes)
    assert prediction.refusals == {}


def test_pruning_cuts_producers_and_consumers(chain):
    prediction = predict(chain, Recipe(defaults=LayerSettings(prune=0.5)))
    assert prediction.layers["first"] == Cost(4 * (8 * 27 + 8), 8 * 27 + 8, 8 * 27 * POSITIONS)
    assert prediction.layers["depthwise"].macs == 8 * 9 * POSITIONS
    assert prediction.layers["last"].params == 32 * 8 * 9 + 32
    assert prediction.refusals == {"last": {"prune": "is an output of the model"}}


def test_the_rank_is_a_share_of_what_pruning_left(chain):
    recipe = Recipe(defaults=LayerSettings(prune=0.5), layers={"last": LayerOverride(rank=0.25)})
    rank = 8  # a quarter of min(32, 8 * 9)
    assert predict(chain, recipe).layers["last"].params == rank * (8 * 9 + 32) + 32
    assert predict(chain, recipe).layers["last"].macs == rank * (8 * 9 + 32) * POSITIONS


def test_products_beside_a_layer_follow_its_channels_and_not_its_rank(chain):
    first = replace(chain.layers[0], macs=chain.layers[0].macs + 1000, beside_macs=1000)
    summarised = replace(chain, layers=(first, *chain.layers[1:]))
    halved = predict(summarised, Recipe(defaults=LayerSettings(prune=0.5)))
    assert halved.layers["first"].macs == 8 * 27 * POSITIONS + 500
    low_rank = predict(summarised, Recipe(layers={"first": LayerOverride(rank=2)}))
    assert low_rank.layers["first"].macs == 2 * (27 + 16) * POSITIONS + 1000


def test_what_would_not_save_is_refused_with_the_break_even_rank(chain):
    prediction = predict(chain, Recipe(layers={"last": LayerOverride(rank=32)}))
    assert "saves below" in prediction.refusals["last"]["rank"]
    assert prediction.layers["last"] == predict(chain, Recipe()).layers["last"]


def test_a_locked_layer_stays_as_it_is(chain):
    settings = LayerOverride(rank=2, bits=8, prune=0.5, locked=True)
    profile = LayerProfile(3.0, {"first": 1.0, "last": 2.0}, 1)
    prediction = predict(chain, Recipe(layers={"last": settings}), profile)
    assert prediction.cost == predict(chain, Recipe()).cost
    assert prediction.latency_ms == pytest.approx(3.0)


def test_weights_pruned_in_place_keep_the_shapes(chain):
    recipe = Recipe(defaults=LayerSettings(prune=0.5), methods=Methods(prune=PruneMethod(unit="weights")))
    pruned, whole = predict(chain, recipe).cost, predict(chain, Recipe()).cost
    assert (pruned.params, pruned.macs) == (whole.params, whole.macs)


@pytest.mark.parametrize(("unit", "prune", "share"), [("weights", 0.8, 0.23), ("2:4", 0.5, 0.53), ("weights", 0.05, 1)])
def test_many_zeros_are_stored_sparse(chain, unit, prune, share):
    recipe = Recipe(defaults=LayerSettings(prune=prune), methods=Methods(prune=PruneMethod(unit=unit)))
    last, before = predict(chain, recipe).layers["last"].bytes, chain.layers[-1].bytes
    assert last == pytest.approx(share * before, abs=500)
    assert last <= before


def test_eight_bits_store_a_quarter_and_what_refuses_them_stays(chain):
    first, depthwise, last = chain.layers
    refused = replace(chain, layers=(first, depthwise, replace(last, refusals={"bits": "no"})))
    prediction = predict(refused, Recipe(defaults=LayerSettings(bits=8)))
    assert prediction.refusals == {"last": {"bits": "no"}}
    assert prediction.layers["last"].bytes == last.bytes
    nodes = ROUNDING_NODES_BYTES  # for so few weights, most of it
    assert 16 * 27 < prediction.layers["first"].bytes - nodes < 0.4 * first.bytes


def test_six_bits_share_bytes_only_where_that_saves(chain):
    def saved(name: str) -> int:
        eight, six = (predict(chain, Recipe(defaults=LayerSettings(bits=bits))).layers[name].bytes for bits in (8, 6))
        return eight - six

    assert saved("first") == 0
    assert saved("last") == 32 * 16 * 9 // 4 - PACKED_NODES_BYTES


def test_latency_follows_the_work_and_the_bits(chain):
    profile = LayerProfile(4.0, {"first": 1.0, "depthwise": 1.0, "last": 1.0}, 1)
    assert predict(chain, Recipe(), profile).latency_ms == pytest.approx(4.0)
    assert predict(chain, Recipe(defaults=LayerSettings(prune=0.5)), profile).latency_ms == pytest.approx(2.5)
    eight = Recipe(defaults=LayerSettings(bits=8))
    assert predict(chain, eight, profile).latency_ms < 4.0
    weights_only = replace(eight, methods=Methods(quantize=QuantizeMethod(activations=False)))
    assert predict(chain, weights_only, profile).latency_ms == pytest.approx(4.0)


def test_going_over_between_floats_and_integers_takes_its_time_once_at_each_border(chain):
    milliseconds = {layer.name: 1.0 for layer in chain.layers}

    def latency(changeover: tuple[float, float], *eight: str) -> float:
        curves = {
            layer.name: LayerCurve(
                ((layer.output.size, 900.0),), int8_outputs=((layer.output.size, 450.0),), changeover=changeover
            )
            for layer in chain.layers
        }
        recipe = Recipe().with_layers({name: LayerSettings(bits=8) for name in eight})
        return predict(chain, recipe, LayerProfile(3.0, milliseconds, 1, curves)).latency_ms or 0.0

    into, back = (0.125, 0.25)
    borders = {(): 0.0, ("depthwise",): into + back, ("depthwise", "last"): into, ("first", "last"): 2 * into + back}
    for eight, expected in borders.items():
        with_borders = latency((1e3 * into, 1e3 * back), *eight)
        assert with_borders - latency((0.0, 0.0), *eight) == pytest.approx(expected), eight


def test_bits_that_no_kernel_computes_in_take_as_long_as_floats(chain):
    last = chain.layers[-1]
    points = ((last.output.size // 2, 700.0), (last.output.size, 900.0))
    curve = LayerCurve(points, second=points, int8_outputs=points, int8_second=points)
    profile = LayerProfile(3.0, {layer.name: 1.0 for layer in chain.layers}, 1, {last.name: curve})

    def latency(bits: int) -> float:
        settings = LayerSettings(prune=0.5, rank=0.5, bits=bits)
        return predict(chain, Recipe().with_layers({last.name: settings}), profile).latency_ms or 0.0

    assert latency(4) == latency(32)
    assert latency(4) != latency(8)


def test_layers_without_weights_keep_their_cost():
    layer = Layer("loop", "Loop", (), (), (), 5, 7, 20)
    assert predict(summary(layer), Recipe(defaults=LayerSettings(rank=0.5, bits=8))).layers["loop"] == Cost(20, 5, 7)
