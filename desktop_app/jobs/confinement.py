"""What a worker does to itself before it touches a file: low priority, limits, an end together with its parent."""

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
import threading
from time import sleep

import psutil

MEMORY_VARIABLE = "COMPRESSION_STUDIO_WORKER_MEMORY"
"""Bytes that the worker may allocate, where it is not to be the usual; 0 or absent: the usual."""
NICENESS = 10
MEMORY_SHARE = 0.75
LEAST_MEMORY = 2 * 2**30
MAPPED_FILES = 64 * 2**30
"""Address space beyond the memory limit: weights are mapped from files, which costs addresses but no memory."""
EXIT_OUT_OF_MEMORY = 71
EXIT_BAD_REQUEST = 72
_PR_SET_PDEATHSIG = 1


def default_memory_limit() -> int:
    """Bytes that a worker may allocate: three quarters of what the computer has."""
    return max(LEAST_MEMORY, int(psutil.virtual_memory().total * MEMORY_SHARE))


def confine(memory_limit: int) -> None:
    """Takes away from this process what it does not need."""
    faulthandler.enable()
    lower_priority()
    die_with_parent()
    forbid_core_files()
    limit_memory(memory_limit)


def lower_priority() -> None:
    """Lets the window go first. Windows does this when the process is made."""
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the thread that started it ends; Linux only.

    Elsewhere, and where the kernel comes too late, the end of the pipe does it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forbid_core_files() -> None:
    """A crash leaves no image of the memory, which may hold the user's data, on the disk."""
    if sys.platform != "win32":
        import resource

        _lower(resource.RLIMIT_CORE, 0)


def limit_memory(limit: int) -> None:
    """Makes allocations beyond `limit` bytes fail; where the system cannot, ends the process that has taken more."""
    if sys.platform == "linux":
        import resource

        _lower(resource.RLIMIT_DATA, limit)
        _lower(resource.RLIMIT_AS, limit + MAPPED_FILES)
    else:
        threading.Thread(target=watch_memory, args=(limit,), daemon=True).start()


def watch_memory(limit: int, interval: float = 0.25) -> None:
    """Ends this process with `EXIT_OUT_OF_MEMORY` once it holds more than `limit` bytes."""
    process = psutil.Process()
    while process.memory_info().rss <= limit:
        sleep(interval)
    os._exit(EXIT_OUT_OF_MEMORY)


def end_group() -> None:
    """Ends this process and all that it has started."""
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _lower(resource_id: int, limit: int) -> None:
    """Lowers a limit; one that is lower already stays."""
    import resource

    _, hard = resource.getrlimit(resource_id)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource_id, (limit, limit))
