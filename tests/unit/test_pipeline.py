"""The order of the steps, the pass over the data that a stage shares, and the cache of unchanged prefixes."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx_ir as ir
import pytest
from msgspec.structs import replace

from desktop_app.core.errors import Cancelled
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Knob, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.pipeline import STEPS, CalibrationSamples, Pipeline, PrefixCache, outcomes_of
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.requests import Range, StatisticRequest
from desktop_app.steps.base import Step, StepResult

REQUEST = StatisticRequest("y", "range")


class _Recorder(Step):
    """Keeps the model and writes down that it ran, and what it was told of the data."""

    runs: list[str]
    told: list[Range]

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        return recipe.defaults.bits == 8 if self.knob == "bits" else True

    def needs(self, model: Model, recipe: Recipe) -> Sequence[StatisticRequest]:
        return (REQUEST,)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        token.check()
        self.runs.append(self.name)
        told = calibration.statistic(REQUEST)
        assert isinstance(told, Range)
        self.told.append(told)
        return StepResult(model.clone(), (Outcome(self.name, "layer", changed=True),))


def recorder(called: str, on: Knob | None, runs: list[str], told: list[Range]) -> type[Step]:
    return type(called, (_Recorder,), {"name": called, "title": called, "knob": on, "runs": runs, "told": told})


class CountedSamples:
    """Two batches of a (1, 3) input, and how often somebody went through them."""

    def __init__(self) -> None:
        self.passes = 0

    def batches(self) -> Iterator[Batch]:
        self.passes += 1
        for value in (-2.0, 5.0):
            yield {"x": np.full((1, 3), value, np.float32)}

    @property
    def as_samples(self) -> CalibrationSamples:
        return CalibrationSamples(self.batches, 2, synthetic=False, key="two")


@pytest.fixture
def model() -> Model:
    """A matrix of ones behind the input x, so that y is 3 x."""
    return Model(
        ir.from_onnx_text(
            """<ir_version: 8, opset_import: ["" : 17]>
            net (float[1, 3] x) => (float[1, 1] y) <float[3, 1] w = {1.0, 1.0, 1.0}> { y = MatMul(x, w) }"""
        )
    )


def carry_out(pipeline: Pipeline, model: Model, recipe: Recipe, data: CountedSamples) -> Mapping[str, bool]:
    """Step to whether it came from the cache."""
    done = tuple(pipeline.run(model, "key", recipe, data.as_samples, SilentToken()))
    assert [outcome.step for outcome in outcomes_of(done)] == [one.step.name for one in done]
    return {one.step.name: one.cached for one in done}


def test_the_steps_stand_in_the_order_that_the_design_gives() -> None:
    names = [step.name for step in STEPS]
    assert names[:7] == [
        "clean",
        "reduce_input",
        "swap_activations",
        "restructure",
        "prune_channels",
        "low_rank",
        "prune_weights",
    ]
    assert names[-1] == "pack"
    assert len(set(names)) == len(names)


def test_steps_of_a_stage_share_one_pass_over_the_data(model: Model) -> None:
    runs, told, data = [], [], CountedSamples()
    stages = ((recorder("a", "prune", runs, told), recorder("b", "rank", runs, told)),)
    carry_out(Pipeline(stages), model, Recipe(), data)
    assert runs == ["a", "b"]
    assert data.passes == 1
    assert told == [Range(-6.0, 15.0)] * 2


def test_a_late_change_does_not_redo_early_steps(model: Model) -> None:
    runs, told, data = [], [], CountedSamples()
    stages = ((recorder("prune", "prune", runs, told),), (recorder("quantise", "bits", runs, told),))
    pipeline = Pipeline(stages)
    eight = Recipe(defaults=LayerSettings(bits=8))
    assert carry_out(pipeline, model, Recipe(), data) == {"prune": False}
    assert carry_out(pipeline, model, eight, data) == {"prune": True, "quantise": False}
    assert carry_out(pipeline, model, eight, data) == {"prune": True, "quantise": True}
    pruned = replace(eight, defaults=LayerSettings(prune=0.5, bits=8))
    assert carry_out(pipeline, model, pruned, data) == {"prune": False, "quantise": False}
    assert runs == ["prune", "quantise", "prune", "quantise"]


def test_another_seed_or_method_is_another_result(model: Model) -> None:
    runs, told, data = [], [], CountedSamples()
    pipeline = Pipeline(((recorder("prune", "prune", runs, told),),))
    recipe = Recipe()
    methods = replace(recipe.methods, prune=replace(recipe.methods.prune, round_to=8))
    for changed in (recipe, replace(recipe, seed=1), replace(recipe, methods=methods)):
        assert carry_out(pipeline, model, changed, data) == {"prune": False}


def test_a_choice_from_the_cache_leaves_the_rest_of_a_newer_recipe_alone(model: Model) -> None:
    class Chooser(Step):
        name, title, knob = "chooser", "chooser", "prune"

        def wanted(self, model: Model, recipe: Recipe) -> bool:
            return True

        def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
            chosen = replace(recipe.methods.prune, round_to=4)
            settled = replace(recipe, methods=replace(recipe.methods, prune=chosen))
            widths = {layer.name: LayerSettings(prune=0.25, bits=recipe.defaults.bits) for layer in model.layers}
            return StepResult(model, recipe=settled.with_layers(widths))

    pipeline, data = Pipeline(((Chooser,),)), CountedSamples()
    for bits, cached in ((8, False), (4, True)):
        recipe = Recipe(defaults=LayerSettings(bits=bits))
        (done,) = pipeline.run(model, "key", recipe, data.as_samples, SilentToken())
        assert done.cached is cached
        assert done.recipe.methods.prune.round_to == 4
        settings = done.recipe.settings_of(model.layers).values()
        assert {(one.prune, one.bits) for one in settings} == {(0.25, bits)}


def test_a_cancelled_token_stops_before_the_next_step(model: Model) -> None:
    runs, told, data = [], [], CountedSamples()
    token = SilentToken()
    steps = Pipeline(((recorder("a", None, runs, told),), (recorder("b", None, runs, told),))).run(
        model, "key", Recipe(), data.as_samples, token
    )
    next(steps)
    token.cancelled = True
    with pytest.raises(Cancelled):
        next(steps)
    assert runs == ["a"]


def test_the_cache_forgets_what_was_not_used_for_longest(model: Model) -> None:
    cache, results = PrefixCache(capacity=2), [StepResult(model) for _ in range(3)]
    cache.put("a", results[0])
    cache.put("b", results[1])
    assert cache.get("a") is results[0]
    cache.put("c", results[2])
    assert (cache.get("b"), cache.get("a"), cache.get("c")) == (None, results[0], results[2])


def test_torch_is_imported_by_a_training_only() -> None:
    code = (
        "import sys, desktop_app.pipeline, desktop_app.run, desktop_app.jobs.worker; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
