"""What each change of each layer alone would cost and give."""

from msgspec import Struct


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


class LayerSensitivity(Struct, frozen=True):
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
