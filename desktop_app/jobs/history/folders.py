"""The folders of kept runs: they come whole, and go whole."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from desktop_app.core.errors import StudioError

RECORD = "run.json"
SMALL = frozenset({"recipe.yaml", "report.json", "report.html", "infer.py", RECORD})
"""What stays of a run whose model is removed to save space."""
PART, GONE = ".part-", ".gone-"
"""Beginnings of the names of folders that are being copied, or removed."""


def take(source: Path, target: Path, record: bytes) -> None:
    """Moves a run's folder to where it is kept, with its record in it; `target` appears whole or not at all.

    Raises:
        OSError: when it cannot be written; the source then stands as it was, but for the record.
        StudioError: when the disk has too little room for it.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(source / RECORD, record)
    try:
        source.rename(target)
    except OSError:  # another disk, or a file in it is open: then it is copied
        _copy(source, target)
        shutil.rmtree(source, ignore_errors=True)
    _sync(target.parent)


def remove(folder: Path) -> None:
    """Removes a run's folder: at once it is no run any more, then its files go.

    Raises:
        OSError: when the folder cannot be moved out of the way; nothing of it is lost then.
    """
    if folder.exists():
        gone = folder.with_name(f"{GONE}{os.getpid()}-{folder.name}")
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def drop_model(folder: Path) -> None:
    """Removes the model from a run's folder; recipe, report and record stay. Raises OSError."""
    for file in folder.iterdir():
        if file.name not in SMALL:
            file.unlink()


def model_bytes(folder: Path, model: str) -> int:
    """What the model in a run's folder occupies, with all that goes when it is dropped; 0 where it is gone."""
    if not (folder / model).is_file():
        return 0
    return sum(file.stat().st_size for file in folder.iterdir() if file.name not in SMALL)


def complete(parent: Path) -> Iterator[Path]:
    """The folders that hold a whole run."""
    if parent.is_dir():
        yield from (one for one in parent.iterdir() if one.name[0] != "." and (one / RECORD).is_file())


def sweep(parent: Path) -> None:
    """Removes what killed processes have left half copied or half removed."""
    for prefix in (PART, GONE):
        for left in parent.glob(f"{prefix}*"):
            number = left.name.removeprefix(prefix).partition("-")[0]
            if not number.isdigit() or int(number) == os.getpid() or not psutil.pid_exists(int(number)):
                shutil.rmtree(left, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    files = [one for one in source.iterdir() if one.is_file()]
    _check_space(target.parent, sum(one.stat().st_size for one in files))
    part = target.with_name(f"{PART}{os.getpid()}-{target.name}")
    try:
        part.mkdir(mode=0o700)
        for file in files:
            shutil.copyfile(file, part / file.name)
            _sync(part / file.name)
        part.rename(target)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StudioError(f"{needed / 2**20:,.0f} MB are needed in {folder} and {free / 2**20:,.0f} MB are free.")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Makes a file, or a renaming in a folder, last over a power failure, where the system can."""
    with contextlib.suppress(OSError):  # Windows has no descriptors of folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
