"""Single weights set to zero: layer by layer or over all layers, or all but N of every M."""

from collections.abc import Mapping

import numpy as np

from desktop_app.core.layer import Layer
from desktop_app.core.methods import PruneMethod
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.axes import input_axes, unfit_axes
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.rounding.collecting import collect_moments
from desktop_app.steps.targets import LayerWeight, asked, find_weights, refusals, unfit_values
from desktop_app.steps.weight_pruning.in_order import Given, prune_in_order
from desktop_app.steps.weight_pruning.selection import Count, EachOutput, Selection, parse_pattern, smallest
from desktop_app.steps.weight_pruning.sparsifying import Pruned, prune_and_refit, prune_by_worth, worth_of

NOTE = (
    "Pruned weights are zeros in place: the file becomes smaller where they are stored sparse,"
    " and ONNX Runtime runs it no faster, with N:M neither."
)
MADE_UP = "The calibration samples are made up, and weights were judged by what layers make of them."
NO_SAMPLES = "There are no calibration samples, so weights were judged by their magnitude."
BY_DATA = ("wanda", "sparsegpt")

MOST = 0.98
"""Share of a layer's weights that may go when all layers are ranked together, lest one is cut off altogether."""


class PruneWeights(Step):
    """Sets the weights to zero that are worth least; N:M as in Mishra et al., 2021.

    "l1" and "l2" judge by magnitude (Han et al., 2015), "wanda" by magnitude times the energy of the input, among the
    weights of each output; "sparsegpt" by the same after every one of several steps, between which the weights that
    stay are refitted to what the original gives there, layer after layer. Biases take up what either does to the mean
    of a layer.
    """

    name = "prune_weights"
    title = "Weight pruning"
    knob = "prune"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether the recipe prunes weights, not channels, and some layer asks for it."""
        return recipe.methods.prune.unit != "channels" and bool(asked(model, recipe, _wants))

    def refusals(self, model: Model) -> Mapping[str, str]:
        """Layers without a constant 32-bit weight whose inputs are known."""
        return refusals(model, unfit_axes)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Zeroes weights, see `Step.apply`. Raises InvalidRecipeError for a unit that is none."""
        method, layers = recipe.methods.prune, asked(model, recipe, _wants)
        ledger = Ledger(self.name, self.title, model)
        weights = _by_layer(model, layers, ledger)
        ratios = _ratios(weights, {name: one.prune for name, one in recipe.settings_of(layers).items()})
        criterion, notes = _criterion(method, calibration)
        pruner = _Pruner(model, method, criterion, ratios, {one.name: one for own in weights.values() for one in own})
        pruned = pruner.prune(calibration, token, recipe.seed)
        editor = GraphEditor(model)
        for name, result in pruned.items():
            _write(editor, pruner.weights[name], result)
        for layer in layers:
            if layer.name in weights:
                _note(ledger, layer, [(one, pruned.get(one.name)) for one in weights[layer.name]], method)
        return ledger.close(editor.finish(), (NOTE, *notes))


class _Pruner:
    """Prunes every weight once, by data where that is asked for and there is some of its inputs."""

    def __init__(
        self,
        model: Model,
        method: PruneMethod,
        criterion: str,
        ratios: Mapping[str, float],
        weights: Mapping[str, LayerWeight],
    ) -> None:
        self.weights = weights
        self._model, self._method, self._criterion, self._ratios = model, method, criterion, ratios
        self._pattern = parse_pattern(method.unit)
        self._counts = {name: round(ratios[name] * weight.tensor.size) for name, weight in weights.items()}

    def prune(self, calibration: Calibration, token: Token, seed: int) -> dict[str, Pruned]:
        """By name of the weight; those of which none is to go are absent.

        With refit, layer after layer on what the others have made of its inputs; those that are no linear system of
        their own, and with "wanda" all, by their inputs in the original; the others by magnitude.
        """
        by_data = {name: one for name, one in self.weights.items() if self._criterion in BY_DATA and not one.sharers}
        if self._method.scope == "global" and self._pattern is None:
            self._rank(by_data, calibration, token)
        pruned: dict[str, Pruned] = {}
        if self._criterion == "sparsegpt":
            selections = {name: self._selection(weight) for name, weight in by_data.items() if self._goes(name)}
            chosen = {name: by_data[name] for name in selections}
            pruned.update(prune_in_order(Given(self._model, chosen, selections, calibration, seed), token))
        others = {name: weight for name, weight in by_data.items() if name not in pruned}
        for name, moments in collect_moments(self._model, others, calibration, token):
            self._report(token, name, len(pruned))
            by = prune_and_refit if self._criterion == "sparsegpt" else prune_by_worth
            pruned[name] = by(self.weights[name], moments, self._selection(self.weights[name]))
        for name in self.weights.keys() - pruned.keys():
            self._report(token, name, len(pruned))
            pruned[name] = _by_magnitude(self.weights[name], self._magnitude_selection(name))
        return {name: pruned[name] for name in self.weights if self._goes(name)}

    def _goes(self, name: str) -> bool:
        weight = self.weights[name]
        return bool(self._magnitude_selection(name).mask(np.abs(weight.tensor.numpy()), _first_axis(weight)).any())

    def _report(self, token: Token, name: str, done: int) -> None:
        token.check()
        layer = self.weights[name].layer.name
        token.report(Progress("prune_weights", done / max(len(self.weights), 1), layer))

    def _magnitude_selection(self, name: str) -> Selection:
        return self._pattern or Count(self._counts[name])

    def _selection(self, weight: LayerWeight) -> Selection:
        """Wanda compares the weights of one output, unless layers are ranked together."""
        axes = input_axes(weight)
        if self._pattern is None and self._criterion == "wanda" and self._method.scope == "layer":
            start, stop = (0, 1) if isinstance(axes, str) else axes
            inputs = int(np.prod(weight.tensor.shape.numpy()[start:stop]))
            return EachOutput(round(self._ratios[weight.name] * inputs), start, stop)
        return self._magnitude_selection(weight.name)

    def _rank(self, by_data: Mapping[str, LayerWeight], calibration: Calibration, token: Token) -> None:
        """How many weights each loses when all are ranked together and the same total goes.

        Weights with data are ranked among each other, the others among themselves.
        """
        worth = {
            name: worth_of(by_data[name], moments).astype(np.float32)
            for name, moments in collect_moments(self._model, by_data, calibration, token)
        }
        others = {name: np.abs(one.tensor.numpy()) for name, one in self.weights.items() if name not in worth}
        for ranked in (worth, others):
            self._counts.update(_counts(ranked, sum(self._counts[name] for name in ranked)))


def _counts(worth: Mapping[str, np.ndarray], total: int) -> dict[str, int]:
    """How many of each are among the `total` of least worth; where that would be nearly all, others go instead."""
    if not worth:
        return {}
    free = {name: np.sort(one, axis=None)[: max(int(MOST * one.size), 1)] for name, one in worth.items()}
    chosen = smallest(np.concatenate([*free.values()]), total)
    ends = np.cumsum([one.size for one in free.values()])
    return {name: int(part.sum()) for name, part in zip(free, np.split(chosen, ends[:-1]), strict=True)}


def _criterion(method: PruneMethod, calibration: Calibration) -> tuple[str, tuple[str, ...]]:
    """The criterion that is meant, and what is worth saying of it."""
    if method.criterion == "auto":
        return ("l2" if calibration.synthetic or not calibration.samples else "sparsegpt"), ()
    if method.criterion in BY_DATA and not calibration.samples:
        return "l2", (NO_SAMPLES,)
    return method.criterion, (MADE_UP,) if method.criterion in BY_DATA and calibration.synthetic else ()


def _by_magnitude(weight: LayerWeight, selection: Selection) -> Pruned:
    array = weight.tensor.numpy()
    gone = selection.mask(np.abs(array), _first_axis(weight))
    return Pruned(np.where(gone, np.float32(0.0), array), None, float("nan"))


def _first_axis(weight: LayerWeight) -> int:
    axes = input_axes(weight)
    return 0 if isinstance(axes, str) else axes[0]


def _write(editor: GraphEditor, weight: LayerWeight, pruned: Pruned) -> None:
    editor.set_constant(weight.node, weight.index, pruned.array)
    if pruned.bias is not None:
        editor.set_constant(pruned.bias.node, pruned.bias.index, pruned.bias.array)


def _note(ledger: Ledger, layer: Layer, weights: list[tuple[LayerWeight, Pruned | None]], method: PruneMethod) -> None:
    """Tells the ledger what became of the weights of a layer."""
    size = sum(weight.tensor.size for weight, _ in weights)
    found = [one for _, one in weights if one is not None]
    if not found:
        ledger.refuse(layer, f"of its {size} weights none is to go: {_too_few(method.unit)}")
        return
    remark = f"{sum(one.zeros for one in found)} of {size} weights are zero"
    measured = [one.decibel for one in found if np.isfinite(one.decibel)]
    ledger.change(layer, f"{remark}, signal to noise {measured[0]:.1f} dB at its output" if measured else remark)


def _too_few(unit: str) -> str:
    return "the share rounds to none" if unit == "weights" else f"no {unit.split(':')[1]} inputs lie side by side"


def _wants(settings: LayerSettings) -> bool:
    return settings.prune > 0


def _by_layer(model: Model, layers: list[Layer], ledger: Ledger) -> dict[str, list[LayerWeight]]:
    """The weights that can be pruned, by layer; the other layers are refused."""
    claimed = {name for layer in layers for name in (layer.name, *layer.nodes)}
    weights: dict[str, list[LayerWeight]] = {}
    for layer in layers:
        found = find_weights(model, layer)
        reason = found if isinstance(found, str) else next(filter(None, (_unfit(one, claimed) for one in found)), "")
        if reason or isinstance(found, str):
            ledger.refuse(layer, reason)
        else:
            weights[layer.name] = found
    return weights


def _unfit(weight: LayerWeight, claimed: set[str]) -> str:
    stranger = next((name for name in weight.sharers if name not in claimed), "")
    if stranger:
        return f"it shares its weight with {stranger}, of which this is not asked"
    return unfit_axes(weight) or unfit_values(weight.tensor.numpy())


def _ratios(weights: Mapping[str, list[LayerWeight]], ratios: Mapping[str, float]) -> dict[str, float]:
    """Weight to its ratio: of those of the layers that share it the highest."""
    highest: dict[str, float] = {}
    for layer, found in weights.items():
        for weight in found:
            highest[weight.name] = max(highest.get(weight.name, 0.0), ratios[layer])
    return highest
