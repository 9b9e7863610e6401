"""Layers that stay in float, so that the outputs keep their fidelity.

Every layer is quantised alone, and what that costs the outputs is measured. The errors of layers add up, nearly: so
which layers must stay in float can be told, and is then made sure of on the quantised model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.collector import samples_in
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.int8.sequence import SAMPLES as FITTED
from desktop_app.steps.truth.alone import affordable, by_step, changed_alone
from desktop_app.steps.truth.fidelity import decibel_of, noise_of, sqnr_db
from desktop_app.steps.truth.kernel_gain import gains_us
from desktop_app.steps.truth.trial import Completed, carried_out, tried, with_left, without

SAMPLES_ALONE, SAMPLES_TOGETHER = 24, 64
"""Calibration samples on which layers are tried alone, and the quantised model is measured."""

MOST_TRIALS = 6
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
        """Leaves as few layers, in the order of their price, as the measured figure demands; found by bisection.

        Errors of layers tried alone add up only nearly: they say where to look first, the quantised model decides.
        """
        others = sorted((one for one in self._alone if one.name not in self._excluded), key=lambda one: -one.price)
        order = [*self._excluded.values(), *others]
        least, most = len(self._excluded), len(order)
        found = self._measured(order[:least])
        if found < target:
            count, trials, least_found = self._guess(order, least, target, found), 0, found
            found = -1.0
            while most - least > 1 and trials < MOST_TRIALS:
                now = self._measured(order[:count])
                trials += 1
                if now >= target:
                    most, found = count, now
                else:
                    least, least_found = count, max(least_found, now)
                count = (least + most) // 2
            if found < target:
                raise NothingChangedError(
                    f"{self._step.title} could not keep {target:g} dB of signal to noise: the best of {trials + 1} "
                    f"attempts reached {least_found:.1f} dB. Ask for less."
                )
            least = most
        result = self._quantised({one.name: one for one in order[:least]}, carried_out)
        said = f"The outputs keep {found:.1f} dB on calibration data; at least {target:g} dB were asked for."
        return StepResult(result.model, result.outcomes, (*result.notes, said), result.recipe)

    def _guess(self, order: Sequence[Alone], least: int, target: float, found: float) -> int:
        """How many layers to leave by their noise alone, scaled to what was measured with the first `least` left."""
        noise = sum(one.noise for one in order[least:])
        allowed = noise * noise_of(target) / max(noise_of(found), 1e-30)
        for count in range(least + 1, len(order) - 1):
            noise -= order[count - 1].noise
            if noise <= allowed:
                return count
        return (least + len(order)) // 2

    def _measured(self, left: Sequence[Alone]) -> float:
        """Signal to noise of the quantised model; on samples that it was not fitted to, where there are enough."""
        result = self._quantised({one.name: one for one in left}, tried)
        return sqnr_db(self._model, result.model, self._unseen(), SAMPLES_TOGETHER, self._token)

    def _unseen(self) -> Iterator[Batch]:
        seen = FITTED if self._data.samples >= FITTED + SAMPLES_TOGETHER else 0
        for batch in self._data.batches():
            if seen <= 0:
                yield batch
            seen -= samples_in(batch)

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
        count = affordable(self._model, len(layers), SAMPLES_ALONE)
        for name, damages in changed_alone(self._model, tries, self._data.batches(), count, self._token):
            done = 0.5 * len(found) / len(layers)
            self._token.report(Progress(self._step.name, done, f"quantising {name} alone"))
            if not damages[""].reason:
                found.append(Alone(layers[name], noise_of(damages[""].output_db), gains.get(name, 0.0)))
        return found
