"""The database of a search: any that Optuna takes, opened so that several processes can use it at once."""

import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import random
from typing import Any

import optuna
from optuna.storages import RDBStorage
from sqlalchemy import create_engine, event, inspect
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SAWarning, SQLAlchemyError

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name
from desktop_app.search.addresses import shown, without_secrets

BEAT_SECONDS, LEASE_SECONDS = 10, 60
"""A process that judges says so every 10 seconds; one that was not heard of for 60 seconds is taken for dead."""

WAIT_SECONDS = 60
"""For another process that writes into the same file."""

CONNECT_SECONDS = 15
"""For a server to answer."""

MOST_TRIES, AT_ONCE = 5, ("exists", "duplicate", "unique", "locked")
"""Two processes may be the first in a database at once: one of them hears this, and tries again."""

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "psycopg": {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"},
    "psycopg2": {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"},
    "pymysql": {"connect_timeout": CONNECT_SECONDS},
}
"""What drivers are told. A server that knows no encodings gives psycopg bytes, else."""

PACKAGES = {"postgresql": "compression-studio[postgres]", "mysql": "PyMySQL"}
"""What brings a driver along."""


def open_database(address: str, lease: int = LEASE_SECONDS) -> RDBStorage:
    """Opens a database; tables are made where there are none.

    Args:
        address: As SQLAlchemy takes it.
        lease: Seconds without a word after which a process is taken for dead.

    Raises:
        StudioError: when it cannot be used; never with its password.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for _ in range(MOST_TRIES):
        try:
            with told(address):
                return _opened(address, lease)
        except StudioError as error:
            if not _comes_from_others(error.__cause__):
                raise
            failed = error
            time.sleep(random())  # noqa: S311 - no secret
    raise failed


def has_searches(address: str) -> bool:
    """Whether there are searches in a database, or may be, without making one.

    Raises:
        StudioError: when it cannot be used.
    """
    with told(address):
        url = make_url(address)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            return False
        engine = create_engine(url, **_engine_settings(url))
        try:
            return bool(inspect(engine).has_table("studies"))
        finally:
            engine.dispose()


def _opened(address: str, lease: int) -> RDBStorage:
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and not (url.database or "").strip(":").removeprefix("memory"):
        raise ValueError("it names no file, so that nothing would be kept")
    try:
        database = RDBStorage(
            address.replace("{", "{{").replace("}", "}}"),  # Optuna fills in braces
            engine_kwargs=_engine_settings(url),
            heartbeat_interval=max(min(BEAT_SECONDS, lease // 2), 1),
            grace_period=lease,
        )
    except RuntimeError as error:  # so Optuna says it
        raise StudioError(
            f"The database {shown(address)} was made by another version of Optuna: use the program that made it, or "
            "name another."
        ) from error
    _make_quick(database.engine)
    return database


def _engine_settings(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": WAIT_SECONDS}}
    settings = {name: one for name, one in SETTINGS.get(url.get_driver_name(), {}).items() if name not in url.query}
    return {"connect_args": settings, "pool_pre_ping": True}


def _make_quick(engine: Engine) -> None:
    """SQLite without waiting for the disk at each of the many small writes: a killed program loses none of them.

    What is read to be written is read under the lock of the writer: two processes do not overwrite each other.
    """
    if engine.dialect.name != "sqlite":
        return

    def prepare(connection: object, record: object) -> None:
        del record
        connection.isolation_level = None  # type: ignore[attr-defined]  # SQLAlchemy begins, not the driver
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


def _comes_from_others(error: BaseException | None) -> bool:
    """Whether another process that began at the same moment is the reason."""
    if isinstance(error, optuna.exceptions.StorageInternalError):
        error = error.__cause__
    text = str(getattr(error, "orig", None) or error).lower()
    return isinstance(error, SQLAlchemyError) and any(words in text for words in AT_ONCE)


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turns what a database says into a sentence; what is experimental in Optuna is our business."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.simplefilter("ignore", SAWarning)
            yield
    except ImportError as error:
        raise StudioError(_without_driver(address)) from error
    except ArgumentError as error:
        raise StudioError(
            f"The database {shown(address)} has an address that is not understood: give sqlite:///FILE or, for several "
            "machines, postgresql://USER:PASSWORD@SERVER/NAME."
        ) from error
    except (SQLAlchemyError, KeyError, ValueError, OSError, optuna.exceptions.OptunaError) as error:
        raise StudioError(
            f"The database {shown(address)} cannot be used for the search ({_reason(error, address)}): check its "
            "address, or leave --storage out."
        ) from error


def _without_driver(address: str) -> str:
    name = make_url(address).get_backend_name()
    package = PACKAGES.get(name, "its driver")
    return f"The database {shown(address)} needs a driver that is not there: install {package}."


def _reason(error: BaseException, address: str) -> str:
    cause = getattr(error, "orig", None) or error.__cause__ or error
    text = str(getattr(cause, "orig", None) or cause).strip().partition("\n")[0]
    return clean_name(without_secrets(text, address)) or type(cause).__name__
