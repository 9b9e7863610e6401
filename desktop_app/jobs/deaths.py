"""Every way in which a worker can end before its task does, each with its own sentence: rows of data."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from desktop_app.jobs.confinement import EXIT_BAD_REQUEST, EXIT_OUT_OF_MEMORY
from desktop_app.jobs.messages import Failed

Cause = Literal[
    "not_started",
    "slow_start",
    "bad_request",
    "silent",
    "too_long",
    "over_limit",
    "garbage",
    "oversize",
    "truncated",
    "memory",
    "system_memory",
    "killed",
    "segfault",
    "bus",
    "abort",
    "instruction",
    "stack",
    "signal",
    "exit",
    "ended",
]

SENTENCES: Mapping[Cause, str] = {
    "not_started": "The work could not begin: the worker process did not start ({detail}); "
    "reinstall the program if this stays so.",
    "slow_start": "The work could not begin: the worker process was not ready after {detail} s; "
    "try again when the computer is less busy.",
    "bad_request": "The work could not begin: "
    "the request is too large, or names a file in a way that cannot be sent ({detail}).",
    "silent": "The worker was ended while {doing}: "
    "it gave no sign of life for {detail} s; the file may be damaged or far too complex.",
    "too_long": "The worker was ended while {doing}: "
    "it took longer than the {detail} s that this may take; try a smaller model or less data.",
    "over_limit": "The worker was ended while {doing}: "
    "it took longer than the {detail} s that the settings allow; raise the limit there, or use a smaller model or less"
    " data.",
    "garbage": "The worker was ended while {doing}: "
    "it sent something that is no message; try again, and do not trust the file if it happens twice.",
    "oversize": "The worker was ended while {doing}: "
    "it sent more than a message may hold; the model has too many layers to be shown.",
    "truncated": "The worker broke off in the middle of a message while {doing}; try again.",
    "memory": "There was not enough memory for {doing}: "
    "close other programs, or use a smaller model, fewer samples or a smaller batch.",
    "system_memory": "The system ended the worker while {doing}, because the computer ran out of memory: "
    "close other programs or use a smaller model.",
    "killed": "The worker was killed from outside while {doing} (signal SIGKILL); try again.",
    "segfault": "The worker crashed while {doing}: "
    "a library read memory that is not its own ({detail}); the file may be damaged.",
    "bus": "The worker crashed while {doing}: "
    "a mapped file became shorter or its disk vanished ({detail}); check the disk and open the model again.",
    "abort": "The worker gave up while {doing}: "
    "a library found itself in an impossible state ({detail}); the file may be damaged.",
    "instruction": "The worker crashed while {doing}: "
    "a library used an instruction that this processor lacks ({detail}); install a build for it.",
    "stack": "The worker crashed while {doing}: the model is nested too deeply ({detail}).",
    "signal": "The worker was ended from outside while {doing} (signal {detail}); try again.",
    "exit": "The worker left while {doing}, with exit status {detail}; the details say more.",
    "ended": "The worker left while {doing}, without a word; try again.",
}

_BY_SIGNAL: Mapping[str, Cause] = {
    "SIGKILL": "killed",
    "SIGSEGV": "segfault",
    "SIGBUS": "bus",
    "SIGABRT": "abort",
    "SIGILL": "instruction",
}

_BY_STATUS: Mapping[int, Cause] = {
    0: "ended",
    EXIT_OUT_OF_MEMORY: "memory",
    EXIT_BAD_REQUEST: "bad_request",
    0xC0000005: "segfault",  # from here on: what Windows says
    0xC0000017: "memory",
    0xC000001D: "instruction",
    0xC00000FD: "stack",
    0xC0000409: "abort",
}


def cause_of(status: int, *, out_of_memory: bool = False) -> tuple[Cause, str]:
    """Why a process ended, and the detail for the sentence.

    Args:
        status: As `subprocess` tells it: negative for a signal.
        out_of_memory: Whether the system killed processes for lack of memory in its life time.
    """
    if status >= 0:
        return _BY_STATUS.get(status, "exit"), str(status) if status < 256 else hex(status)
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    cause = _BY_SIGNAL.get(name, "signal")
    return ("system_memory" if cause == "killed" and out_of_memory else cause), name


def failure(cause: Cause, doing: str, detail: object = "", details: str = "") -> Failed:
    """The failure to show for a worker that ended by `cause` while `doing` something."""
    return Failed(SENTENCES[cause].format(doing=doing, detail=detail), details)


def memory_kills() -> int:
    """How many processes the system has killed for lack of memory since it started; 0 where it does not count."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
