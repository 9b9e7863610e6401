"""Several processes search together, and some of them are killed; a search alone is killed, and goes on."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
import pytest
from msgspec.structs import replace

from desktop_app.core.judged import Judged
from desktop_app.search.database import open_database
from desktop_app.search.study import Study
from tests.unit.search import judging_program, postgres
from tests.unit.search.judging_program import LIMITS, SPACE, figures

TRIALS = 24
"""More than a generation of evolution."""


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
        return
    with postgres.server() as folder:
        yield postgres.address(folder)


def test_of_three_processes_one_is_killed_while_it_judges_and_nothing_is_lost_or_judged_twice(storage: str) -> None:
    with (
        helping(storage, "--seconds=0.2") as one,
        helping(storage, "--seconds=100") as victim,
        started(storage, "--seconds=0.2") as lead,
    ):
        said = next(line for line in victim.stdout if line.startswith("judging"))
        victim.kill()
        victim.wait()
        assert lead.wait() == one.wait() == 0
        shares = [judged_by(process) for process in (lead, one)]
    assert all(shares), "a process that had nothing to do proves nothing"
    database = open_database(storage)
    states = Counter(trial.state.name for trial in optuna.load_study(study_name="one", storage=database).trials)
    database.engine.dispose()
    with Study(storage, "one", SPACE, LIMITS) as ours:
        standing = ours.standing()
    assert [one.number for one in standing.judged] == list(range(TRIALS))
    assert int(said.split()[1]) in {one.number for one in standing.judged}
    assert len({one.genes for one in standing.judged}) == TRIALS
    assert all(one == figures(one.number, one.genes) for one in standing.judged)
    assert (standing.running, standing.lost, standing.lead, standing.ended) == ((), (), None, True)
    assert states["COMPLETE"] == TRIALS


@pytest.mark.parametrize("storage", ["sqlite"], indirect=True)
def test_a_search_goes_on_when_the_process_that_leads_is_killed_and_another_takes_its_place(storage: str) -> None:
    with helping(storage, "--seconds=0.1") as helper, started(storage, "--seconds=0.1") as lead:
        for line in lead.stdout:
            if line.startswith("judged 5"):
                break
        lead.kill()
        lead.wait()
        assert helper.wait() == 0  # nobody leads: it leaves
    assert started_alone(storage) == 0
    with Study(storage, "one", SPACE, LIMITS) as study:
        assert [one.number for one in study.judged()] == list(range(TRIALS))


def test_a_search_that_is_killed_at_any_moment_judges_the_same_as_one_that_is_not(tmp_path: Path) -> None:
    whole, cut = (f"sqlite:///{(tmp_path / name).as_posix()}" for name in ("whole", "cut"))
    assert started_alone(whole) == 0
    for lines in (1, 8, 27):  # before the first is kept, while one is judged, and when one was just kept
        with started(cut) as process:
            for _ in range(lines):
                process.stdout.readline()
            process.kill()
            process.wait()
    assert started_alone(cut) == 0
    assert judged_in(cut) == judged_in(whole)


def judged_in(storage: str) -> list[Judged]:
    with Study(storage, "one", SPACE, LIMITS) as study:
        return [replace(one, seconds=0.0) for one in study.judged()]


@contextmanager
def started(storage: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A process that searches; it does not outlive the test."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    process = subprocess.Popen(
        [sys.executable, judging_program.__file__, storage, str(TRIALS), *options],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def helping(storage: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """One that waits for another to lead."""
    with started(storage, "--helps", *options) as process:
        assert process.stdout.readline() == "ready\n"
        yield process


def started_alone(storage: str, *options: str) -> int:
    with started(storage, *options) as process:
        process.stdout.read()
        return process.wait()


def judged_by(process: subprocess.Popen[str]) -> list[str]:
    return [line for line in process.stdout.read().splitlines() if line.startswith("judged")]
