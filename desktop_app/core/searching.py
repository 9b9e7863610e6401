"""What a search tells while it goes on, beside its candidates."""

from msgspec import Struct

from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.space import Choice


class SearchBegun(Struct, frozen=True, tag="search_begun"):
    """A search has found out what there is to choose.

    Attributes:
        choices: The decisions; the genes of a candidate are numbers of their values.
        base: What candidates go out from, complete with the data.
        known: What earlier calls have judged.
        classes: Whether the data has labels of classes.
    """

    choices: tuple[Choice, ...]
    base: Recipe
    known: tuple[Judged, ...] = ()
    classes: bool = False


class Importance(Struct, frozen=True, tag="importance"):
    """How much the choices matter for what candidates lose and cost; see `search/importance.py`.

    Attributes:
        candidates: On how many this rests.
        noise: For each choice, how the noise of the outputs follows it, in [-1, 1] about; above 0 it rises.
        latency: The same of the predicted time.
        bytes: The same of the size.
    """

    candidates: int
    noise: tuple[float, ...]
    latency: tuple[float, ...]
    bytes: tuple[float, ...]
