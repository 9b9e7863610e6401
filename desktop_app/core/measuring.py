"""How time is measured: the choices of a person that belong to the machine, not to the recipe."""

from msgspec import Struct

USUAL_SECONDS = 12.0
"""Narrow intervals on a quiet machine."""


class Measuring(Struct, frozen=True):
    """How a run's models are measured.

    Attributes:
        threads: That models run with; 0 stands for cores - 1.
        seconds: For comparing the finished model with the original; after each step it is a sixth of this,
            for each net of a design a twenty-fourth. Less is sooner done, and has wider intervals.
    """

    threads: int = 0
    seconds: float = USUAL_SECONDS

    @property
    def glance(self) -> float:
        """Seconds for comparing after a step."""
        return self.seconds / 6.0

    @property
    def each(self) -> float:
        """Seconds for each of many nets that are measured in turns."""
        return self.seconds / 24.0
