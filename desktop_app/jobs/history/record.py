"""What is known of a kept run without opening its folder."""

from msgspec import Struct

from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, Machine, Ratio


class KeptRun(Struct, frozen=True):
    """A run in the history: enough to draw it, to name it, and to carry it out again.

    Attributes:
        id: Name of its folder; unlike any other's.
        number: What the user calls it: 1, 2 ... for each model; never given twice.
        sha256: Of the model that was opened.
        model: That model's file name.
        finished: When it was over, in seconds since 1970 (UTC).
        recipe: Complete, with what was guessed and chosen.
        original: The model as it was opened.
        compressed: What came of it.
        speedup: The original's time over the compressed model's.
        machine: Where it was measured.
        file_bytes: What the compressed model occupies in the history; 0 where its file is gone.
        pinned: Whether the user wants its file kept, however full the history is.
    """

    id: str
    number: int
    sha256: str
    model: str
    finished: float
    recipe: Recipe
    original: Figures
    compressed: Figures
    speedup: Ratio | None
    machine: Machine
    file_bytes: int = 0
    pinned: bool = False

    @property
    def has_file(self) -> bool:
        """Whether the compressed model is still there."""
        return self.file_bytes > 0
