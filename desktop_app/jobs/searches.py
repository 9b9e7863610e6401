"""What is asked of a search, and what it has found."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.budget import Budget
from desktop_app.core.judged import Judged
from desktop_app.core.measuring import Measuring
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.jobs.history.record import KeptRun

PROFILE = "profile"
"""Under this name the study keeps the times of the layers: all who judge predict by the same."""

MOST_OF_FRONT = 256
"""Candidates of a front that are told, evenly spread over it."""


class SearchFinished(Struct, frozen=True, tag="search_finished"):
    """A search is done; `folder` of the request holds the best model as a run does.

    Attributes:
        best: The finalist that is given out: the one that keeps all limits, or the nearest to it.
        missed: The limits that it does not keep, and by what share of each.
        without: Limit to a candidate that, as it was judged, keeps all others: what the limit costs.
        front: The candidates that no other beats, as they were judged.
        finalists: Those that were measured whole, the best first.
        judged: How many candidates were judged, earlier calls included.
        failed: How many of them could not be made.
        recipe: Of the best.
        report: Of the best.
        choices: How many choices there were of each setting.
        exponent: There were ten to the power of this candidates.
        warnings: What the user should know, a sentence each.
        kept: The best as a run in the history; None where none is kept.
        not_kept: Why it is not, although it should be: a sentence.
        study: The name under which the database keeps the search.
        processors: Processor to the number of candidates judged there; times are of this machine, whoever judged.
    """

    best: Judged
    missed: dict[str, float]
    without: dict[str, Judged]
    front: tuple[Judged, ...]
    finalists: tuple[Judged, ...]
    judged: int
    failed: int
    recipe: Recipe
    report: Report
    choices: dict[str, int]
    exponent: float
    warnings: tuple[str, ...] = ()
    kept: KeptRun | None = None
    not_kept: str = ""
    study: str = ""
    processors: dict[str, int] = {}


class SearchModel(Struct, frozen=True, tag="search_model"):
    """Find the settings that keep a budget; every candidate is told as a `Judged`.

    Attributes:
        snapshot: The opened model.
        budget: What is asked for.
        base: What candidates go out from: its methods, and the layers it locks.
        folder: Where the best so far is left at all times.
        storage: Address of a database; the user's own where empty.
        resume: Go on with what an earlier search for the same has judged; else that is refused.
        measuring: How layers, and each finalist with the original, are measured.
        history: The folder of the history that takes the best over as a run, out of `folder`; empty for none.
        language: In which the report for people is written.
    """

    Result: ClassVar[type[Struct]] = SearchFinished
    snapshot: str
    budget: Budget
    base: Recipe
    folder: str
    storage: str = ""
    resume: bool = False
    measuring: Measuring = Measuring()
    history: str = ""
    language: str = "en"


class SearchHelped(Struct, frozen=True, tag="search_helped"):
    """A search needs no more help.

    Attributes:
        study: Its name.
        model: The file that it is for.
        judged: How many candidates this process has judged.
        all_judged: How many all have.
        ended: Whether the search has ended; else the process that led it is gone.
    """

    study: str
    model: str
    judged: int
    all_judged: int
    ended: bool


class JoinSearch(Struct, frozen=True, tag="join_search"):
    """Judge candidates for a search that another process leads; each is told as a `Judged`.

    Attributes:
        model: The file; where the search has it, if empty.
        data: Where its samples are; where the search has them, if empty.
        storage: Address of the database; the user's own where empty.
        study: The name of the search; the one that goes on where empty.
        wait: Seconds to wait for a search to begin, or to go on.
    """

    Result: ClassVar[type[Struct]] = SearchHelped
    model: str = ""
    data: str = ""
    storage: str = ""
    study: str = ""
    wait: float = 60.0


class SearchSized(Struct, frozen=True, tag="search_sized"):
    """What a search would choose from.

    Attributes:
        choices: How many choices there are of each setting.
        exponent: There are ten to the power of this candidates.
        judged: How many of them an earlier search for the same has judged.
    """

    choices: dict[str, int]
    exponent: float
    judged: int = 0


class SizeSearch(Struct, frozen=True, tag="size_search"):
    """Tell what a search would choose from, and whether one was begun before; see `SearchModel`."""

    Result: ClassVar[type[Struct]] = SearchSized
    snapshot: str
    budget: Budget
    base: Recipe
    storage: str = ""
    threads: int = 0


class BudgetRead(Struct, frozen=True, tag="budget_read"):
    """A budget file was read."""

    path: str
    budget: Budget


class ReadBudget(Struct, frozen=True, tag="read_budget"):
    """Read a budget file."""

    Result: ClassVar[type[Struct]] = BudgetRead
    path: str


class BudgetWritten(Struct, frozen=True, tag="budget_written"):
    """A budget file was written."""

    path: str


class WriteBudget(Struct, frozen=True, tag="write_budget"):
    """Write a budget file."""

    Result: ClassVar[type[Struct]] = BudgetWritten
    path: str
    budget: Budget
