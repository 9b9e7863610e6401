import sqlite3
import subprocess
import sys

import pytest

from desktop_app.jobs.history import database
from desktop_app.jobs.history.database import MIGRATIONS, NewerVersionError, opened

MAKERS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from desktop_app.jobs.history.database import opened


def number(path):
    with opened(path) as data:
        return data.next_number("ab")


if __name__ == "__main__":
    with ProcessPoolExecutor(4) as makers:
        for name in range(60):
            numbers = makers.map(number, [Path(sys.argv[1]) / f"{name}.sqlite"] * 4)
            assert sorted(numbers) == [1, 2, 3, 4]
"""
"""Processes that open files which are not there yet at the same moment, over and over."""


def columns(path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    connection.close()
    return found


def test_a_file_of_an_older_version_is_brought_up_to_date_with_what_is_in_it(tmp_path):
    path = tmp_path / "runs.sqlite"
    with opened(path) as data:
        assert [data.next_number("ab"), data.next_number("ab")] == [1, 2]
    later = (*MIGRATIONS, "ALTER TABLE runs ADD COLUMN note TEXT; UPDATE models SET last_number = last_number + 10")
    with opened(path, later) as data:
        assert data.next_number("ab") == 13
    assert columns(path)[-1] == "note"
    with pytest.raises(NewerVersionError), opened(path):
        pass


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "runs.sqlite"
    with opened(path) as data:
        data.next_number("ab")
    before = columns(path)
    with pytest.raises(sqlite3.OperationalError), opened(path, (*MIGRATIONS, "DROP TABLE models; DROP TABLE no_such")):
        pass
    assert columns(path) == before
    with opened(path) as data:
        assert data.next_number("ab") == 2


def test_several_may_make_the_file_at_once(tmp_path):
    made = subprocess.run([sys.executable, "-c", MAKERS, str(tmp_path)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def test_a_full_disk_or_another_who_writes_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    with opened(path):
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with opened(path) as data, pytest.raises(sqlite3.OperationalError) as locked:
        data.next_number("ab")
    assert not database.is_damaged(locked.value)
    assert database.is_whole(path)
    other.close()
