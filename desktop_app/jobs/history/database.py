"""The list of kept runs: one SQLite file that several windows and workers read and write at the same time.

Every use opens the file anew, so that no process holds on to a file that another has put aside.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec

from desktop_app.jobs.history.record import KeptRun

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE models (sha256 TEXT PRIMARY KEY, last_number INTEGER NOT NULL);
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        number INTEGER NOT NULL,
        finished REAL NOT NULL,
        file_bytes INTEGER NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0,
        record BLOB NOT NULL
    );
    CREATE INDEX runs_of_model ON runs (sha256, number);
    """,
)
"""What makes each version of the file of the one before; the first begins with an empty file."""

BUSY_SECONDS = 5.0
"""How long one waits for another process that writes."""

AGAIN_SECONDS = 0.02
"""Between attempts where SQLite itself does not wait."""

DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_COLUMNS = "record, file_bytes, pinned"


class NewerVersionError(Exception):
    """The file was made by a newer version of the program, which alone knows what is in it."""


class Database:
    """The open file; made by `opened`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def whole(self) -> bool:
        """Whether every page is what it should be."""
        return bool(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")

    def next_number(self, sha256: str) -> int:
        """The number of a model's next run; no other run gets it, whatever becomes of this one."""
        with self._connection:
            self._count(sha256, 1, "last_number + 1")
            rows = self._connection.execute("SELECT last_number FROM models WHERE sha256 = ?", (sha256,))
            return int(rows.fetchone()[0])

    def add(self, run: KeptRun) -> None:
        """Adds a run, or replaces the one with that id."""
        row = (run.id, run.sha256, run.number, run.finished, run.file_bytes, run.pinned, msgspec.json.encode(run))
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            self._count(run.sha256, run.number, "max(last_number, excluded.last_number)")

    def ids(self) -> set[str]:
        """All runs of all models."""
        return {str(row[0]) for row in self._connection.execute("SELECT id FROM runs")}

    def of_model(self, sha256: str) -> tuple[tuple[KeptRun, ...], int]:
        """A model's runs by their numbers, and how many more there are that this version cannot read."""
        return self._read("WHERE sha256 = ? ORDER BY number", sha256)

    def with_files(self) -> tuple[KeptRun, ...]:
        """All runs whose models take room, the oldest first."""
        return self._read("WHERE file_bytes > 0 ORDER BY finished")[0]

    def one(self, run_id: str) -> KeptRun | None:
        """The run with that id; None where there is none."""
        found = self._read("WHERE id = ?", run_id)[0]
        return found[0] if found else None

    def remove(self, run_id: str) -> None:
        """Takes a run from the list."""
        with self._connection:
            self._connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))

    def set_pinned(self, run_id: str, pinned: bool) -> None:
        """Notes whether a run's file is to stay."""
        with self._connection:
            self._connection.execute("UPDATE runs SET pinned = ? WHERE id = ?", (pinned, run_id))

    def set_file_bytes(self, run_id: str, count: int) -> None:
        """Notes how much room a run's model takes."""
        with self._connection:
            self._connection.execute("UPDATE runs SET file_bytes = ? WHERE id = ?", (count, run_id))

    def _count(self, sha256: str, number: int, then: str) -> None:
        text = f"INSERT INTO models VALUES (?, ?) ON CONFLICT DO UPDATE SET last_number = {then}"  # noqa: S608
        self._connection.execute(text, (sha256, number))

    def _read(self, condition: str, *values: Any) -> tuple[tuple[KeptRun, ...], int]:
        runs, unread = list[KeptRun](), 0
        text = f"SELECT {_COLUMNS} FROM runs {condition}"  # noqa: S608 - the condition is one of the above
        for record, file_bytes, pinned in self._connection.execute(text, values):
            try:
                run = msgspec.json.decode(record, type=KeptRun)
            except msgspec.DecodeError:
                unread += 1
            else:
                runs.append(msgspec.structs.replace(run, file_bytes=file_bytes, pinned=bool(pinned)))
        return tuple(runs), unread


@contextlib.contextmanager
def opened(path: Path, migrations: Sequence[str] = MIGRATIONS) -> Iterator[Database]:
    """Opens the file, makes it where there is none, and brings one of an older version up to date.

    Raises:
        NewerVersionError: when a newer version of the program has made it; it is left as it is.
        sqlite3.Error: when it cannot be used; see `is_damaged`.
        OSError: when its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level="IMMEDIATE")) as connection:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection, migrations)
        yield Database(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Has what is written go to a log first, so that others can read meanwhile.

    While several make the file at once, SQLite says that it is locked without waiting as it was told to.
    """
    end = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() >= end:
                raise
            sleep(AGAIN_SECONDS)
        else:
            return


def is_damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file's content is wrong; others pass (a full disk, another who writes)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED


def is_whole(path: Path) -> bool:
    """Whether all of the file can be read; also where there is none yet."""
    try:
        with opened(path) as database:
            return database.whole()
    except sqlite3.Error as error:
        return not is_damaged(error)


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    version = _version(connection)
    if version == len(migrations):
        return
    if version > len(migrations):
        raise NewerVersionError
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        version = _version(connection)  # another process may have been faster
        for text in migrations[version:]:
            for statement in text.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
