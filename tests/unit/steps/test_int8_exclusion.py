import numpy as np
import pytest

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.steps.base import StepResult
from tests.unit.steps.int8_nets import Net, batches_of, mobile_net, quantize, recipe_of, run, sqnr_db

SAMPLES = batches_of((16, 3, 16, 16))


def lopsided_net() -> Model:
    """Three convolutions, the second of which 8 bits do not suit: one weight of each channel dwarfs all others."""
    net = Net()
    net.op("Relu", [net.conv("first", "x", 3, 8)], "a")
    weight = np.random.default_rng(3).standard_normal((8, 8, 3, 3)).astype(np.float32) * 0.02
    weight[:, 0, 0, 0] = 30.0
    net.op("Conv", ["a", net.constant("second.weight", weight)], "second", pads=[1] * 4)
    net.op("Relu", ["second"], "b")
    net.conv("third", "b", 8, 4)
    return net.model(["n", 3, 16, 16], "third")


def left(result: StepResult) -> dict[str, str]:
    return {outcome.layer: outcome.reason for outcome in result.outcomes if not outcome.changed}


def test_the_worst_layer_is_left_in_float_and_says_what_it_would_cost() -> None:
    model = mobile_net()
    all_of_it, without_worst = quantize(model, SAMPLES), quantize(model, SAMPLES, recipe_of(exclude=1))
    ((name, reason),) = left(without_worst).items()
    assert "dB of the output" in reason
    assert not left(all_of_it)
    whole = run(model, SAMPLES[0])
    assert sqnr_db(whole, run(without_worst.model, SAMPLES[0])) > sqnr_db(whole, run(all_of_it.model, SAMPLES[0]))
    assert without_worst.model.node(name).inputs[1].producer() is None


def test_layers_stay_in_float_until_the_outputs_keep_what_was_asked_for() -> None:
    model = lopsided_net()
    whole = run(model, SAMPLES[0])
    plain = sqnr_db(whole, run(quantize(model, SAMPLES).model, SAMPLES[0]))
    target = plain + 3.0
    result = quantize(model, SAMPLES, recipe_of(min_sqnr_db=target))
    assert sqnr_db(whole, run(result.model, SAMPLES[0])) > target - 0.5
    assert 0 < len(left(result)) < 3
    assert any("dB" in note for note in result.notes)


def test_nothing_is_left_where_the_target_is_met_anyway() -> None:
    assert not left(quantize(mobile_net(), SAMPLES, recipe_of(min_sqnr_db=5.0)))


def test_the_choice_is_written_out_and_replays_to_the_same_bytes() -> None:
    model = mobile_net()
    result = quantize(model, SAMPLES, recipe_of(exclude=2))
    assert isinstance(result.recipe, Recipe)
    assert result.recipe.methods.quantize.exclude == 0
    assert quantize(model, SAMPLES, result.recipe).model.to_bytes() == result.model.to_bytes()


@pytest.mark.parametrize(
    ("method", "said"), [({"exclude": 9}, "all 4 layers"), ({"min_sqnr_db": 149.0}, "could not keep 149 dB")]
)
def test_what_would_leave_everything_in_float_is_refused(method: dict[str, float], said: str) -> None:
    with pytest.raises(NothingChangedError, match=said):
        quantize(mobile_net(), SAMPLES, recipe_of(**method))
