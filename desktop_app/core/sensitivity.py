"""What each change of each layer alone would cost and give."""

from collections.abc import Iterable, Sequence
from functools import cache
from math import log10

from msgspec import Struct

from desktop_app.core.settings import ON_INTEGERS, Knob


class Change(Struct, frozen=True):
    """A change that every layer is tried with.

    Attributes:
        title: What it is called in tables.
        knob: The setting that asks for it.
        value: Of that setting: the share of channels that go, the share of the full rank, or bits.
        activations: Whether activations are quantised too.
    """

    title: str
    knob: Knob
    value: float
    activations: bool = False


SHARES = (0.75, 0.5, 0.25)
"""Of the rank, and of the channels, that stay."""

CHANGES: tuple[Change, ...] = (
    *(Change(f"int{bits}", "bits", bits, activations=True) for bits in ON_INTEGERS),
    *(Change(f"weights {bits}", "bits", bits) for bits in (8, 4, 2)),
    *(Change(f"rank {share:g}", "rank", share) for share in SHARES),
    *(Change(f"channels {share:g}", "prune", 1.0 - share) for share in SHARES),
)
"""Of each knob the gentlest first."""


class Candidate(Struct, frozen=True):
    """One change of one layer, tried alone.

    Attributes:
        own_db: Signal to noise of the layer's own result, behind its activation.
        output_db: Signal to noise of the model's outputs.
        agreement: Share of samples with the same highest class; None where the output is no vector of classes.
        microseconds: Of the layer's kernels then, on one thread; None where they cannot be timed.
        reason: Why the layer cannot be changed so; empty where it can. The other figures then say nothing.
    """

    own_db: float = 0.0
    output_db: float = 0.0
    agreement: float | None = None
    microseconds: float | None = None
    reason: str = ""


class LayerSensitivity(Struct, frozen=True, tag="layer_sensitivity"):
    """A layer of the opened model, the time of its kernel in float, and what every candidate does."""

    layer: str
    microseconds: float | None
    candidates: dict[str, Candidate]


class Sensitivity(Struct, frozen=True):
    """All layers.

    Attributes:
        layers: In order of execution.
        together_db: Candidate to the signal to noise that is expected with all layers changed so: their errors add up.
        samples: On how many samples it was measured.
        synthetic: Whether they were made up.
        refused: Layer to the reason why it could not be tried.
    """

    layers: tuple[LayerSensitivity, ...]
    together_db: dict[str, float]
    samples: int
    synthetic: bool
    refused: dict[str, str] = {}


@cache
def changes_of(knob: Knob, *, activations: bool) -> Sequence[Change]:
    """The changes that a knob asks for, the gentlest first.

    `activations` tells whether a recipe quantises activations too: that decides what 8 and 6 bits are.
    """
    asked = [one for one in CHANGES if one.knob == knob]
    return tuple(
        one for one in asked if knob != "bits" or one.value not in ON_INTEGERS or one.activations == activations
    )


EXACT_DB = 120.0
"""Signal to noise at which no noise can be told."""


def together_db(decibels: Iterable[float]) -> float:
    """What errors that know nothing of each other add up to, in decibel."""
    noise = sum(10.0 ** (-one / 10.0) for one in decibels if one < EXACT_DB)
    return EXACT_DB if noise <= 0.0 else min(-10.0 * log10(noise), EXACT_DB)
