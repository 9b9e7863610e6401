"""The decisions of a search, and what a candidate asks for: for all who judge candidates, and all who show them."""

from collections.abc import Mapping, Sequence
from math import log10

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.layer import Layer
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Knob, LayerSettings
from desktop_app.core.summary import ModelSummary

Value = float | int | str | None


class Choice(Struct, frozen=True):
    """One decision.

    Attributes:
        knob: Which setting.
        layers: Whose, by the names that recipes use; they are set alike.
        values: Of which one is chosen; the first leaves the layers as they are.
    """

    knob: Knob
    layers: tuple[str, ...]
    values: tuple[Value, ...]


class Space(Struct, frozen=True):
    """All decisions. A candidate is the number of one value for each: its genes."""

    choices: tuple[Choice, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each choice has."""
        return tuple(len(one.values) for one in self.choices)

    @property
    def exponent(self) -> float:
        """The number of candidates is ten to the power of this."""
        return sum(log10(size) for size in self.sizes)

    def recipe(self, genes: Sequence[int], base: Recipe) -> Recipe:
        """What a candidate asks for, over the methods, locks and data of `base`."""
        settings: dict[str, LayerSettings] = {}
        for choice, gene in zip(self.choices, genes, strict=True):
            for name in choice.layers:
                before = settings.get(name, LayerSettings())
                settings[name] = replace(before, **{choice.knob: choice.values[gene]})
        changed = {name: one for name, one in settings.items() if one != LayerSettings()}
        return base.with_layers(changed)

    def effective(self, genes: Sequence[int], summary: ModelSummary, base: Recipe) -> tuple[int, ...]:
        """The genes without what would not happen: a rank that saves nothing once channels are gone, say.

        So that candidates that come to the same are judged once, and no step finds that it has nothing to do.
        """
        taken = tuple(genes)
        for _ in self.choices:  # what is taken back may be why another was refused
            refused = predict(summary, self.recipe(taken, base)).refusals
            by_origin = {key_of(layer): refused.get(layer.name, {}) for layer in summary.layers}
            kept = tuple(
                0 if all(one.knob in by_origin.get(name, {}) for name in one.layers) else gene
                for one, gene in zip(self.choices, taken, strict=True)
            )
            if kept == taken:
                break
            taken = kept
        return taken

    def told(self) -> Mapping[str, int]:
        """How many choices there are of each setting."""
        return {knob: count for knob in ("structure", "prune", "rank", "bits") if (count := self._count(knob))}

    def _count(self, knob: str) -> int:
        return sum(one.knob == knob for one in self.choices)


def key_of(layer: Layer) -> str:
    """The name by which recipes call a layer."""
    return layer.origin or layer.name
