import os
import sqlite3
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from optuna.samplers import RandomSampler
from optuna.storages import RDBStorage
from sqlalchemy import text

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.search.addresses import shown, without_secrets
from desktop_app.search.database import has_searches, open_database
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import Study
from tests.unit.search import postgres


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "nonsense://me:s3cret@host/base",
        "postgresql+nothing://me:s3cret@nowhere/base",
        "sqlite:////no/such/folder/s.sqlite?password=s3cret",
        "postgresql://me:s3cret@host:port/base",
        "postgresql+psycopg://me:s3cret@127.0.0.1:1/base",
        "postgresql+psycopg://me:{s3cret}@127.0.0.1:1/base",
        "postgresql+psycopg://127.0.0.1:1/base?user=me&password=s3cret",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_cannot_be_used_is_told_in_a_sentence_without_the_password(address: str) -> None:
    with pytest.raises(StudioError, match=r"^The database ") as told_of:
        open_database(address)
    assert "s3cret" not in str(told_of.value)
    if not address.startswith("sqlite:"):
        with pytest.raises(StudioError, match=r"^The database ") as told_of:
            has_searches(address)
        assert "s3cret" not in str(told_of.value)


def test_what_is_no_address_is_told_with_what_one_looks_like() -> None:
    for address in ("s.sqlite", "redis://host"):
        with pytest.raises(StudioError, match=r"not understood: give sqlite:///FILE"):
            open_database(address)


def test_no_file_is_made_to_look_for_searches(tmp_path: Path) -> None:
    assert not has_searches(f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}")
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.skipif(find_spec("pymysql") is not None, reason="it is there")
def test_a_driver_that_is_not_there_is_named() -> None:
    with pytest.raises(StudioError, match=r"mysql\+pymysql://me:\*\*\*@host/base needs a driver .* install PyMySQL"):
        open_database("mysql+pymysql://me:s3cret@host/base")


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("postgresql://me:pa%20ss@host/base", "postgresql://me:***@host/base"),
        ("postgresql://host/base?user=me&password=pa", "postgresql://host/base?password=***&user=me"),
        ("post gresql:/me:pa@ss@host", "post gresql:/me:pa@ss@host"),
        ("://me:pa@ss@host", "://me:***@host"),
        ("sqlite:///a.sqlite", "sqlite:///a.sqlite"),
    ],
)
def test_addresses_are_shown_without_passwords(address: str, seen: str) -> None:
    assert shown(address) == seen


def test_what_a_driver_says_is_told_without_the_password() -> None:
    said = "cannot connect to 'postgresql://me:pa%20ss@host': is 'pa ss' right?"
    assert without_secrets(said, "postgresql://me:pa%20ss@host/b") == (
        "cannot connect to 'postgresql://me:***@host': is '***' right?"
    )


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="who may do everything is refused nothing")
def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    open_database(storage).engine.dispose()
    (tmp_path / "s.sqlite").chmod(0o400)
    with pytest.raises(StudioError, match="cannot be used for the search"):
        Study(storage, "one", Space(()), BudgetLimits())


def test_a_database_that_is_opened_to_be_read_is_told(tmp_path: Path) -> None:
    path = (tmp_path / "s.sqlite").as_posix()
    open_database(f"sqlite:///{path}").engine.dispose()
    storage = f"sqlite:///file:{path}?mode=ro&uri=true"
    with pytest.raises(StudioError, match=r"cannot be used for the search \(.*readonly"):
        Study(storage, "one", Space(()), BudgetLimits())


def test_another_version_of_optuna_is_told(tmp_path: Path) -> None:
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    open_database(storage).engine.dispose()
    with sqlite3.connect(tmp_path / "s.sqlite") as connection:
        connection.execute("update alembic_version set version_num = 'v99.0.0.a'")
    connection.close()
    with pytest.raises(StudioError, match="made by another version of Optuna"):
        open_database(storage)


def test_two_that_write_at_once_do_not_overwrite_each_other(tmp_path: Path) -> None:
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    first = open_database(storage)
    with first.engine.begin() as connection:
        connection.execute(text("create table count (value integer)"))
        connection.execute(text("insert into count values (0)"))

    def count(database: RDBStorage) -> None:
        for _ in range(50):
            with database.engine.begin() as connection:
                value = connection.execute(text("select value from count")).scalar_one()
                connection.execute(text(f"update count set value = {value + 1}"))
        database.engine.dispose()

    threads = [threading.Thread(target=count, args=(open_database(storage),)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with first.engine.connect() as connection:
        assert connection.execute(text("select value from count")).scalar_one() == 100
    first.engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgres.server() as folder:
        yield folder


def test_a_server_says_no(server: Path) -> None:
    with pytest.raises(StudioError, match="password authentication failed") as wrong:
        open_database(f"postgresql://{postgres.USER}:wr0ngs3cret@/postgres?host={server}")
    assert "wr0ngs3cret" not in str(wrong.value)
    right = postgres.address(server)
    open_database(right).engine.dispose()
    reading = f"{right}&options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(StudioError, match="read-only transaction") as read_only:
        Study(reading, "one", Space(()), BudgetLimits())
    assert postgres.PASSWORD not in str(read_only.value)


def test_who_may_only_read_and_write_rows_can_search_where_tables_are(server: Path) -> None:
    database = open_database(postgres.address(server))
    with database.engine.begin() as connection:
        connection.execute(text("create role clerk login password 'pen'"))
        connection.execute(text("grant select, insert, update, delete on all tables in schema public to clerk"))
        connection.execute(text("grant usage on all sequences in schema public to clerk"))
    database.engine.dispose()
    space = Space((Choice("bits", ("a",), (32, 8)),))
    with Study(f"postgresql://clerk:pen@/postgres?host={server}", "two", space, BudgetLimits()) as study:
        asked = study.claim(0, study.draw(RandomSampler(seed=0), (0,)), (0,))
        assert asked is not None
        assert study.tell(asked, Judged(0, (0,)))
        assert [one.number for one in study.judged()] == [0]
