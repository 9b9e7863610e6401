"""What a search has judged, kept in a database as it goes, so that it can be stopped at any moment and gone on with."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.storages import RDBStorage
from optuna.study import Study as Kept
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from desktop_app.core.budget import BudgetLimits, misses, set_limits
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.text import clean_name
from desktop_app.search.space import Space
from desktop_app.search.strategies.base import Genes

JUDGED = "judged"
"""Under this name a candidate's figures are kept."""

WORST = (1e18, 1e9, 1e9)
"""Objectives of a candidate that could not be made."""

PART = 30_000
"""Letters of a note in one field: some databases take 64 KB."""


class Study:
    """The candidates of one search.

    Args:
        storage: A database's address, as Optuna takes it.
        name: Of the search; searches for the same goal on the same model are one.
        space: What there is to choose.
        limits: What candidates are to keep.

    Raises:
        StudioError: when the database cannot be used.
    """

    def __init__(self, storage: str, name: str, space: Space, limits: BudgetLimits) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        self._limits, self._storage = limits, storage
        self._distributions: dict[str, BaseDistribution] = {
            f"c{place:04d}": IntDistribution(0, size - 1) for place, size in enumerate(space.sizes)
        }
        with self._told():
            database = RDBStorage(storage)
            _make_quick(database.engine)
            self._kept: Kept = optuna.create_study(
                storage=database, study_name=name, directions=["minimize"] * len(WORST), load_if_exists=True
            )

    def judged(self) -> tuple[Judged, ...]:
        """Those judged by now, in order."""
        with self._told():
            complete = self._kept.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            return tuple(map(_judged, complete))

    def note(self, name: str, text: str) -> None:
        """Keeps what the search has found out before its candidates."""
        parts = [text[start : start + PART] for start in range(0, max(len(text), 1), PART)]
        with self._told():
            for place, part in enumerate(parts):
                self._kept.set_user_attr(f"{name} {place}", part)
            self._kept.set_user_attr(name, len(parts))

    def noted(self, name: str) -> str | None:
        """What was kept under a name; None where nothing was."""
        with self._told():
            known = self._kept.user_attrs
            return "".join(known[f"{name} {place}"] for place in range(known[name])) if name in known else None

    def ask(self, sampler: BaseSampler, start: Genes | None = None) -> "Asked":
        """The next candidate: `start`, or else one that the sampler draws."""
        with self._told():
            self._kept.sampler = sampler
            if start is not None and not self._kept.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
                self._kept.enqueue_trial(dict(zip(self._distributions, start, strict=True)))
            trial = self._kept.ask(self._distributions)
            return Asked(trial, tuple(int(trial.params[name]) for name in self._distributions))

    def tell(self, asked: "Asked", found: Judged) -> None:
        """Keeps what was found of a candidate."""
        with self._told():
            missed = misses(self._limits, found)
            asked.trial.set_constraint("made", 1.0 if found.failed else 0.0)
            for name in set_limits(self._limits):
                asked.trial.set_constraint(name, missed.get(name, 0.0))
            asked.trial.set_user_attr(JUDGED, msgspec.json.encode(found).decode())
            self._kept.tell(asked.trial, WORST if found.failed else found.objectives)

    def forget(self, asked: "Asked") -> None:
        """Notes that a candidate was not judged to the end, or was before."""
        with self._told():
            self._kept.tell(asked.trial, state=TrialState.FAIL)

    def tidy(self) -> None:
        """Gives up what a search that was killed was judging: it is drawn again. For one worker only."""
        with self._told():
            for one in self._kept.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                self._kept.tell(one.number, state=TrialState.FAIL)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what a database says into a sentence; what is experimental in Optuna is our business."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                yield
        except (SQLAlchemyError, ImportError, ValueError, OSError, optuna.exceptions.StorageInternalError) as error:
            raise StudioError(
                f"The database {_shown(self._storage)} cannot be used for the search ({_reason(error)}): check its "
                "address, or leave --storage out."
            ) from error


class Asked(msgspec.Struct, frozen=True):
    """A candidate to be judged."""

    trial: optuna.Trial
    genes: Genes


def _judged(trial: FrozenTrial) -> Judged:
    return msgspec.json.decode(trial.user_attrs[JUDGED], type=Judged)


def _make_quick(engine: Engine) -> None:
    """SQLite without waiting for the disk at each of the many small writes: a killed program loses none of them."""
    if engine.dialect.name != "sqlite":
        return

    def prepare(connection: object, record: object) -> None:
        del record
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    event.listen(engine, "connect", prepare)
    engine.dispose()


def _shown(storage: str) -> str:
    """The address without the user's password."""
    try:
        return clean_name(make_url(storage).render_as_string(hide_password=True))
    except (SQLAlchemyError, ValueError):
        return clean_name(storage.rpartition("@")[2])


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error.__cause__ or error
    return clean_name(str(getattr(cause, "orig", None) or cause).strip().partition("\n")[0]) or type(cause).__name__
