"""The order of the steps, why it is so, and how they are run one after another."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import msgspec
from msgspec.structs import replace

from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Knob
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.collector import collect
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.base import Choice, Step, StepResult
from desktop_app.steps.clean import Clean
from desktop_app.steps.half import Half
from desktop_app.steps.low_rank import LowRank
from desktop_app.steps.pack import Pack
from desktop_app.steps.prune_channels import PruneChannels
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.quantize_dynamic import QuantizeDynamic
from desktop_app.steps.quantize_static import QuantizeStatic
from desktop_app.steps.quantize_weights import QuantizeWeights
from desktop_app.steps.recover import Recover
from desktop_app.steps.recover_quantised import RecoverQuantised
from desktop_app.steps.reduce_input import ReduceInput
from desktop_app.steps.restructure import Restructure
from desktop_app.steps.swap_activations import SwapActivations

STAGES: tuple[tuple[type[Step], ...], ...] = (
    (Clean,),  # first: folded normalisation and constants let every later step see plain weights
    (ReduceInput,),  # before what is measured or fitted: all of it depends on how large a picture is
    (SwapActivations,),  # before layers are fitted to what they read, and before channels are cut by it
    (Restructure,),  # before channels are cut: which belong together is another matter where operators are others
    (PruneChannels,),  # before low rank: it changes the shapes that a rank is a share of
    (LowRank,),
    (PruneWeights,),  # after low rank: a product of sparse matrices is not sparse
    (Recover,),  # once the structure is final, and before rounding, which it would undo
    (QuantizeStatic, QuantizeDynamic, QuantizeWeights, Half),  # last of what changes the structure
    (RecoverQuantised,),  # once rounded: what is trained is what will run
    (Pack,),  # how the values are stored, not what they are
)
"""The steps in order. Steps of one stage change different layers and share one pass over the data."""

METHOD_OF_KNOB: Mapping[Knob, str] = {
    "structure": "restructure",
    "prune": "prune",
    "rank": "low_rank",
    "bits": "quantize",
}
"""Where a recipe says how a knob is carried out."""

STEPS: tuple[type[Step], ...] = tuple(step for stage in STAGES for step in stage)


@dataclass(frozen=True)
class CalibrationSamples:
    """The calibration samples, as the pipeline needs them.

    Attributes:
        batches: Goes through them, the same way at every call.
        count: How many there are.
        synthetic: Whether they are made up.
        key: Names them for the cache of unchanged prefixes.
        training: Samples to train on; None where the recipe trains nothing.
        draft: Whether what is made is compared and not kept: methods then fit once, on less.
    """

    batches: Callable[[], Iterator[Batch]]
    count: int
    synthetic: bool
    key: str
    training: TrainingSamples | None = None
    draft: bool = False


@dataclass(frozen=True)
class StepDone:
    """A step was carried out: what came of it, how long it took, whether it came from the cache.

    `recipe` is what was asked for with all that was chosen so far written out.
    """

    step: type[Step]
    result: StepResult
    seconds: float
    cached: bool
    recipe: Recipe


@dataclass
class PrefixCache:
    """Results of the first steps of earlier runs, so that moving a late slider does not redo them."""

    capacity: int = 16
    _results: OrderedDict[str, StepResult] = field(default_factory=OrderedDict)

    def get(self, key: str) -> StepResult | None:
        """The result kept under `key`, if it is still there."""
        if key in self._results:
            self._results.move_to_end(key)
        return self._results.get(key)

    def put(self, key: str, result: StepResult) -> None:
        """Keeps a result, forgetting the one not used for longest."""
        self._results[key] = result
        if len(self._results) > self.capacity:
            self._results.popitem(last=False)


class Pipeline:
    """Ordered steps over one recipe."""

    def __init__(self, stages: Sequence[Sequence[type[Step]]] = STAGES, cache: PrefixCache | None = None) -> None:
        self._stages = stages
        self._cache = cache or PrefixCache()
        self._chosen: dict[str, Choice | None] = {}

    def run(
        self,
        model: Model,
        key: str,
        recipe: Recipe,
        samples: CalibrationSamples,
        token: Token,
        teacher: Model | None = None,
    ) -> Iterator[StepDone]:
        """Carries out the steps that the recipe asks for, one after another, telling each as it is done.

        What a step chooses by measuring is written into the recipe that it and the steps after it follow.

        Args:
            model: The opened model; stays as it is.
            key: Names the model for the cache of unchanged prefixes (its hash).
            recipe: What is asked for.
            samples: The calibration samples.
            token: Hears of progress; says when to stop.
            teacher: What a training comes near to; the opened model itself where there is no other.

        Raises:
            Cancelled: when the token says so.
            NothingChangedError: when a step was asked for changes and could make none.
        """
        original = teacher or model
        for stage in self._stages:
            recipe, choices = self._choose(stage, model, key, recipe, samples, token)
            wanted = [step() for step in stage if step in choices or step().wanted(model, recipe)]
            calibration: DataCalibration | None = None
            at_start = model
            for step in wanted:
                token.check()
                token.report(Progress(step.name, 0.0))
                started = perf_counter()
                key = prefix_key(key, step, at_start, recipe, samples)
                result = self._cache.get(key)
                cached = result is not None
                if result is None:
                    if calibration is None:
                        calibration = _calibrate(wanted, at_start, original, recipe, samples, token)
                    result = _carry_out(step, model, recipe, calibration, token, choices.get(type(step)))
                    self._cache.put(key, result)
                if result.recipe is not None:
                    recipe = with_choice(recipe, result.recipe, step, model)
                model = result.model
                token.report(Progress(step.name, 1.0))
                yield StepDone(type(step), result, perf_counter() - started, cached, recipe)

    def _choose(
        self,
        stage: Sequence[type[Step]],
        model: Model,
        key: str,
        recipe: Recipe,
        samples: CalibrationSamples,
        token: Token,
    ) -> tuple[Recipe, dict[type[Step], Choice]]:
        """The recipe with what the steps of a stage choose on this machine, and these choices; kept from run to run."""
        choices: dict[type[Step], Choice] = {}
        for step in (kind() for kind in stage):
            if not step.wanted(model, recipe):
                continue
            place = prefix_key(key, step, model, recipe, samples)
            if place not in self._chosen:
                self._chosen[place] = step.choose(model, recipe, token)
            choice = self._chosen[place]
            if choice is not None:
                recipe, choices[type(step)] = with_choice(recipe, choice.recipe, step, model), choice
        return recipe, choices


def _carry_out(
    step: Step, model: Model, recipe: Recipe, calibration: Calibration, token: Token, choice: Choice | None
) -> StepResult:
    """What a step makes of the model, and what it chose beforehand; that may leave it nothing to do."""
    if choice is None:
        return step.apply(model, recipe, calibration, token)
    result = step.apply(model, recipe, calibration, token) if step.wanted(model, recipe) else StepResult(model)
    order = {layer.origin or layer.name: position for position, layer in enumerate(model.layers)}
    outcomes = sorted((*choice.outcomes, *result.outcomes), key=lambda one: order.get(one.layer, len(order)))
    notes = (*choice.notes, *result.notes)
    return StepResult(result.model, tuple(outcomes), notes, result.recipe or choice.recipe, result.kept)


def prefix_key(before: str, step: Step, model: Model, recipe: Recipe, samples: CalibrationSamples) -> str:
    """Names the result of `step` by all that it depends on: what came before, and its own part of the recipe."""
    depends: list[object] = [before, step.name]
    if step.knob is not None:
        settings = {layer.origin: recipe.settings_for(layer) for layer in model.layers}
        depends += [sorted((name, step.asked_of(one), one.locked) for name, one in settings.items())]
        depends += [getattr(recipe.methods, METHOD_OF_KNOB[step.knob])]
    if step.method is not None:
        depends += [getattr(recipe.methods, step.method)]
    if step.knob is not None or step.method is not None:
        depends += [recipe.seed, recipe.data, samples.key, samples.draft]
    return hashlib.sha256(msgspec.json.encode(depends)).hexdigest()


def with_choice(recipe: Recipe, chosen: Recipe, step: Step, model: Model) -> Recipe:
    """The recipe with the part of `step` taken from `chosen`.

    What was chosen may come from the cache, where the rest of the recipe is that of an earlier run.
    """
    if step.knob is None:
        own = {} if step.method is None else {step.method: getattr(chosen.methods, step.method)}
        return replace(recipe, methods=replace(recipe.methods, **own))
    name, now, then = METHOD_OF_KNOB[step.knob], recipe.settings_of(model.layers), chosen.settings_of(model.layers)
    changed = {
        layer.origin or layer.name: replace(
            now[layer.name], **{knob: getattr(then[layer.name], knob) for knob in asked}
        )
        for layer in model.layers
        if (asked := step.asked_of(now[layer.name])) != step.asked_of(then[layer.name])
    }
    methods = replace(recipe.methods, **{name: getattr(chosen.methods, name)})
    return replace(recipe, methods=methods).with_layers(changed)


def outcomes_of(done: Sequence[StepDone]) -> tuple[Outcome, ...]:
    """What all steps did to the layers, in order."""
    return tuple(outcome for one in done for outcome in one.result.outcomes)


def _calibrate(
    steps: Sequence[Step], model: Model, original: Model, recipe: Recipe, samples: CalibrationSamples, token: Token
) -> DataCalibration:
    """The statistics that the steps of a stage ask for, from one pass over the data."""
    requests = dict.fromkeys(request for step in steps for request in step.needs(model, recipe))
    statistics = collect(model, tuple(requests), samples.batches(), token) if requests else {}
    return DataCalibration(
        samples.batches, samples.count, samples.synthetic, statistics, original, samples.training, samples.draft
    )
