"""How long work tells what it does, and hears that it should stop."""

from typing import Literal, Protocol

from msgspec import Struct

from desktop_app.core.errors import Cancelled
from desktop_app.core.judged import Judged
from desktop_app.core.searching import Importance, SearchBegun
from desktop_app.core.sensitivity import LayerSensitivity

Metric = Literal[
    "bytes",
    "params",
    "macs",
    "latency_ms",
    "latency_ratio",
    "sqnr_db",
    "top1_agreement",
    "accuracy",
    "peak_memory",
    "loss",
]


class Progress(Struct, frozen=True, tag="progress"):
    """How far the work is.

    Attributes:
        stage: What is being done: a step's name, or "open", "calibrate", "measure", "verify" ...
        done: Share of this stage that is done, in [0, 1].
        text: One line for the user; may be empty.
        eta: Seconds left for this stage, where they can be told.
    """

    stage: str
    done: float
    text: str = ""
    eta: float | None = None


class Measurement(Struct, frozen=True, tag="measurement"):
    """A figure, told as soon as it is known.

    Attributes:
        metric: What was measured.
        value: The figure (latency in milliseconds, ratio original time / current time, shares in [0, 1]).
        stage: After which step; "original" for the model as opened, "final" for the result.
        low: Lower end of the 95 % interval, where there is one.
        high: Upper end.
    """

    metric: Metric
    value: float
    stage: str
    low: float | None = None
    high: float | None = None


Searched = SearchBegun | Judged | Importance
"""What a search tells of its candidates."""

Event = Progress | Measurement | LayerSensitivity | Searched


class Token(Protocol):
    """What long work reports to and asks whether to go on."""

    def report(self, event: Event) -> None:
        """Takes note of progress, a measurement, a layer tried or a candidate judged; cheap, may be called often."""

    @property
    def cancelled(self) -> bool:
        """Whether the user has asked to stop."""

    def check(self) -> None:
        """Raises `Cancelled` if the user has asked to stop."""


class SilentToken:
    """A token for work that nobody watches or stops."""

    cancelled = False

    def report(self, event: Event) -> None:
        """Forgets the event."""

    def check(self) -> None:
        """Goes on, unless a subclass was cancelled."""
        if self.cancelled:
            raise Cancelled
