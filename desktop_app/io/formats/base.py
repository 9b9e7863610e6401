"""What every export format is given, and what it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.io.atomic import Check


@dataclass(frozen=True)
class ExportJob:
    """What is exported.

    Attributes:
        model: The run's model file.
        target: The file to write (the folder, for a format that is one).
        refuse: Files that must not be replaced.
        check: Compares a written model, in a fresh process, with what was shown; raises where they differ.
        run_folder: Where the run left recipe and reports, if there was a run.
    """

    model: Path
    target: Path
    refuse: Sequence[Path]
    check: Check
    run_folder: Path | None = None


@dataclass(frozen=True)
class Format:
    """An export format.

    Attributes:
        name: As the command line and messages call it.
        title: For the user.
        suffix: Of the file; empty for a folder.
        write: Writes it, whole or not at all, and gives its size in bytes. Raises StudioError.
    """

    name: str
    title: str
    suffix: str
    write: Callable[[ExportJob], int]
