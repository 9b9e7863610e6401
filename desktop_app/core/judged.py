"""A candidate of a search that was judged, and what a search makes small."""

from collections.abc import Sequence

from msgspec import Struct

from desktop_app.core.front import front


class Judged(Struct, frozen=True, tag="judged"):
    """A candidate that was judged.

    Attributes:
        number: In the order of the search, from 0, the model as it is; finalists keep theirs.
        genes: Which value of each choice of the search space it takes.
        bytes: Of the file.
        macs: Multiply-accumulates.
        latency_ms: Predicted, or measured where `measured`.
        speedup: The original's time over this; its interval where it was measured.
        sqnr_db: Signal to noise of the outputs.
        agreement: Share of samples with the same first choice; None where the outputs are no classes.
        drop: Points of accuracy lost; None without labels.
        peak_memory: Bytes; None until it is measured.
        measured: Whether the whole model was measured, on samples that the search has not seen.
        speedup_low: Lower end of the 95 % interval.
        speedup_high: Upper end.
        samples: On how many it was judged: on few, where these said that there is no hope.
        failed: Why it could not be made; empty where it could. The other figures then say nothing.
        seconds: That it took.
    """

    number: int
    genes: tuple[int, ...]
    bytes: int = 0
    macs: int = 0
    latency_ms: float = 0.0
    speedup: float = 1.0
    sqnr_db: float = 0.0
    agreement: float | None = None
    drop: float | None = None
    peak_memory: int | None = None
    measured: bool = False
    speedup_low: float | None = None
    speedup_high: float | None = None
    samples: int = 0
    failed: str = ""
    seconds: float = 0.0

    @property
    def noise(self) -> float:
        """Of the outputs, relative to their size."""
        return float(10.0 ** (-self.sqnr_db / 20.0))

    @property
    def objectives(self) -> tuple[float, float, float]:
        """What a search makes small: bytes, milliseconds, noise."""
        return float(self.bytes), self.latency_ms, self.noise


def front_of(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The candidates that no other beats in all objectives, by rising size; of equal ones the first."""
    made = [one for one in judged if not one.failed]
    kept = front([one.objectives for one in made])
    unique = {made[place].objectives: made[place] for place in sorted(kept, reverse=True)}
    return tuple(sorted(unique.values(), key=lambda one: one.objectives))
