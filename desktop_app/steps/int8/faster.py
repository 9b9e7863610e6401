"""Layers that 8 bits would make slower keep float activations.

Between operators that ONNX Runtime has only in float, integers must be converted to and fro, and some kernels are
slower on bytes. So the time of every row, with all that it takes around the layer, is measured in the float model and
in the quantised one. Which layers should be which, with what it costs to change over between them, is then a shortest
path; and whether the mixture is really faster is measured before it is taken.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from desktop_app.bench.row_times import row_times
from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.truth.changeover import changeovers
from desktop_app.steps.truth.shortest import cheaper_first
from desktop_app.steps.truth.trial import Completed, carried_out, tried, with_left, without

LEAST_MACS = 2_000_000
"""A model of less work takes some dozen microseconds, in which nothing can be told apart."""

LEAST_SHARE = 0.03
"""A mixture is tried when it should save so much of the time."""

TOLERANCE = 0.02
"""What differs by less counts as equally fast."""

PROFILE_SECONDS, TURN_SECONDS = 0.5, 1.5


def wanted(model: Model, recipe: Recipe) -> bool:
    """Whether the recipe asks for it, and the model is worth it."""
    return recipe.methods.quantize.keep_faster and sum(layer.macs for layer in model.layers) >= LEAST_MACS


def with_faster(
    step: Step, model: Model, layers: Sequence[Layer], recipe: Recipe, calibration: Calibration, token: Token
) -> StepResult:
    """What the step makes of the model, without what 8 bits would make slower.

    Layers that are left out of it have their weights alone stored in 8 bits by a later step: the recipe of the result
    says so.

    Args:
        step: The static quantisation.
        model: The float model.
        layers: Those that are asked for 8 bits.
        recipe: What is asked for.
        calibration: The data.
        token: Hears of progress; says when to stop.

    Raises:
        NothingChangedError: when no layer can be quantised.
    """
    data, plain = Completed(calibration), without(recipe, ())
    whole = tried(step, model, plain, data, token)
    whole = StepResult(whole.model, whole.outcomes, whole.notes, plain)
    try:
        return _Choice(step, model, layers, whole, data, token).made()
    except InvalidRecipeError:  # no inputs can be made up to time it with
        return whole


class _Choice:
    """The model in float, the same in 8 bits throughout, and what may lie between them."""

    def __init__(
        self, step: Step, model: Model, layers: Sequence[Layer], whole: StepResult, data: Completed, token: Token
    ) -> None:
        self._step, self._model, self._whole = step, model, whole
        self._data, self._token = data, token
        done = {outcome.layer for outcome in whole.outcomes if outcome.changed}
        self._changed = {layer.name: layer for layer in layers if (layer.origin or layer.name) in done}

    def made(self) -> StepResult:
        """The fastest of the three, on one thread; the whole in 8 bits unless another is faster by more than chance."""
        self._token.report(Progress(self._step.name, 0.8, "timing every layer in float and in 8 bits"))
        models = (self._model, self._whole.model)
        before, after = row_times(models, threads=1, seconds=PROFILE_SECONDS, token=self._token)
        slow = self._slow(before, after)
        everything = sum(after.values())
        if not slow and everything < (1.0 - LEAST_SHARE) * sum(before.values()):
            return self._whole
        mixture = self._without(slow, before, after) if slow and len(slow) < len(self._changed) else None
        tried_ones = (self._model, self._whole.model, *([] if mixture is None else [mixture.model]))
        times = take_turns(tried_ones, threads=1, seconds=TURN_SECONDS, token=self._token)
        floats, integers, mixed = (*times, float("inf"))[:3]
        if mixture is not None and mixed < (1.0 - TOLERANCE) * min(integers, floats):
            return _said(
                mixture, f"{_figures(integers, floats)}, with {len(slow)} layers' activations in float {mixed:.3g} ms"
            )
        if integers > (1.0 + TOLERANCE) * floats:
            only = self._without(self._changed, before, after)
            return _said(only, f"{_figures(integers, floats)}: so only weights are stored in 8 bits")
        if integers > (1.0 - TOLERANCE) * floats:
            return _said(self._whole, f"{_figures(integers, floats)}: it is smaller, not faster")
        return self._whole

    def _slow(self, before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, Layer]:
        """Layers to leave in float by the times of the rows."""
        rows = [layer for layer in self._model.layers if layer.name in before and layer.name in after]
        costs = [(before[layer.name], after[layer.name]) for layer in rows]
        path = cheaper_first(costs, changeovers(rows, self._token))
        chosen = {layer.name for layer, state in zip(rows, path.states, strict=True) if state == 0}
        saved = sum(cost for _, cost in costs) - path.cost
        worth = saved >= LEAST_SHARE * sum(after.values())
        return {name: layer for name, layer in self._changed.items() if worth and name in chosen}

    def _without(
        self, slow: Mapping[str, Layer], before: Mapping[str, float], after: Mapping[str, float]
    ) -> StepResult:
        """The model with the activations of these layers in float; their weights are left to a later step."""
        recipe = self._whole.recipe or Recipe()
        origins = {layer.origin or layer.name: name for name, layer in slow.items()}
        method = replace(recipe.methods.quantize, weights_only=tuple(origins))
        recipe = replace(recipe, methods=replace(recipe.methods, quantize=method))
        reasons = {origin: _reason(before.get(name, 0.0), after.get(name, 0.0)) for origin, name in origins.items()}
        if len(slow) == len(self._changed):
            refused = [outcome for outcome in self._whole.outcomes if not outcome.changed]
            rest = StepResult(self._model, tuple(refused))
        else:
            rest = carried_out(self._step, self._model, recipe, self._data, self._token)
        return StepResult(rest.model, with_left(self._step, self._model, rest, reasons), rest.notes, recipe)


def _reason(before: float, after: float) -> str:
    if after > before:
        return f"its activations stay float: with what surrounds it {before:.0f} us, and {after:.0f} us in 8 bits"
    return (
        f"its activations stay float, as those around it do: changing over costs more than 8 bits save "
        f"({before:.0f} us in float, {after:.0f} us in 8 bits)"
    )


def _figures(integers: float, floats: float) -> str:
    return f"On this processor (one thread) the model takes {floats:.3g} ms in float, {integers:.3g} ms in 8 bits"


def _said(result: StepResult, note: str) -> StepResult:
    return StepResult(result.model, result.outcomes, (*result.notes, f"{note}."), result.recipe)
