"""Predicts one model again and again while its recipe is edited: only what an edit can reach is looked at."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from desktop_app.core.changed_time import on_integers
from desktop_app.core.cut import cut_group, makers
from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import Expected, Prediction, Row, Rows, expected, predict_row
from desktop_app.core.recipe import Recipe, is_pattern
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.summary import LayerProfile, ModelSummary

FEW, FEW_SHARE = 8, 0.25
"""Where more layers, and a larger share of them, are edited at once, all are predicted anew: that is no slower."""


class Predictor:
    """Gives what `predict` gives.

    An edit reaches the layers whose settings it changes, and those with a channel group that then is cut otherwise.
    Where layers compete for what is cut, and where patterns, defaults, methods or times are other ones, every layer is
    predicted.
    """

    def __init__(self, summary: ModelSummary) -> None:
        self._summary = summary
        self._layers = {layer.name: layer for layer in summary.layers}
        self._before = {later.name: layer for layer, later in pairwise(summary.layers)}
        self._behind = {layer.name: later.name for layer, later in pairwise(summary.layers)}
        self._named: dict[str, list[str]] = {}
        self._groups = {group.id: group for group in summary.groups}
        self._groups_of: dict[str, list[int]] = {}
        self._layers_at: dict[int, list[str]] = {}
        self._plain: frozenset[str] = frozenset()
        self._makers = makers(summary.layers)
        self._recipe: Recipe | None = None
        self._profile: LayerProfile | None = None
        self._rows, self._around, self._total = Rows(), Expected({}, {}, {}, {}), Cost()
        self.settings: dict[str, LayerSettings] = {}
        """What the recipe that was predicted last asks of every layer, by its name."""
        self.touched: frozenset[str] | None = None
        """The layers of which the last prediction may tell something else than the one before; None for all."""
        self._index()

    def predict(self, recipe: Recipe, profile: LayerProfile | None = None) -> Prediction:
        """What a recipe will make of the model, see `predict.predict`."""
        edited = self._edited(recipe, profile)
        if edited is None:
            self._predict_all(recipe, profile)
        else:
            self._predict_some(recipe, profile, edited)
        self._recipe, self._profile = recipe, profile
        return self._rows.told(self._total, self._around.kept, profile)

    def _edited(self, recipe: Recipe, profile: LayerProfile | None) -> list[Layer] | None:
        """The layers of which the recipe may ask something else than the last one; None where all may be touched."""
        before = self._recipe
        methods = recipe.methods
        if (
            before is None
            or profile is not self._profile
            or recipe.defaults != before.defaults
            or methods != before.methods
            or methods.low_rank.automatic
            or methods.prune.target_macs is not None
            or self._patterns(recipe) != self._patterns(before)
        ):
            return None
        keys = _changed(before.layers, recipe.layers)
        if len(keys) > max(FEW, FEW_SHARE * len(self._layers)):
            return None
        return [self._layers[name] for key in keys for name in self._named.get(key, ())]

    def _patterns(self, recipe: Recipe) -> list[tuple[str, LayerOverride]]:
        """What may match a name, in its order."""
        others = recipe.layers.keys() - self._plain
        return [(key, one) for key, one in recipe.layers.items() if key in others] if others else []

    def _predict_all(self, recipe: Recipe, profile: LayerProfile | None) -> None:
        self.settings = recipe.settings_of(self._summary.layers)
        self._around = expected(self._summary, recipe, self.settings)
        self._rows = Rows()
        self._total = Cost(self._summary.overhead_bytes)
        self._put(self._summary.layers, recipe, profile)
        self.touched = None

    def _predict_some(self, recipe: Recipe, profile: LayerProfile | None, edited: list[Layer]) -> None:
        asked = recipe.settings_of(edited)
        changed = [layer.name for layer in edited if asked[layer.name] != self.settings[layer.name]]
        behind = [] if profile is None else self._gone_over(changed, asked, recipe)
        self.settings = {**self.settings, **asked}
        if recipe.methods.prune.unit == "channels":
            groups = {group: None for name in changed for group in self._groups_of.get(name, ())}
            recut = [group for group in groups if self._cut(self._groups[group], recipe)]
            changed += [name for group in recut for name in self._layers_at.get(group, ())]
        self.touched = frozenset((*changed, *behind))
        self._put((self._layers[name] for name in self.touched), recipe, profile)

    def _gone_over(self, changed: Iterable[str], asked: Mapping[str, LayerSettings], recipe: Recipe) -> list[str]:
        """The layers behind those that come to give integers, or floats again."""

        def integers(name: str, settings: Mapping[str, LayerSettings]) -> bool:
            return on_integers(self._layers[name], settings[name], recipe)

        turned = (name for name in changed if integers(name, asked) != integers(name, self.settings))
        return [self._behind[name] for name in turned if name in self._behind]

    def _cut(self, group: ChannelGroup, recipe: Recipe) -> bool:
        """Cuts a group as the recipe asks; tells whether that is news."""
        cuts, kept = self._around.cuts, self._around.kept
        before, cut = cuts.get(group.id), cut_group(group, self.settings, self._makers, recipe.methods.prune)
        if cut is None:
            cuts.pop(group.id, None)
            kept.pop(group.id, None)
        else:
            cuts[group.id], kept[group.id] = cut, cut.keep
        return cut != before

    def _put(self, layers: Iterable[Layer], recipe: Recipe, profile: LayerProfile | None) -> None:
        """Predicts these layers anew."""
        stored, params, macs = self._total.bytes, self._total.params, self._total.macs
        costs, nothing = self._rows.costs, Cost()
        for layer in layers:
            row = self._row(layer, recipe, profile)
            before, after = costs.get(layer.name, nothing), row.cost
            stored += after.bytes - before.bytes
            params += after.params - before.params
            macs += after.macs - before.macs
            self._rows.put(layer.name, row)
        self._total = Cost(stored, params, macs)

    def _row(self, layer: Layer, recipe: Recipe, profile: LayerProfile | None) -> Row:
        before = self._before.get(layer.name)
        integers = before is not None and on_integers(before, self.settings[before.name], recipe)
        return predict_row(layer, self.settings[layer.name], recipe, self._around, profile, integers=integers)

    def _index(self) -> None:
        """What an edit of a layer can reach."""
        for layer in self._summary.layers:
            self._named.setdefault(layer.origin or layer.name, []).append(layer.name)
            axes = [layer.output, layer.input, *(axis for one in layer.beside for axis in one.axes)]
            for touched in {span.group: None for axis in axes for span in axis.spans}:
                self._layers_at.setdefault(touched, []).append(layer.name)
        for group in self._summary.groups:
            for name in (*group.producers, *group.consumers):
                self._groups_of.setdefault(name, []).append(group.id)
        self._plain = frozenset(name for name in self._named if not is_pattern(name))


def _changed(before: Mapping[str, LayerOverride], after: Mapping[str, LayerOverride]) -> list[str]:
    """The names of which something else is asked."""
    changed = [key for key, one in after.items() if before.get(key) is not one]
    return changed + list(before.keys() - after.keys())
