"""This program, started once more: as a worker, or to look at a file with fresh eyes."""

import os
import sys
from pathlib import Path

import desktop_app

CONSOLE_PROGRAM = "compression-studio"


def program_command(*arguments: str) -> list[str]:
    """What starts this program anew; never looks for modules in the current folder, which may hold anything."""
    if getattr(sys, "frozen", False):
        return [str(_console_program()), *arguments]
    return [sys.executable, "-P", "-m", "desktop_app", *arguments]


def _console_program() -> Path:
    """The frozen program that has standard streams: Windows gives none to one without a console."""
    running = Path(sys.executable)
    beside = running.with_name(f"{CONSOLE_PROGRAM}{running.suffix}")
    return beside if beside.exists() else running


def program_environment(**variables: str) -> dict[str, str]:
    """The environment for it: it finds the package where this process has found it."""
    packages = [str(Path(desktop_app.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, packages)), **variables}
