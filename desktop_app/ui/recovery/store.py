"""The folder where sessions are kept: one folder for each window, so that no two ever write the same file."""

import contextlib
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from desktop_app.ui.recovery.history import History, Line, read_history, written
from desktop_app.ui.recovery.kept import Kept
from desktop_app.ui.recovery.lock import Lock

LOCK, STATE, EDITS = "lock", "session.json", "edits.jsonl"


@dataclass(frozen=True)
class Found:
    """A session that no window holds.

    Attributes:
        id: Names it in the store.
        kept: The model and how it was shown.
        history: The edits.
        changed: When it was last written to, in seconds since 1970.
    """

    id: str
    kept: Kept
    history: History
    changed: float

    @property
    def crashed(self) -> bool:
        """Whether its program ended without closing it."""
        return not self.kept.closed

    @property
    def unsaved(self) -> bool:
        """Whether it has edits that are in no file, and that the user has not given up."""
        return self.history.dirty if self.crashed else self.kept.unsaved


class Place:
    """The session of one window, which holds its lock. All that writes raises OSError where that cannot be done."""

    def __init__(self, folder: Path, lock: Lock) -> None:
        self._folder = folder
        self._lock = lock

    @property
    def id(self) -> str:
        """Names it in the store."""
        return self._folder.name

    def write(self, kept: Kept) -> None:
        """Keeps the model and how it is shown, in place of what was kept before."""
        _replace(self._folder / STATE, msgspec.json.encode(kept))

    def append(self, lines: Iterable[Line]) -> None:
        """Adds edits: they are with the system when this returns, whatever becomes of this process."""
        with (self._folder / EDITS).open("ab", buffering=0) as file:
            file.write(written(lines))

    def rewrite(self, history: History) -> None:
        """Keeps these edits in place of those before."""
        _replace(self._folder / EDITS, written(history.lines()))

    def forget(self) -> None:
        """Removes all that is kept."""
        for name in (STATE, EDITS):
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def release(self) -> None:
        """Leaves what is kept to whoever comes next."""
        self._lock.release()


class Store:
    """All sessions that are kept, of this process and of others.

    Args:
        folder: Where they lie; in the user's data folder where nothing is given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or platformdirs.user_data_path("compression-studio", appauthor=False) / "sessions"

    def begin(self) -> Place:
        """A place for another session. Raises OSError where none can be made."""
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir(parents=True, mode=0o700)
        lock = Lock(folder / LOCK)
        lock.acquire()
        return Place(folder, lock)

    def take(self, name: str) -> Place | None:
        """A session that is to be gone on with; None where another window has it, or it is gone."""
        folder = self._folder / name
        lock = Lock(folder / LOCK)
        try:
            return Place(folder, lock) if (folder / STATE).is_file() and lock.acquire() else None
        except OSError:
            return None

    def read(self, name: str) -> Found | None:
        """What is kept under a name; None where that cannot be read."""
        folder = self._folder / name
        try:
            kept = msgspec.json.decode((folder / STATE).read_bytes(), type=Kept)
            edits = folder / EDITS
            content = edits.read_bytes() if edits.is_file() else b""
            changed = max(one.stat().st_mtime for one in (folder / STATE, edits) if one.is_file())
        except (OSError, ValueError, msgspec.DecodeError):
            return None
        return Found(name, kept, read_history(content), changed)

    def found(self) -> tuple[Found, ...]:
        """The sessions that no window holds, the newest first."""
        found = []
        for folder in self._folder.glob("*/"):
            place = self.take(folder.name)
            if place is not None:
                place.release()
                one = self.read(folder.name)
                found += [one] if one is not None else []
        return tuple(sorted(found, key=lambda one: one.changed, reverse=True))

    def forget(self, name: str) -> None:
        """Removes a session, unless a window holds it."""
        place = self.take(name)
        if place is not None:
            place.forget()


def _replace(path: Path, content: bytes) -> None:
    """Writes a file so that it is there whole, before or after."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(content)
    draft.replace(path)
