"""Layers that stay in float, so that the outputs keep their fidelity.

Every layer is quantised alone, and what that costs the outputs is measured. The errors of layers add up, nearly: so
which layers must stay in float can be told, and is then made sure of on the quantised model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.truth.alone import by_step, changed_alone
from desktop_app.steps.truth.fidelity import decibel_of, noise_of, sqnr_db
from desktop_app.steps.truth.kernel_gain import gains_us
from desktop_app.steps.truth.trial import Completed, carried_out, tried, with_left, without

SAMPLES_ALONE, SAMPLES_TOGETHER = 24, 64
"""Calibration samples on which layers are tried alone, and the quantised model is measured."""

MOST_TRIALS = 6
LEAST_STEP_DB = 0.3
"""By how much a trial that fell short makes the next aim higher, at least."""

LEAST_GAIN_US = 0.1
"""A layer that saves less counts as saving so much: cost by time saved must be finite."""


@dataclass(frozen=True)
class Alone:
    """Noise by signal of the outputs with only this layer in 8 bits; the microseconds that it saves."""

    layer: Layer
    noise: float
    gain_us: float

    @property
    def name(self) -> str:
        """Of the layer in the opened model."""
        return self.layer.origin or self.layer.name

    @property
    def price(self) -> float:
        """Noise for the time it saves."""
        return self.noise / max(self.gain_us, LEAST_GAIN_US)


def wanted(recipe: Recipe) -> bool:
    """Whether the recipe asks for layers to be chosen that stay in float."""
    return recipe.methods.quantize.exclude > 0 or recipe.methods.quantize.min_sqnr_db is not None


def with_exclusion(
    step: Step, model: Model, layers: Sequence[Layer], recipe: Recipe, calibration: Calibration, token: Token
) -> StepResult:
    """What the step makes of the model with the layers in float that the recipe's `exclude` and `min_sqnr_db` demand.

    Args:
        step: The static quantisation.
        model: The float model.
        layers: Those that are asked for 8 bits.
        recipe: What is asked for.
        calibration: The data.
        token: Hears of progress; says when to stop.

    Raises:
        NothingChangedError: when no layer can be quantised so.
    """
    search = _Search(step, model, layers, recipe, Completed(calibration), token)
    target = recipe.methods.quantize.min_sqnr_db
    return search.without_worst() if target is None else search.with_at_least(target)


class _Search:
    """One model whose layers were tried alone."""

    def __init__(
        self, step: Step, model: Model, layers: Sequence[Layer], recipe: Recipe, data: Completed, token: Token
    ) -> None:
        self._step, self._model, self._layers, self._recipe = step, model, layers, recipe
        self._data, self._token = data, token
        self._alone = self._try_alone()
        worst = sorted(self._alone, key=lambda one: -one.noise)
        self._excluded = {one.name: one for one in worst[: recipe.methods.quantize.exclude]}

    def without_worst(self) -> StepResult:
        """All but the worst quantised."""
        return self._quantised(self._excluded, carried_out)

    def with_at_least(self, target: float) -> StepResult:
        """Leaves layers by the predicted sum until the measured figure is reached; what is missed is aimed higher."""
        aim, found = target, 0.0
        for _ in range(MOST_TRIALS):
            chosen = self._chosen(aim)
            found = self._measured(self._quantised(chosen, tried))
            if found >= target:
                result = self._quantised(chosen, carried_out)
                said = f"The outputs keep {found:.1f} dB on calibration data; at least {target:g} dB were asked for."
                return StepResult(result.model, result.outcomes, (*result.notes, said), result.recipe)
            aim += max(target - found, LEAST_STEP_DB)
        raise NothingChangedError(
            f"{self._step.title} could not keep {target:g} dB of signal to noise: the last of {MOST_TRIALS} attempts "
            f"reached {found:.1f} dB. Ask for less."
        )

    def _chosen(self, aim: float) -> dict[str, Alone]:
        """Layers to leave, the costliest for the time they save first, until the rest adds up to no more than asked."""
        chosen = dict(self._excluded)
        noise = sum(one.noise for one in self._alone if one.name not in chosen)
        for one in sorted(self._alone, key=lambda one: -one.price):
            if decibel_of(noise) >= aim:
                break
            if one.name not in chosen:
                chosen[one.name] = one
                noise -= one.noise
        return chosen

    def _measured(self, result: StepResult) -> float:
        return sqnr_db(self._model, result.model, self._data.batches(), SAMPLES_TOGETHER, self._token)

    def _quantised(self, left: Mapping[str, Alone], carry_out: Callable[..., StepResult]) -> StepResult:
        if len(left) >= len(self._alone):
            raise NothingChangedError(
                f"{self._step.title} would leave all {len(self._alone)} layers that it could change in float: ask for "
                "a lower signal to noise, or for fewer layers to be excluded."
            )
        self._token.report(Progress(self._step.name, 0.5, f"with {len(left)} of {len(self._layers)} layers in float"))
        settled = without(self._recipe, [one.layer for one in left.values()])
        result = carry_out(self._step, self._model, settled, self._data, self._token)
        reasons = {name: self._reason(one) for name, one in left.items()}
        outcomes = with_left(self._step, self._model, result, reasons)
        return StepResult(result.model, outcomes, result.notes, result.recipe or settled)

    def _reason(self, one: Alone) -> str:
        total = sum(one.noise for one in self._alone)
        cost = decibel_of(max(total - one.noise, 0.0)) - decibel_of(total)
        return (
            f"left in float: quantising it alone costs {cost:.1f} dB of the output "
            f"(with nothing else in 8 bits {decibel_of(one.noise):.1f} dB remain)"
        )

    def _try_alone(self) -> list[Alone]:
        """Every layer that can be quantised, with what that costs and gives."""
        refused = self._step.refusals(self._model)
        layers = {layer.name: layer for layer in self._layers if layer.name not in refused}
        change = by_step(self._step, without(self._recipe, ()), LayerSettings(bits=8))
        gains = gains_us(self._model, layers, self._token)
        tries = {name: {"": change} for name in layers}
        found: list[Alone] = []
        samples = self._data.batches()
        for name, damages in changed_alone(self._model, tries, samples, SAMPLES_ALONE, self._token):
            done = 0.5 * len(found) / len(layers)
            self._token.report(Progress(self._step.name, done, f"quantising {name} alone"))
            if not damages[""].reason:
                found.append(Alone(layers[name], noise_of(damages[""].output_db), gains.get(name, 0.0)))
        return found
