"""Finds the search that another process leads, to help it."""

import time
from collections.abc import Iterator

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress, Token
from desktop_app.core.report import Machine
from desktop_app.core.text import clean_name
from desktop_app.search.addresses import shown
from desktop_app.search.database import has_searches, open_database, told
from desktop_app.search.goal import GOAL, Goal, goal_of
from desktop_app.search.notes import note_in
from desktop_app.search.study import Study

POLL_SECONDS = 1.0


def join(storage: str, name: str, sha256: str, machine: Machine, wait: float, token: Token) -> tuple[Study, Goal]:
    """The one search that goes on in a database, waited for where none does yet. The study is to be closed.

    Args:
        storage: The database's address.
        name: Of the search; empty where any will do.
        sha256: Of the model; empty likewise.
        machine: Where this process judges.
        wait: Seconds to wait for a search to begin.
        token: Hears of progress; says when to stop.

    Raises:
        StudioError: when there is none, or more than one, or the database cannot be used.
        Cancelled: when the token says so.
    """
    began = time.monotonic()
    while True:
        token.check()
        known = dict(_searches(storage)) if has_searches(storage) else {}
        fitting = {one: goal for one, goal in known.items() if name in ("", one) and sha256 in ("", goal.sha256)}
        led = [study for one, goal in fitting.items() if (study := _led(storage, one, goal, machine)) is not None]
        if len(led) == 1:
            return led[0], known[led[0].name]
        for study in led:
            study.close()
        if led:
            raise StudioError(
                f"Several searches go on in {shown(storage)}: say which by --study ({_listed(led, known)})."
            )
        waited = time.monotonic() - began
        if waited >= wait:
            raise StudioError(_none(storage, name, sha256, known))
        token.report(Progress("wait", waited / wait))
        time.sleep(POLL_SECONDS)


def _searches(storage: str) -> Iterator[tuple[str, Goal]]:
    """Name and goal of all searches that can be helped."""
    database = open_database(storage)
    try:
        with told(storage):
            studies = database.get_all_studies()
        for one in studies:
            goal = goal_of(note_in(one.user_attrs, GOAL))
            if goal is not None:
                yield one.study_name, goal
    finally:
        database.remove_session()
        database.engine.dispose()


def _led(storage: str, name: str, goal: Goal, machine: Machine) -> Study | None:
    """The study, where a process leads it."""
    study = Study(storage, name, goal.space, goal.budget.draft_limits, machine)
    if study.standing().lead is not None:
        return study
    study.close()
    return None


def _none(storage: str, name: str, sha256: str, known: dict[str, Goal]) -> str:
    if name and name not in known:
        return (
            f"There is no search {clean_name(name)} in {shown(storage)}: leave --study out, or name one that goes on."
        )
    if name and sha256 not in ("", known[name].sha256):
        return f"The search {clean_name(name)} is for another model, {_file(known[name])}: name that one."
    if sha256 and known and all(sha256 != one.sha256 for one in known.values()):
        return f"The searches in {shown(storage)} are for other models: begin one by the command search."
    return f"No search goes on in {shown(storage)}: begin one, or go on with one, by the command search."


def _listed(led: list[Study], known: dict[str, Goal]) -> str:
    return "; ".join(f"{study.name}: {_file(known[study.name])}" for study in led)


def _file(goal: Goal) -> str:
    return clean_name(goal.source.replace("\\", "/").rpartition("/")[2])
