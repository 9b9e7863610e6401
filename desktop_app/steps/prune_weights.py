"""Single weights set to zero: by magnitude, layer by layer or over all layers, or all but N of every M."""

import re
from collections.abc import Mapping

import numpy as np

from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.axes import input_axes, unfit_axes
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.targets import LayerWeight, asked, find_weights, refusals, unfit_values

NOTE = (
    "Pruned weights are zeros in place: the file becomes smaller where they are stored sparse,"
    " and ONNX Runtime runs it no faster."
)


class PruneWeights(Step):
    """Sets the weights of least magnitude to zero (Han et al., 2015); N:M as in Mishra et al., 2021."""

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
        masks = _Masks(parse_pattern(method.unit), _global_ranks(weights, ratios) if method.scope == "global" else {})
        editor = GraphEditor(model)
        for done, layer in enumerate(layers):
            token.check()
            token.report(Progress(self.name, done / len(layers), layer.name))
            if layer.name not in weights:
                continue
            zeros = sum(masks.apply(editor, weight, ratios[weight.name]) for weight in weights[layer.name])
            size = sum(weight.tensor.size for weight in weights[layer.name])
            if zeros:
                ledger.change(layer, f"{zeros} of {size} weights are zero")
            else:
                ledger.refuse(layer, f"of its {size} weights none is to go: {_too_few(method.unit)}")
        return ledger.close(editor.finish(), (NOTE,))


def parse_pattern(unit: str) -> tuple[int, int] | None:
    """("2:4" -> 2, 4): of every 4 neighbouring weights 2 stay; None for "weights"."""
    if unit == "weights":
        return None
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})", unit)
    if match is None or not 0 < int(match[1]) < int(match[2]):
        raise InvalidRecipeError(f'methods.prune.unit is {unit!r}: use "channels", "weights" or a pattern like "2:4".')
    return int(match[1]), int(match[2])


def smallest(magnitudes: np.ndarray, count: int) -> np.ndarray:
    """A mask of exactly `count` of the smallest magnitudes; of equal ones the first."""
    mask = np.zeros(magnitudes.size, bool)
    mask[np.argsort(magnitudes, axis=None, kind="stable")[:count]] = True
    return mask.reshape(magnitudes.shape)


def all_but(keep: int, of: int, magnitudes: np.ndarray, axis: int) -> np.ndarray:
    """A mask of all but the `keep` largest of every `of` neighbours along an axis; what is left over stays."""
    moved = np.moveaxis(magnitudes, axis, -1)
    whole = moved.shape[-1] // of * of
    groups = moved[..., :whole].reshape(*moved.shape[:-1], -1, of)
    order = np.argsort(groups, axis=-1, kind="stable")
    mask = np.zeros(moved.shape, bool)
    chosen = np.zeros(groups.shape, bool)
    np.put_along_axis(chosen, order[..., : of - keep], True, axis=-1)
    mask[..., :whole] = chosen.reshape(*moved.shape[:-1], whole)
    return np.moveaxis(mask, -1, axis)


def _too_few(unit: str) -> str:
    return "the share rounds to none" if unit == "weights" else f"no {unit.split(':')[1]} inputs lie side by side"


class _Masks:
    """Applies to every weight, once, the mask that the recipe means for it."""

    def __init__(self, pattern: tuple[int, int] | None, ranked: Mapping[str, int]) -> None:
        self._pattern, self._counts = pattern, ranked
        self._zeros: dict[str, int] = {}

    def apply(self, editor: GraphEditor, weight: LayerWeight, ratio: float) -> int:
        """Zeroes the weight in the copy; gives the number of its zeros, 0 where nothing was to be zeroed."""
        if weight.name not in self._zeros:
            array = weight.tensor.numpy()
            mask = self._mask(weight, np.abs(array), ratio)
            if mask.any():
                editor.set_constant(weight.node, weight.index, np.where(mask, np.float32(0.0), array))
            self._zeros[weight.name] = int((mask | (array == 0)).sum()) if mask.any() else 0
        return self._zeros[weight.name]

    def _mask(self, weight: LayerWeight, magnitudes: np.ndarray, ratio: float) -> np.ndarray:
        if self._pattern is None:
            return smallest(magnitudes, self._counts.get(weight.name, round(ratio * magnitudes.size)))
        axes = input_axes(weight)
        if isinstance(axes, str):
            return np.zeros(magnitudes.shape, bool)
        return all_but(*self._pattern, magnitudes, axes[0])


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


def _global_ranks(weights: Mapping[str, list[LayerWeight]], ratios: Mapping[str, float]) -> dict[str, int]:
    """How many weights each loses when all are ranked together and the same total goes."""
    unique = {weight.name: weight for found in weights.values() for weight in found}
    if not unique:
        return {}
    magnitudes = np.concatenate([np.abs(weight.tensor.numpy()).ravel() for weight in unique.values()])
    total = sum(round(ratios[name] * weight.tensor.size) for name, weight in unique.items())
    mask = smallest(magnitudes, total)
    ends = np.cumsum([weight.tensor.size for weight in unique.values()])
    return {name: int(part.sum()) for name, part in zip(unique, np.split(mask, ends[:-1]), strict=True)}
