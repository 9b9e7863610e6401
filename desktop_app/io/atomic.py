"""Files are written whole or not at all: a full disk or a killed process leaves the old file as it was."""

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import psutil

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name

PART = ".part"

REASONS = {
    errno.ENOSPC: "the disk is full: free some space or choose another folder",
    errno.EDQUOT: "your share of the disk is used up: free some space or choose another folder",
    errno.EFBIG: "the file would be larger than this disk or account allows: choose another folder",
    errno.EROFS: "the disk is read-only: choose another folder",
    errno.EACCES: "you may not write there: choose another folder",
    errno.EPERM: "you may not write there: choose another folder",
    errno.ENOENT: "there is no such folder: choose another one",
    errno.ENOTDIR: "there is no such folder: choose another one",
    errno.EISDIR: "a folder of that name is there: choose another name",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
}

Check = Callable[[Path], None]
"""Looks at a complete file before it takes its place; raises where it must not."""


@contextmanager
def atomic_write(path: Path, check: Check | None = None) -> Iterator[BinaryIO]:
    """Opens a temporary file beside `path`, which takes its place when the block ends without an error.

    The file's `name` is its path, for what can only write by path; its extension is that of `path`.

    Args:
        path: What is to be written.
        check: Looks at the complete temporary file before it takes the place; what it raises keeps the old file.

    Raises:
        StudioError: when the file cannot be written, in one sentence; the old file then stands.
    """
    with told_as_sentence(path):
        target = path.resolve() if path.is_symlink() else path
        sweep(target)
        descriptor, name = tempfile.mkstemp(*part_affixes(target), target.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _take_mode(temporary, target)
            if check is not None:
                check(temporary)
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(target.parent)


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all. Raises StudioError."""
    with atomic_write(path) as file:
        file.write(text.encode())


def check_space(folder: Path, needed: int) -> None:
    """Refuses to begin what cannot be finished.

    Raises:
        StudioError: when the disk of `folder` has less than `needed` bytes left.
    """
    with told_as_sentence(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        if folder.name.startswith(".") and PART in folder.name:  # a private one, of which the user does not know
            folder = folder.parent
        raise StudioError(
            f"{needed / 2**20:,.0f} MB are needed in {clean_name(str(folder))} and {free / 2**20:,.0f} MB are free: "
            "free some space or choose another folder."
        )


def part_affixes(target: Path) -> tuple[str, str]:
    """End and beginning of the name of what will become `target`.

    The end has the number of this process, and the target's own extension last: ONNX Runtime goes by it.
    """
    return f"-{os.getpid()}{PART}{target.suffix[:16]}", f".{target.name[:64]}."


def sweep(target: Path) -> None:
    """Removes what killed processes left of earlier attempts to write `target`."""
    suffix, prefix = part_affixes(target)
    suffix = suffix.removeprefix(f"-{os.getpid()}")
    for left in target.parent.glob(f"{glob.escape(prefix)}*{glob.escape(suffix)}"):
        number = left.name.removesuffix(suffix).rpartition("-")[2]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            with suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def sync_folder(folder: Path) -> None:
    """Makes a renaming in `folder` last over a power failure, where the system can."""
    with suppress(OSError):  # Windows has no descriptors of folders, and some network disks do not sync them
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def told_as_sentence(path: Path) -> Iterator[None]:
    """Turns what the system says of a failed write into a sentence for the user."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(
            error.errno or 0, f"{(error.strerror or 'the system refuses').lower()}: choose another folder"
        )
        raise StudioError(
            f"{clean_name(path.name)} was not written to {clean_name(str(path.parent))}, {reason}."
        ) from error


def _take_mode(temporary: Path, target: Path) -> None:
    """Temporary files are private; the new file gets the old one's access, or what this account gives by default."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0o077)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)
