"""The recipe: everything that is asked of a model, as one frozen value that replays exactly."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.layer import Layer
from desktop_app.core.settings import LayerOverride, LayerSettings

VERSION = 1

Block = int | Literal["auto"] | None
"""How many weights share a scale, see `QuantizeMethod.block`."""


class PruneMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.prune` is carried out.

    Attributes:
        unit: "channels", "weights", or "N:M" (of every M neighbouring weights N stay, where prune > 0).
        criterion: What makes a channel or weight worth keeping; "reconstruction" (what the layers that read it lose
            without it, on calibration data) is for channels only, "wanda" (weighed by the energy of the inputs) and
            "sparsegpt" (the same, step by step, and the other weights refitted) for weights only. "auto" takes
            "reconstruction" where channels are pruned and refitted on real data, "sparsegpt" where weights are
            pruned on real data, else "l2".
        scope: "layer" cuts every layer by its own ratio; "global" removes the same total but ranks all layers together.
        target_macs: Share of the model's multiply-accumulates to keep, in (0, 1); then the ratios of the layers
            are weights of one global ranking. Channels only.
        reconstruct: Refit the layers that read pruned channels on calibration data, in closed form.
        round_to: Keep a multiple of so many channels.
        min_channels: Never leave fewer channels than this.
    """

    unit: str = "channels"
    criterion: Literal["auto", "l1", "l2", "batch_norm", "reconstruction", "wanda", "sparsegpt"] = "auto"
    scope: Literal["layer", "global"] = "layer"
    target_macs: float | None = None
    reconstruct: bool = True
    round_to: int = 1
    min_channels: int = 1


class LowRankMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.rank` is carried out.

    Attributes:
        kind: Factorisation of convolutions; matrices always take the singular value decomposition.
        weighted: Weigh the error by the layer's inputs on calibration data instead of by the weights alone.
        measure: What a float rank is a share of: the full rank ("ratio") or the squared singular values ("energy").
    """

    kind: Literal["auto", "channel", "spatial", "tucker2"] = "auto"
    weighted: bool = True
    measure: Literal["ratio", "energy"] = "ratio"


class QuantizeMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.bits` below 16 is carried out.

    Attributes:
        activations: True quantises activations with ranges calibrated on data; "dynamic" with ranges found at
            every inference; False leaves them float (weights only).
        scheme: "portable" is exact on every processor; "vnni" uses all of 8 bits, exact only where the processor adds
            products of bytes in 32 bits; "auto" takes what is exact on the processor at hand, and is written out as
            that in the recipe of a run, which so replays to the same bytes elsewhere.
        calibration: How activation ranges are chosen.
        rounding: How weights that are only stored in few bits are rounded: to the "nearest", or against the inputs of
            the layer on calibration data ("gptq"). "auto" takes that where the data is real.
        block: How many weights in a row share a scale where weights are only stored: None for all of an output.
            "auto" chooses for each layer by what its output loses, and stores small layers that lose most in more
            bits.
        matmul: Whether matrix products read weights in 4 bits as they are stored ("packed": ONNX Runtime's own
            operator, which rounds its inputs to 8 bits), or decoded when the model loads ("float": standard operators
            alone). "auto" is "packed", which was measured to be as fast or faster.
        rounding: How weights are rounded: "nearest" each for itself; "gptq" against what the layer reads, so that its
            result changes least; "auto" takes that on real data.
        exclude: Leave so many layers in float: those whose quantisation costs the model's outputs most.
        min_sqnr_db: Leave as many layers in float as the outputs need to keep this signal to noise on calibration data,
            first those that cost most for the time they save; null for none.
        keep_faster: Keep activations float where the processor at hand would take longer in 8 bits, conversions and
            all; which layers these are is written out as `weights_only` in the recipe of a run.
        weights_only: Layers whose activations stay float whatever `activations` says, by exact name.
    """

    activations: bool | Literal["dynamic"] = True
    scheme: Literal["auto", "portable", "vnni"] = "auto"
    calibration: Literal["auto", "minmax", "percentile", "entropy", "mse"] = "auto"
    rounding: Literal["auto", "nearest", "gptq"] = "auto"
    block: Block = "auto"
    matmul: Literal["auto", "packed", "float"] = "auto"
    exclude: int = 0
    min_sqnr_db: float | None = None
    keep_faster: bool = True
    weights_only: tuple[str, ...] = ()


class RecoverMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How accuracy is trained back. This version does not train: `steps` must stay 0."""

    steps: int = 0
    batch: int = 128
    labels: bool = False
    temperature: float = 4.0


class Methods(Struct, frozen=True, forbid_unknown_fields=True):
    """The choices that hold for the whole model."""

    prune: PruneMethod = PruneMethod()
    low_rank: LowRankMethod = LowRankMethod()
    quantize: QuantizeMethod = QuantizeMethod()
    recover: RecoverMethod = RecoverMethod()


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """Defaults, settings by layer name or pattern, method choices, data and seed."""

    version: int = VERSION
    data: DataSettings = DataSettings()
    seed: int = 0
    defaults: LayerSettings = LayerSettings()
    layers: dict[str, LayerOverride] = {}
    methods: Methods = Methods()

    def settings_for(self, layer: Layer) -> LayerSettings:
        """Settings of a layer: by its exact name, else by the first pattern that matches, else the defaults.

        A layer that a step made is looked up by the name of the layer it was made from.
        """
        name = layer.origin or layer.name
        key = name if name in self.layers else _patterns(tuple(self.layers)).first_match(name)
        return self.defaults if key is None else self.layers[key].over(self.defaults)

    def settings_of(self, layers: Iterable[Layer]) -> dict[str, LayerSettings]:
        """Layer name to its settings; much faster than asking for one layer after the other."""
        patterns = _patterns(tuple(self.layers))
        resolved = {key: override.over(self.defaults) for key, override in self.layers.items()}
        settings: dict[str, LayerSettings] = {}
        for layer in layers:
            name = layer.origin or layer.name
            key = name if name in resolved else patterns.first_match(name)
            settings[layer.name] = self.defaults if key is None else resolved[key]
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
