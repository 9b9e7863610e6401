"""The same work without a window: the commands, and what their failures look like."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from desktop_app import __version__
from desktop_app.commands.benchmark import benchmark
from desktop_app.commands.compress import compress
from desktop_app.commands.convert import convert
from desktop_app.commands.demo import demo
from desktop_app.commands.evaluate import evaluate
from desktop_app.commands.export import export
from desktop_app.commands.inspect import inspect
from desktop_app.commands.sensitivity import sensitivity
from desktop_app.core.errors import Cancelled, StudioError

COMMANDS: tuple[Callable[..., None], ...] = (inspect, compress, benchmark, evaluate, sensitivity, export, convert, demo)

HELP = """Make neural networks small and fast.

Without a command, `compression-studio [FILE ...]` opens the window, with models (each in a
window of its own), a recipe and data."""


def main() -> None:
    """Runs a command, or opens the window when the first argument names none.

    Exit status: 0 done, 1 the work failed with a sentence on standard error, 2 wrong usage.
    """
    arguments = sys.argv[1:]
    if not arguments or not (arguments[0].startswith("-") or arguments[0] in {c.__name__ for c in COMMANDS}):
        sys.exit(_open_window(arguments))
    try:
        application()()
    except StudioError as error:
        sys.exit(f"error: {error}")
    except (Cancelled, KeyboardInterrupt):
        sys.exit("stopped")
    except OSError as error:
        sys.exit(f"error: {error.strerror or error}: {error.filename or 'no file named'}")
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        sys.exit(f"error: something unexpected happened ({type(error).__name__}: {error}); please report it")


def application() -> typer.Typer:
    """The commands as a typer application."""
    app = typer.Typer(help=HELP, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_options)
    for command in COMMANDS:
        app.command()(command)
    return app


def _options(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=lambda on: _print_version() if on else None
    ),
) -> None:
    del version


def _print_version() -> None:
    typer.echo(__version__)
    raise typer.Exit


def _open_window(arguments: list[str]) -> int:
    strange = next((argument for argument in arguments if not Path(argument).exists()), None)
    if strange is not None:
        sys.stderr.write(f"error: {strange!r} is no command and no file; see compression-studio --help\n")
        return 2
    if not _has_display():
        sys.stderr.write("error: there is no display to open a window on; see compression-studio --help for commands\n")
        return 1
    from desktop_app.app import run_window

    return run_window([str(Path(argument).absolute()) for argument in arguments])  # the worker has another folder


def _has_display() -> bool:
    """Whether a window can be shown; Qt would abort the process where it cannot."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)
