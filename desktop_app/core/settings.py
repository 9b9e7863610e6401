"""What is asked of one layer."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Bits = Literal[32, 16, 8, 6, 4, 2]
Structure = Literal["keep", "separable", "stacked"]
Knob = Literal["structure", "prune", "rank", "bits"]

BITS: tuple[Bits, ...] = (32, 16, 8, 6, 4, 2)
ON_INTEGERS: tuple[Bits, ...] = (8, 6)
"""Bits of layers that compute on integers where activations are quantised too: a scale for each output does."""

KNOBS: tuple[Knob, ...] = ("structure", "prune", "rank", "bits")
STRUCTURES: tuple[Structure, ...] = ("keep", "separable", "stacked")


class LayerSettings(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What is asked of one layer.

    Attributes:
        prune: Share of the channels (or weights, see `PruneMethod.unit`) to remove, in [0, 1).
        rank: None keeps the layer whole; an integer is the rank itself; a float in (0, 1] is the share of
            the full rank, or of the energy to keep (see `LowRankMethod.measure`). Of a stacked layer: how many channels
            there are between its kernels, or which share of the layer's operations they take.
        bits: Bits that store one weight.
        structure: What the layer becomes: "keep" leaves its operator, "separable" makes a convolution one of each
            channel by itself and a 1 x 1 convolution behind it, "stacked" makes a large kernel several small ones.
        locked: Leave this layer, and whatever must be cut together with it, as it is.
    """

    prune: float = 0.0
    rank: float | int | None = None
    bits: Bits = 32
    structure: Structure = "keep"
    locked: bool = False


class LayerOverride(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """Those of a layer's settings that differ from the recipe's defaults."""

    prune: float | UnsetType = UNSET
    rank: float | int | UnsetType | None = UNSET
    bits: Bits | UnsetType = UNSET
    structure: Structure | UnsetType = UNSET
    locked: bool | UnsetType = UNSET

    def over(self, defaults: LayerSettings) -> LayerSettings:
        """The settings that result when these override `defaults`."""
        return LayerSettings(
            prune=defaults.prune if self.prune is UNSET else self.prune,
            rank=defaults.rank if self.rank is UNSET else self.rank,
            bits=defaults.bits if self.bits is UNSET else self.bits,
            structure=defaults.structure if self.structure is UNSET else self.structure,
            locked=defaults.locked if self.locked is UNSET else self.locked,
        )

    @classmethod
    def between(cls, defaults: LayerSettings, settings: LayerSettings) -> "LayerOverride":
        """The override that turns `defaults` into `settings`."""
        return cls(
            **{f: getattr(settings, f) for f in cls.__struct_fields__ if getattr(settings, f) != getattr(defaults, f)}
        )
