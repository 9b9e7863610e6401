"""The window from the command line: what is checked before anything of it is imported."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_app.commands import NAMES


def wants_window(arguments: Sequence[str]) -> bool:
    """Whether the first argument names no command: the window is opened, with the files that are named."""
    return not arguments or not (arguments[0].startswith("-") or arguments[0] in NAMES)


def open_window(arguments: Sequence[str]) -> int:
    """Opens the window; returns the exit status: 2 where a file is not there, 1 where no window can be shown."""
    strange = next((argument for argument in arguments if not Path(argument).exists()), None)
    if strange is not None:
        sys.stderr.write(f"error: {strange!r} is no command and no file; see compression-studio --help\n")
        return 2
    if not _has_display():
        sys.stderr.write("error: there is no display to open a window on; see compression-studio --help for commands\n")
        return 1
    from desktop_app.ui.first_worker import first_worker

    paths = [str(Path(argument).absolute()) for argument in arguments]  # the worker has another folder
    host = first_worker()
    from desktop_app.app import run_window  # meanwhile: it takes about as long as the worker does

    return run_window(paths, host)


def _has_display() -> bool:
    """Whether a window can be shown; Qt would abort the process where it cannot."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)
