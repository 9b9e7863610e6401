"""The private folder of a session: copies of opened models and runs lie there until the program ends."""

import os
import platform
import shutil
import tempfile
from functools import cache
from pathlib import Path

import platformdirs
import psutil

SESSION_VARIABLE = "COMPRESSION_STUDIO_SESSION"
FIRST_VARIABLE = "COMPRESSION_STUDIO_WORKER_FIRST"
"""Tags of the tasks that a worker imports first, commas between them, where it is for others than usual."""

LOG_VARIABLE = "COMPRESSION_STUDIO_WORKER_LOG"
"""`debug` where a worker logs what took how long."""


def new_session() -> Path:
    """Makes a folder that only this user can read, and removes those that killed programs have left.

    It lies beside the user's caches, not in the system's folder for temporary files, which may be memory.
    """
    parent = _parent()
    _remove_abandoned(parent)
    return Path(tempfile.mkdtemp(prefix=f"{platform.node()}-{os.getpid()}-", dir=parent))


@cache
def session_folder() -> Path:
    """The folder of the session that this process works for; its own where nobody gave it one."""
    given = os.environ.get(SESSION_VARIABLE)
    return Path(given) if given else new_session()


def new_folder(prefix: str) -> Path:
    """A fresh folder within the session's."""
    return Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=session_folder()))


def remove_session(folder: Path) -> None:
    """Removes a session's folder; what cannot be removed now is tried again by the next session."""
    shutil.rmtree(folder, ignore_errors=True)


def _parent() -> Path:
    folder = platformdirs.user_cache_path("compression-studio", appauthor=False) / "sessions"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return Path(tempfile.gettempdir())
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


def _remove_abandoned(parent: Path) -> None:
    """Removes the folders of programs that ran on this computer and run no more."""
    mine = f"{platform.node()}-"
    for folder in parent.glob("*"):
        owner = folder.name.removeprefix(mine).partition("-")[0]
        if folder.name.startswith(mine) and owner.isdigit() and not psutil.pid_exists(int(owner)):
            remove_session(folder)
