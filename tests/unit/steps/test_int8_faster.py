from collections.abc import Sequence

import pytest

from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.pipeline import CalibrationSamples, Pipeline, StepDone
from desktop_app.steps.int8 import faster
from desktop_app.steps.int8.faster import choose_faster, lengths_below
from tests.unit.steps.int8_nets import Net, batches_of, mobile_net, recipe_of

SAMPLES = batches_of((2, 3, 32, 32))


def chain() -> Model:
    """Four convolutions of three million multiply-accumulates."""
    net = Net()
    read, channels = "x", 3
    for number in range(4):
        read = net.op("Relu", [net.conv(f"c{number}", read, channels, 12)], f"r{number}")
        channels = 12
    return net.model(["n", 3, 32, 32], read)


def timed(monkeypatch: pytest.MonkeyPatch, integers: Sequence[float], turns: Sequence[float]) -> None:
    """Has rows of the chain take 100 us in float, as given in 8 bits; models as given in turns, then as in float."""
    rows = [{f"c{number}": 100.0 for number in range(4)}, {f"c{number}": one for number, one in enumerate(integers)}]
    monkeypatch.setattr(faster, "row_times", lambda *_, **__: rows)
    monkeypatch.setattr(faster, "take_turns", lambda models, **_: [*turns, *[turns[0]] * len(models)][: len(models)])
    monkeypatch.setattr(faster, "changeovers", lambda layers, _: [(10.0, 10.0) for _ in layers])


def run_pipeline(model: Model, recipe: Recipe) -> list[StepDone]:
    samples = CalibrationSamples(lambda: iter(SAMPLES), 4, True, "samples")
    return list(Pipeline().run(model, "model", recipe, samples, SilentToken()))


def test_what_is_slower_in_8_bits_keeps_float_activations_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [400.0, 300.0, 50.0, 50.0], [0.4, 0.8, 0.3])
    model = chain()
    done = run_pipeline(model, recipe_of())
    static = next(one.result for one in done if one.step.name == "quantize_static")
    reasons = {one.layer: one.reason for one in static.outcomes if not one.changed}
    assert set(reasons) == {"c0", "c1"}
    assert "100 us, and 400 us in 8 bits" in reasons["c0"]
    assert "0.3 ms with the activations of 2 layers in float" in static.notes[0]
    weights = next(one.result for one in done if one.step.name == "quantize_weights")
    assert [one.layer for one in weights.outcomes if one.changed] == ["c0", "c1"]
    assert all(layer.bits == 8 for layer in done[-1].result.model.layers)


def test_the_choice_is_written_out_and_replays_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [400.0, 300.0, 50.0, 50.0], [0.4, 0.8, 0.3])
    done = run_pipeline(chain(), recipe_of())
    settled = next(one.result.recipe for one in done if one.result.recipe is not None)
    assert settled.methods.quantize.weights_only == ("c0", "c1")
    assert not settled.methods.quantize.keep_faster
    assert run_pipeline(chain(), settled)[-1].result.model.to_bytes() == done[-1].result.model.to_bytes()


def test_where_nothing_gains_weights_alone_are_stored_in_8_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [200.0] * 4, [0.4, 0.8])
    done = run_pipeline(chain(), recipe_of())
    assert "so only weights are stored" in done[1].result.notes[0]
    assert "QuantizeLinear" not in {node.op_type for node in done[-1].result.model.graph}
    assert all(layer.bits == 8 for layer in done[-1].result.model.layers)
    assert [one.step.name for one in done] == ["clean", "quantize_static", "quantize_weights"]


def test_a_mixture_that_is_not_really_faster_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [400.0, 50.0, 50.0, 50.0], [0.4, 0.3, 0.31])
    choice = choose_faster(chain(), chain().layers, recipe_of(float_start=0.0), SilentToken())
    assert choice is not None
    assert not choice.outcomes
    assert not choice.recipe.methods.quantize.weights_only


def test_changing_over_has_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that loses 5 us among others that gain stays: two conversions take 20."""
    timed(monkeypatch, [50.0, 105.0, 50.0, 50.0], [0.4, 0.3, 0.2])
    choice = choose_faster(chain(), chain().layers, recipe_of(), SilentToken())
    assert choice is not None
    assert not choice.outcomes


def test_the_first_layers_stay_float_as_far_as_a_share_of_what_is_saved_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [50.0] * 4, [0.4, 0.2, 0.21])
    choice = choose_faster(chain(), chain().layers, recipe_of(float_start=0.35), SilentToken())
    assert choice is not None
    assert choice.recipe.methods.quantize.weights_only == ("c0",)
    assert "errors made there pass through" in choice.outcomes[0].reason


def test_first_layers_that_really_cost_more_than_is_allowed_do_not_stay_float(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [50.0] * 4, [0.4, 0.2, 0.3, 0.3])
    choice = choose_faster(chain(), chain().layers, recipe_of(float_start=0.35), SilentToken())
    assert choice is not None
    assert not choice.recipe.methods.quantize.weights_only


def test_of_several_starts_the_longest_is_taken_that_the_whole_model_bears_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the rows three layers can be afforded; the whole model takes longer with two of them than with three."""
    for turns, names in (
        ([0.4, 0.2, 0.21, 0.39, 0.22], ("c0", "c1", "c2")),
        ([0.4, 0.2, 0.21, 0.22, 0.39], ("c0", "c1")),
    ):
        timed(monkeypatch, [50.0] * 4, turns)
        choice = choose_faster(chain(), chain().layers, recipe_of(float_start=0.9), SilentToken())
        assert choice is not None
        assert choice.recipe.methods.quantize.weights_only == names


def test_starts_are_tried_below_what_the_rows_promise() -> None:
    assert lengths_below(0) == ()
    assert lengths_below(1) == (1,)
    for count in range(1, 200):
        lengths = lengths_below(count)
        assert list(lengths) == sorted(set(lengths))
        assert lengths[-1] == count
        assert lengths[0] >= 1
        assert len(lengths) <= 5


def test_equally_fast_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [100.0] * 4, [0.4, 0.4])
    choice = choose_faster(chain(), chain().layers, recipe_of(), SilentToken())
    assert choice is not None
    assert "smaller, not faster" in choice.notes[0]


def test_it_can_be_declined_and_small_models_are_let_be() -> None:
    assert choose_faster(chain(), chain().layers, recipe_of(keep_faster=False), SilentToken()) is None
    small = choose_faster(mobile_net(), mobile_net().layers, recipe_of(), SilentToken())
    assert small is not None
    assert not small.notes


def test_really_timed_it_ends_in_a_model_that_runs() -> None:
    done = run_pipeline(chain(), recipe_of())
    assert done[-1].result.model.to_bytes() != chain().to_bytes()
