from collections.abc import Sequence

import numpy as np
import pytest

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.methods import LowRankMethod, Methods, QuantizeMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.low_rank import LowRank
from desktop_app.steps.quantize_static import QuantizeStatic
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.truth.alone import Damage, affordable, by_step, changed_alone, reason_in
from tests.unit.steps.int8_nets import batches_of, mobile_net, quantize, residual_net, run, sqnr_db

WEIGHTS = Recipe(methods=Methods(quantize=QuantizeMethod(activations=False)))
SAMPLES = batches_of((8, 3, 16, 16), 2)


def damages(model: Model, layers: set[str], samples: int = 16) -> dict[str, dict[str, Damage]]:
    changes = {
        "int8": by_step(QuantizeStatic(), Recipe(), LayerSettings(bits=8)),
        "4 bits": by_step(QuantizeWeights(), WEIGHTS, LayerSettings(bits=4)),
        "half rank": by_step(LowRank(), Recipe(methods=Methods(low_rank=LowRankMethod())), LayerSettings(rank=0.3)),
    }
    batches = SAMPLES if model.shapes["x"][2] == 16 else batches_of((8, 3, 8, 8), 2)
    return dict(changed_alone(model, dict.fromkeys(layers, changes), iter(batches), samples, SilentToken()))


def test_fewer_bits_do_more_damage_to_the_layer_and_to_the_outputs() -> None:
    found = damages(mobile_net(), {"first", "pointwise", "y"})
    assert list(found) == ["first", "pointwise", "y"]
    for one in found.values():
        assert one["int8"].own_db > one["4 bits"].own_db > 10
        assert one["int8"].output_db > one["4 bits"].output_db
    assert found["y"]["int8"].own_db == found["y"]["int8"].output_db


@pytest.mark.parametrize("net", [mobile_net, residual_net])
def test_the_figure_is_that_of_the_whole_model_with_that_layer_changed(net: type) -> None:
    """The weight of one layer doubled, in the cut-out layer and in the whole model."""
    model = net()
    name = "first"

    def doubled(part: Model, *_: object) -> Model:
        part = part.clone()
        value = part.node(name).inputs[1]
        set_tensor(value, 2 * value.const_value.numpy())
        return part

    batches = SAMPLES if net is mobile_net else batches_of((8, 3, 8, 8), 2)
    ((_, damage),) = changed_alone(model, {name: {"": doubled}}, iter(batches), 8, SilentToken())
    whole = run(doubled(model), batches[0])
    assert damage[""].output_db == pytest.approx(sqnr_db(run(model, batches[0]), whole), abs=1e-3)


def test_changes_are_judged_on_samples_that_they_were_not_fitted_to() -> None:
    model, seen = mobile_net(), []

    def doubled(part: Model, batches: Sequence[Batch], _: object) -> Model:
        seen.append(sum(len(next(iter(batch.values()))) for batch in batches))
        part = part.clone()
        value = part.node("first").inputs[1]
        set_tensor(value, 2 * value.const_value.numpy())
        return part

    tries = {"first": {"": doubled}}
    ((_, damage),) = changed_alone(model, tries, iter(SAMPLES), 16, SilentToken(), held_out=8)
    assert seen == [8]
    part = doubled(model, SAMPLES, None)
    assert damage[""].output_db == pytest.approx(sqnr_db(run(model, SAMPLES[1]), run(part, SAMPLES[1])), abs=1e-3)
    ((_, damage),) = changed_alone(model, tries, iter(SAMPLES), 8, SilentToken(), held_out=4)  # a single batch
    assert seen[-1] == 8
    assert damage[""].output_db == pytest.approx(sqnr_db(run(model, SAMPLES[0]), run(part, SAMPLES[0])), abs=1e-3)


def test_what_cannot_be_changed_says_why() -> None:
    found = damages(mobile_net(), {"depthwise"})["depthwise"]["half rank"]
    assert "groups" in found.reason
    assert not found.reason.startswith("Low rank")


def test_a_layer_whose_weight_is_decoded_by_other_nodes_is_left() -> None:
    """What is quantised already stands behind DequantizeLinear, and is no layer when it is cut out."""
    small = quantize(mobile_net(), SAMPLES).model
    found = damages(small, {"first"})["first"]
    assert all("not a constant" in one.reason for one in found.values())


def test_reasons_of_other_words_are_told_whole() -> None:
    assert reason_in(NothingChangedError("nothing to do")) == "nothing to do"


def test_a_model_of_one_layer_without_anything_behind_it() -> None:
    model = mobile_net()
    (found,) = damages(model, {"y"}).values()
    assert np.isfinite(found["int8"].output_db)


def test_large_models_are_tried_on_fewer_samples() -> None:
    small = mobile_net()
    assert affordable(small, 20, 32) == 32
    macs = sum(layer.macs for layer in small.layers)
    assert affordable(small, 4 * 10**12 // macs, 32) == 1
    assert affordable(small, 10**12 // macs, 32) == 4
