"""The same work without a window: the commands, and what their failures look like."""

import logging
import sys
from collections.abc import Callable

import typer

from desktop_app import __version__
from desktop_app.commands.benchmark import benchmark
from desktop_app.commands.compress import compress
from desktop_app.commands.convert import convert
from desktop_app.commands.demo import demo
from desktop_app.commands.design import design
from desktop_app.commands.evaluate import evaluate
from desktop_app.commands.export import export
from desktop_app.commands.inspect import inspect
from desktop_app.commands.search import search
from desktop_app.commands.sensitivity import sensitivity
from desktop_app.commands.worker import worker
from desktop_app.core.errors import Cancelled, StudioError

COMMANDS: tuple[Callable[..., None], ...] = (
    inspect,
    compress,
    benchmark,
    evaluate,
    search,
    worker,
    design,
    sensitivity,
    export,
    convert,
    demo,
)

STOPPED = 130
"""Exit status that shells expect of what Ctrl+C has stopped."""

HELP = """Make neural networks small and fast.

Without a command, `compression-studio [FILE ...]` opens the window, with models (each in a
window of its own), a recipe and data."""


def main() -> None:
    """Runs a command.

    Exit status: 0 done, 1 the work failed with a sentence on standard error, 2 wrong usage, 3 a budget was not met,
    130 stopped by Ctrl+C.
    """
    if "" in sys.argv[1:]:  # as a path it would be the folder of now
        sys.stderr.write("error: an argument is empty: is a variable of the shell not set? Leave its option out.\n")
        sys.exit(2)
    try:
        application()()
    except StudioError as error:
        sys.exit(f"error: {error}")
    except (Cancelled, KeyboardInterrupt) as stopped:
        sys.stderr.write(f"stopped: {stopped}\n" if str(stopped) else "stopped\n")
        sys.exit(STOPPED)
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
