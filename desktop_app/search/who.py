"""Which process judges a candidate, and whether it still lives."""

import os
import socket
import uuid
from functools import cache
from pathlib import Path

import psutil
from msgspec import Struct

BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")


class Who(Struct, frozen=True):
    """A process.

    Attributes:
        host: The name of its machine.
        system: What its number is unlike any other's in: one start of one operating system, or a container in it.
        pid: Its number.
        began: When it began, in seconds; numbers are used again.
    """

    host: str
    system: str
    pid: int
    began: float

    @property
    def alive(self) -> bool | None:
        """Whether it lives; None where that cannot be seen from here."""
        if self.system != this_process().system:
            return None
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.began) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


@cache
def this_process() -> Who:
    """The one that asks."""
    return Who(socket.gethostname(), _system(), os.getpid(), psutil.Process().create_time())


def _system() -> str:
    try:
        return f"{BOOT.read_text('ascii').strip()} {NAMESPACE.readlink()}"
    except OSError:
        return f"{uuid.getnode():x} {psutil.boot_time():.0f}"
