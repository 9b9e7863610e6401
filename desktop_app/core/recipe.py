"""The recipe: everything that is asked of a model, as one frozen value that replays exactly."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.layer import Layer
from desktop_app.core.methods import Methods
from desktop_app.core.settings import LayerOverride, LayerSettings

VERSION = 1


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """Defaults, settings by layer name or pattern, method choices, data and seed."""

    version: int = VERSION
    data: DataSettings = DataSettings()
    seed: int = 0
    defaults: LayerSettings = LayerSettings()
    layers: dict[str, LayerOverride] = {}
    methods: Methods = Methods()

    @property
    def trains(self) -> bool:
        """Whether anything is to be trained, so that samples are kept for it."""
        return self.methods.recover.steps > 0 or self.methods.recover.quantised_steps > 0

    def settings_for(self, layer: Layer) -> LayerSettings:
        """Settings of a layer: by its exact name, else by the first pattern that matches, else the defaults.

        A layer that a step made is looked up by the name of the layer it was made from.
        """
        name = layer.origin or layer.name
        key = name if name in self.layers else _patterns(tuple(self.layers)).first_match(name)
        return self.defaults if key is None else self.layers[key].over(self.defaults)

    def settings_of(self, layers: Iterable[Layer]) -> dict[str, LayerSettings]:
        """Layer name to its settings; much faster than asking for one layer after the other."""
        overrides, patterns = self.layers, _patterns(tuple(self.layers))
        resolved: dict[str | None, LayerSettings] = {None: self.defaults}
        settings: dict[str, LayerSettings] = {}
        for layer in layers:
            name = layer.origin or layer.name
            key = name if name in overrides else patterns.first_match(name)
            if key not in resolved and key is not None:
                resolved[key] = overrides[key].over(self.defaults)
            settings[layer.name] = resolved[key]
        return settings

    def rounds_activations(self, layer: Layer) -> bool:
        """Whether a layer of 8 bits is to have its activations in 8 bits, too, with ranges known beforehand."""
        method = self.methods.quantize
        return method.activations is True and (layer.origin or layer.name) not in method.weights_only

    def with_layer(self, name: str, settings: LayerSettings) -> "Recipe":
        """This recipe with other settings for the layer of that exact name."""
        return replace(self, layers={**self.layers, name: LayerOverride.between(self.defaults, settings)})

    def with_layers(self, settings: dict[str, LayerSettings]) -> "Recipe":
        """This recipe with other settings for several layers, by exact name."""
        changed = {name: LayerOverride.between(self.defaults, one) for name, one in settings.items()}
        return replace(self, layers={**self.layers, **changed})

    def without_layers(self, names: set[str]) -> "Recipe":
        """This recipe with those layers back at what the patterns and defaults say."""
        return replace(self, layers={key: one for key, one in self.layers.items() if key not in names})


def unmatched(recipe: Recipe, layers: Sequence[Layer]) -> tuple[str, ...]:
    """The keys of `Recipe.layers` that name no layer: misspelt, or meant for another model."""
    names = {layer.origin or layer.name for layer in layers}
    return tuple(key for key in recipe.layers if key not in names and not any(matches(key, name) for name in names))


def is_pattern(key: str) -> bool:
    """Whether a key of `Recipe.layers` is a pattern: "re:" and a regular expression, or a name with `*`."""
    return key.startswith("re:") or "*" in key


def matches(key: str, name: str) -> bool:
    """Whether the pattern `key` matches the whole of a layer's name."""
    if not is_pattern(key):
        return False
    compiled = _compiled(key)
    return compiled is not None and compiled.fullmatch(name) is not None


class _Patterns:
    """The patterns among the keys of a recipe, and which of them a name matches first: a slider asks all the time."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._patterns = [key for key in keys if is_pattern(key)]
        self._matched: dict[str, str | None] = {}

    def first_match(self, name: str) -> str | None:
        """The first pattern that matches; None where none does."""
        if not self._patterns:
            return None
        if name not in self._matched:
            self._matched[name] = next((key for key in self._patterns if matches(key, name)), None)
        return self._matched[name]


@lru_cache(maxsize=16)
def _patterns(keys: tuple[str, ...]) -> _Patterns:
    return _Patterns(keys)


@lru_cache(maxsize=1024)
def _compiled(key: str) -> re.Pattern[str] | None:
    try:
        return re.compile(key.removeprefix("re:") if key.startswith("re:") else _wildcards(key), re.DOTALL)
    except re.error:
        return None


def _wildcards(key: str) -> str:
    """A regular expression for a name with `*`. Nothing else is special: names hold brackets and question marks."""
    return ".*".join(re.escape(part) for part in key.split("*"))


def to_builtins(recipe: Recipe) -> dict[str, object]:
    """The recipe as plain dictionaries, complete: with every default written out."""
    builtins: dict[str, object] = msgspec.to_builtins(recipe)
    return builtins
