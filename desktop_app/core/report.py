"""The report of a run: what it gave, layer by layer, and what is needed to trust it."""

from msgspec import Struct

from desktop_app.core.outcome import Outcome


class Latency(Struct, frozen=True):
    """Time of one inference in milliseconds: median, 95th percentile, and the median's 95 % interval."""

    median: float
    p95: float
    ci95: tuple[float, float]


class Fidelity(Struct, frozen=True):
    """How near the outputs are to the original's, on samples that did not calibrate.

    Attributes:
        sqnr_db: Signal to quantisation noise, in decibel; 200 stands for equal outputs.
        cosine: Mean cosine similarity over the samples.
        top1_agreement: Share of samples with the same arg-max; None where the output is no vector of classes.
        samples: How many samples.
        synthetic: Whether they were made up.
    """

    sqnr_db: float
    cosine: float
    top1_agreement: float | None
    samples: int
    synthetic: bool


class Figures(Struct, frozen=True):
    """One side of the comparison; None where it could not be measured."""

    bytes: int
    params: int
    macs: int
    latency_ms: Latency | None = None
    peak_memory: int | None = None
    accuracy: float | None = None
    fidelity: Fidelity | None = None


class Ratio(Struct, frozen=True):
    """A ratio with its bootstrap 95 % interval. `verdict` says in words what may be claimed."""

    median: float
    ci95: tuple[float, float]
    verdict: str = ""


class Machine(Struct, frozen=True):
    """Where it was measured."""

    cpu: str
    flags: tuple[str, ...]
    threads: int


class StepReport(Struct, frozen=True):
    """What one step of the pipeline did.

    Attributes:
        step: The step's name.
        seconds: Time it took.
        bytes: Size of the model after it.
        changed: Number of layers changed.
        latency_ratio: Original time over the time after this step, where it was measured.
        fidelity: After this step, where it was measured.
        cached: Whether the result came from the cache of unchanged prefixes.
        notes: What else is worth saying, a sentence each.
        params: Parameters of the model after it.
        macs: Multiply-accumulates of the model after it.
    """

    step: str
    seconds: float
    bytes: int
    changed: int
    latency_ratio: Ratio | None = None
    fidelity: Fidelity | None = None
    cached: bool = False
    notes: tuple[str, ...] = ()
    params: int = 0
    macs: int = 0


class LayerError(Struct, frozen=True):
    """How near a layer's own output is to what it was, with all that was changed before it.

    Attributes:
        sqnr_db: Signal to noise, in decibel; 200 stands for equal outputs. None where it could not be measured.
        reason: Why it could not; empty where it was.
    """

    sqnr_db: float | None = None
    reason: str = ""


class LayerErrors(Struct, frozen=True):
    """The errors of all layers of a run, on samples that did not calibrate.

    Attributes:
        layers: Name of each layer of the opened model to its error.
        samples: On how many samples.
        synthetic: Whether they were made up.
        reason: Why none was measured; empty where some were.
    """

    layers: dict[str, LayerError]
    samples: int
    synthetic: bool
    reason: str = ""


class Report(Struct, frozen=True):
    """What `compress` writes as `report.json`.

    `layer_errors` is the error of each layer's output; None in reports from before it was measured.
    """

    original: Figures
    compressed: Figures
    speedup: Ratio | None
    machine: Machine
    versions: dict[str, str]
    seeds: dict[str, int]
    steps: tuple[StepReport, ...]
    layers: tuple[Outcome, ...]
    warnings: tuple[str, ...] = ()
    layer_errors: LayerErrors | None = None
