import subprocess
import sys

import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.recovery.history import History, Step
from desktop_app.ui.recovery.kept import Kept, ViewState
from desktop_app.ui.recovery.lock import Owner, this_process
from desktop_app.ui.recovery.store import Store

KEPT = Kept("net.onnx", "/models/net.onnx", "ab", view=ViewState(places="here"))
HISTORY = History((Step("Bits of a", Recipe().with_layer("a", LayerSettings(bits=8))),), 1)
HOLDER = """
import sys
from pathlib import Path
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.recovery.kept import Kept
place = Store(Path(sys.argv[1])).begin()
place.write(Kept("other.onnx", "/models/other.onnx", "cd"))
print(place.id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "sessions")


@pytest.fixture
def holder(tmp_path):
    """Another process that holds a session."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "sessions")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_session_that_is_held_is_nobody_elses(store):
    place = store.begin()
    place.write(KEPT)
    assert store.found() == ()
    assert store.take(place.id) is None
    store.forget(place.id)
    place.append(HISTORY.lines())
    place.release()
    (found,) = store.found()
    assert (found.kept, found.history, found.crashed, found.unsaved) == (KEPT, HISTORY, True, True)


def test_another_process_that_lives_is_no_crash_and_one_that_was_killed_is(store, holder):
    assert store.found() == ()
    holder.kill()
    holder.wait()
    assert [one.kept.name for one in store.found()] == ["other.onnx"]


def test_it_goes_to_the_first_who_takes_it(store):
    place = store.begin()
    place.write(KEPT)
    place.release()
    taken = store.take(place.id)
    assert taken is not None
    assert store.take(place.id) is None
    taken.forget()
    assert store.found() == ()
    assert store.take(place.id) is None


def test_what_is_written_anew_takes_the_place_of_what_was(store):
    place = store.begin()
    place.write(KEPT)
    place.append(HISTORY.lines())
    place.rewrite(History())
    place.write(Kept("net.onnx", "/models/net.onnx", "ab", closed="together", unsaved=True))
    place.release()
    (found,) = store.found()
    assert found.history == History()
    assert not found.crashed
    assert found.unsaved


def test_a_damaged_session_is_left_alone(store, tmp_path):
    place = store.begin()
    place.write(KEPT)
    (tmp_path / "sessions" / place.id / "session.json").write_text('{"name": 3')
    place.release()
    assert store.found() == ()


def test_no_folder_no_sessions(store):
    assert store.found() == ()


def test_a_process_is_told_from_one_that_has_its_number_later(tmp_path):
    own = this_process()
    assert own.alive
    assert not Owner(own.computer, own.pid, own.started - 3600).alive
    assert not Owner(own.computer, 2**22 + 1, own.started).alive
    assert Owner("another computer", 1, 0.0).alive
