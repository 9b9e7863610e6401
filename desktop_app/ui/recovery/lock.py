"""Tells a window that lives from one whose program was killed."""

import errno
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import psutil
from msgspec import Struct

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HELD = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)
CLOCK_SECONDS = 5.0
"""The time at which a process was started is told a little differently after the clock was set."""


class Owner(Struct, frozen=True):
    """A process, told from one that has its number later."""

    computer: str
    pid: int
    started: float

    @property
    def alive(self) -> bool:
        """Whether it still runs; what runs on another computer cannot be looked at, and counts as alive."""
        if self.computer != platform.node():
            return True
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) < CLOCK_SECONDS
        except psutil.Error:
            return False


class Lock:
    """A file that one window holds, of this process or another. The system lets go of it when the process dies.

    Where the file system knows no locks, the owner that is written into the file decides.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Takes it; False where another window has it. Raises OSError where the file cannot be made."""
        file = self._path.open("a+b")
        try:
            _lock(file)
        except OSError as error:
            if error.errno in HELD or _owner_lives(self._path):
                file.close()
                return False
        file.truncate(0)
        file.write(msgspec.json.encode(this_process()))
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        """Lets others take it.

        Closing the file alone would not do: a process that is just being started has a copy of it for a moment.
        """
        if self._file is not None:
            with self._file:
                _unlock(self._file)
            self._file = None


def this_process() -> Owner:
    """The process that asks."""
    return Owner(platform.node(), os.getpid(), psutil.Process().create_time())


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _unlock(file: IO[bytes]) -> None:
    with suppress(OSError):  # of a file system that knows no locks
        if sys.platform == "win32":
            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)


LOCKED_BYTE = 1 << 20
"""Behind the file's end: Windows lets nobody read a byte that is locked."""


def _owner_lives(path: Path) -> bool:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Owner).alive
    except (OSError, msgspec.DecodeError):
        return False
