"""A step tried with some layers left as they are."""

from collections.abc import Collection, Iterator, Mapping

from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.collector import collect
from desktop_app.stats.requests import Statistic, StatisticRequest
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.base import Step, StepResult, summed_cost


class Completed:
    """A calibration, and statistics that nobody had asked for when it was made."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._more: dict[StatisticRequest, Statistic] = {}

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self._calibration.samples

    @property
    def synthetic(self) -> bool:
        """Whether the samples are made up."""
        return self._calibration.synthetic

    def batches(self) -> Iterator[Batch]:
        """The samples, batch by batch, in the same order every time."""
        return self._calibration.batches()

    @property
    def original(self) -> Model | None:
        """The model as opened."""
        return self._calibration.original

    @property
    def training(self) -> TrainingSamples | None:
        """Samples to train on."""
        return self._calibration.training

    @property
    def draft(self) -> bool:
        """Whether what is made is compared and not kept."""
        return self._calibration.draft

    def statistic(self, request: StatisticRequest) -> Statistic:
        """The statistic. Raises KeyError for one that was never asked for."""
        return self._more[request] if request in self._more else self._calibration.statistic(request)

    def ask(self, model: Model, requests: Collection[StatisticRequest], token: Token) -> None:
        """Collects those of the requests that are not there yet."""
        missing = [request for request in requests if not self._has(request)]
        if missing:
            self._more |= collect(model, missing, self.batches(), token)

    def _has(self, request: StatisticRequest) -> bool:
        try:
            self.statistic(request)
        except KeyError:
            return False
        return True


def without(recipe: Recipe, layers: Collection[Layer]) -> Recipe:
    """The recipe with these layers in float, and without the choices that found them."""
    settings = recipe.settings_of(layers)
    origins = {layer.origin or layer.name: replace(settings[layer.name], bits=32) for layer in layers}
    method = replace(recipe.methods.quantize, exclude=0, min_sqnr_db=None, keep_faster=False)
    return replace(recipe.with_layers(origins), methods=replace(recipe.methods, quantize=method))


def tried(step: Step, model: Model, recipe: Recipe, calibration: Completed, token: Token) -> StepResult:
    """What the step makes of the model by this recipe."""
    calibration.ask(model, step.needs(model, recipe), token)
    return step.apply(model, recipe, calibration, token)


def carried_out(step: Step, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
    """The same as a run by this recipe gives, to the byte.

    Histograms differ a little with what else is collected at the same time, so they are collected anew.
    """
    statistics = collect(model, step.needs(model, recipe), calibration.batches(), token)
    data = DataCalibration(calibration.batches, calibration.samples, calibration.synthetic, statistics)
    return step.apply(model, recipe, data, token)


def with_left(step: Step, model: Model, result: StepResult, left: Mapping[str, str]) -> tuple[Outcome, ...]:
    """The outcomes of a trial, and those of the layers that were left out of it, in order of execution.

    Args:
        step: What was tried.
        model: What it was tried on.
        result: What came of it.
        left: Name of a layer of the opened model to the reason why it was left out.
    """
    told = {outcome.layer: outcome for outcome in result.outcomes}
    for origin, reason in left.items():
        if origin not in told:
            cost = summed_cost(model, origin)
            told[origin] = Outcome(step.name, origin, False, reason, cost, cost)
    order = dict.fromkeys(layer.origin or layer.name for layer in model.layers)
    return tuple(told[origin] for origin in order if origin in told)
