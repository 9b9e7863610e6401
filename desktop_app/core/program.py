"""This program, started once more: as a worker, or to look at a file with fresh eyes."""

import os
import sys
from pathlib import Path

import desktop_app


def program_command(*arguments: str) -> list[str]:
    """What starts this program anew; never looks for modules in the current folder, which may hold anything."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "desktop_app"]
    return [*program, *arguments]


def program_environment(**variables: str) -> dict[str, str]:
    """The environment for it: it finds the package where this process has found it."""
    packages = [str(Path(desktop_app.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, packages)), **variables}
