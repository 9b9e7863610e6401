"""A host whose worker finds tasks that misbehave."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from desktop_app.jobs import session
from desktop_app.jobs.confinement import MEMORY_VARIABLE
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.limits import Limits
from desktop_app.jobs.messages import Reply
from desktop_app.jobs.recipes import ReadRecipe
from tests.unit.jobs.worker_under_test import COMMAND


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerHost]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    limits: Mapping = {ReadRecipe: Limits("testing", silence=8, total=30, grace=1.5)}
    with WorkerHost(COMMAND, limits, {MEMORY_VARIABLE: str(2 * 2**30), "OMP_NUM_THREADS": "1"}) as one:
        yield one


@pytest.fixture
def do(host: WorkerHost) -> Callable[[str], list[Reply]]:
    """Has the worker misbehave in the named way, and gives all that it said."""
    return lambda behaviour: list(host.submit(ReadRecipe(behaviour)))


@pytest.fixture
def private_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session folder of the test's own."""
    (tmp_path / "session").mkdir()
    monkeypatch.setenv(session.SESSION_VARIABLE, str(tmp_path / "session"))
    session.session_folder.cache_clear()
    yield
    session.session_folder.cache_clear()
