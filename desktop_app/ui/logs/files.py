"""The log files in the user's state folder: one for each start of the program, the newest are kept."""

import contextlib
import faulthandler
import logging
import os
import time
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import platformdirs
import psutil

KEPT_STARTS = 10
MAX_BYTES, MAX_PARTS = 2 * 2**20, 2
MOST_OF_A_REPORT = 2**18
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OWN = "desktop_app"
"""The loggers of this program; of libraries only warnings are kept."""


def log_folder() -> Path:
    """Where the log files lie."""
    return platformdirs.user_log_path("compression-studio", appauthor=False)


def start_logs(folder: Path) -> logging.Handler:
    """Logs into a file of this process from now on, and has a crash of the interpreter written into another.

    Raises:
        OSError: when nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _prune(folder)
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    handler = RotatingFileHandler(
        folder / f"{name}.log", maxBytes=MAX_BYTES, backupCount=MAX_PARTS, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.getLogger().addHandler(handler)
    logging.getLogger(OWN).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    _watch_crashes(folder / f"{name}.crash")
    return handler


@dataclass(frozen=True)
class CrashReport:
    """What a program that crashed has left: where, when, and what every thread was doing."""

    path: Path
    when: float
    text: str


def crash_reports(folder: Path) -> tuple[CrashReport, ...]:
    """What programs that crashed have left, the newest first; those that still run have left nothing."""
    reports = []
    for path in sorted(folder.glob("*.crash"), reverse=True):
        with contextlib.suppress(OSError):
            text = path.read_bytes()[:MOST_OF_A_REPORT].decode(errors="replace")
            reports.append(CrashReport(path, path.stat().st_mtime, text))
    return tuple(report for report in reports if report.text)


_crashes: IO[bytes] | None = None


def _watch_crashes(path: Path) -> None:
    """The file must stay open: when the program crashes it is too late to open one."""
    global _crashes
    if _crashes is not None:
        _crashes.close()
    _crashes = path.open("wb", buffering=0)
    faulthandler.enable(_crashes)


def _prune(folder: Path) -> None:
    """Removes the files of all but the newest starts, and reports of crashes that did not happen."""
    starts = sorted({path.name.partition(".")[0] for path in folder.glob("*-*.*")}, reverse=True)
    for name in starts:
        pid = name.rpartition("-")[2]
        if pid.isdigit() and psutil.pid_exists(int(pid)):
            continue
        old = name in starts[KEPT_STARTS - 1 :]
        for path in folder.glob(f"{name}.*"):
            with contextlib.suppress(OSError):
                if old or (path.suffix == ".crash" and path.stat().st_size == 0):
                    path.unlink()
