"""What is asked of a design, and what it has come to."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.architecture import Architecture, Candidate
from desktop_app.core.data import DataSettings
from desktop_app.core.design import Design
from desktop_app.core.measuring import Measuring
from desktop_app.core.report import Fidelity, Latency, Ratio


class Designed(Struct, frozen=True, tag="designed"):
    """A net was designed, taught and written; it gives in ONNX Runtime what it gave where it was taught.

    Attributes:
        path: Of the model.
        architecture: What it looks like.
        latency_ms: Measured whole, in turns with the user's model.
        speedup: The user's model's time over this.
        missed: Limits that it does not keep, "latency_ms" or "speedup", with what it has.
        bytes: Of the file.
        params: How many numbers it has learned.
        macs: Multiply-accumulates of one sample.
        fidelity: To the user's model, on samples that taught nothing.
        accuracy: On their labels; None without any. Likewise `original_accuracy` of the user's model.
        front: The nets that no other beats in time and agreement, as they were judged, by rising time.
        judged: How many nets were judged.
        exponent: There were ten to the power of this nets; 0 where the family was scaled.
        parameter: Factor on the width, or the compound parameter, where the family was scaled.
        checked: A sentence on how the file was checked.
        notes: What the user should know, a sentence each.
    """

    path: str
    architecture: Architecture
    latency_ms: Latency
    speedup: Ratio
    missed: dict[str, float]
    bytes: int
    params: int
    macs: int
    fidelity: Fidelity | None = None
    accuracy: float | None = None
    original_accuracy: float | None = None
    front: tuple[Candidate, ...] = ()
    judged: int = 0
    exponent: float = 0.0
    parameter: float | None = None
    checked: str = ""
    notes: tuple[str, ...] = ()


class DesignStudent(Struct, frozen=True, tag="design_student"):
    """Design a net of a family that keeps a limit of time, taught by an opened model.

    Attributes:
        snapshot: The opened model.
        design: What is asked for.
        data: The samples that teach and evaluate.
        folder: Where the net is left: as it comes out of the search first, and once it is taught alone.
        measuring: How nets are measured.
    """

    Result: ClassVar[type[Struct]] = Designed
    snapshot: str
    design: Design
    data: DataSettings
    folder: str
    measuring: Measuring = Measuring()
