"""A private copy of what the user opened: the source may change or vanish, the work goes on."""

import hashlib
import os
import stat
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.atomic import told_as_sentence
from desktop_app.io.references import NO_FOLLOW, check_location, open_reference
from desktop_app.io.walk import Walked, walk

MAX_COPIED_BYTES = 512 * 2**20
"""Larger models stay where they are and are watched instead."""

CHUNK = 2**20


@dataclass(frozen=True)
class Guard:
    """A file that is used where it lies: held open, and known by what would change with its content.

    Attributes:
        path: Where it was.
        descriptor: Open as long as the guard lives.
        inode: Device and number of the file.
        size: In bytes.
        modified: Nanoseconds since the epoch.
    """

    path: Path
    descriptor: int
    inode: tuple[int, int]
    size: int
    modified: int

    def unchanged(self) -> bool:
        """Whether the same file with the same size and time is still there."""
        try:
            return all(
                _identity(status) == (self.inode, self.size, self.modified)
                for status in (os.fstat(self.descriptor), self.path.stat())
            )
        except OSError:
            return False


@dataclass(frozen=True)
class Snapshot:
    """What is worked on instead of the file that the user opened.

    Attributes:
        path: The copy; the source itself where it is too large to copy.
        source: What the user opened.
        sha256: Of the model file, followed by its external data in the order of first use. Of external data that is
            not copied, by path, size and time.
        bytes: Size of the model file and its external data.
        guards: Files that were not copied.
    """

    path: Path
    source: Path
    sha256: str
    bytes: int
    guards: tuple[Guard, ...] = ()

    def check_unchanged(self) -> None:
        """Makes sure that the result is one of the file that was opened.

        Raises:
            InvalidFileError: when a file that was too large to copy has changed since.
        """
        for guard in self.guards:
            if not guard.unchanged():
                raise InvalidFileError(f"{clean_name(guard.path.name)} has changed since it was opened: open it again.")


def take_snapshot(path: Path, folder: Path) -> Snapshot:
    """Copies a model and its external data to a private folder, or guards them where they are too large for that.

    Args:
        path: What the user opened.
        folder: Where the copy goes; made with access for this user alone.

    Raises:
        InvalidFileError: when the file cannot be read or is refused; nothing is then left in `folder`.
        StudioError: when the copy cannot be written (a full disk).
    """
    return snapshot_and_walk(path, folder)[0]


def snapshot_and_walk(path: Path, folder: Path) -> tuple[Snapshot, Walked]:
    """As `take_snapshot`, with what was found on the way: walking a large model twice takes time."""
    with open_source(path) as source, told_as_sentence(folder / path.name):
        if os.fstat(source.fileno()).st_size > MAX_COPIED_BYTES:
            return _guard(path, walk(path, path.parent, path.name))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        copy = folder / "model.onnx"
        try:
            digest = hashlib.sha256()
            size = copy_hashed(source, copy, digest)
            walked = walk(copy, path.parent, path.name)
            if size + _external_bytes(path.parent, walked.locations) > MAX_COPIED_BYTES:
                copy.unlink()
                return _guard(path, walk(path, path.parent, path.name))
            for location in walked.locations:
                size += _copy_reference(path.parent, location, folder, digest)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
    return Snapshot(copy, path, digest.hexdigest(), size), walked


def open_source(path: Path) -> BinaryIO:
    """Opens what the user chose; it may be a link, but must lead to a plain file."""
    name, where = clean_name(path.name), clean_name(str(path.parent))
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW & ~getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        raise InvalidFileError(f"{name} in {where} is not opened: {reason}.") from error
    file = os.fdopen(descriptor, "rb") if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    if file is None:
        os.close(descriptor)
        raise InvalidFileError(f"{name} in {where} is a folder or a device, not a file: choose a model file.")
    return file


def copy_hashed(source: BinaryIO, target: Path, digest: "hashlib._Hash") -> int:
    """Copies a file and adds it to the digest; gives its size."""
    size = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_FOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
            size += len(chunk)
    return size


def _copy_reference(source: Path, location: str, folder: Path, digest: "hashlib._Hash") -> int:
    """Copies external data to the same place beside the copy."""
    target = folder.joinpath(*check_location(location, "Weights"))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_reference(source, location, "Weights") as file:
        return copy_hashed(file, target, digest)


def _external_bytes(folder: Path, locations: Sequence[str]) -> int:
    total = 0
    for location in locations:
        with open_reference(folder, location, "Weights") as file:
            total += file.seek(0, 2)
    return total


def _guard(path: Path, walked: Walked) -> tuple[Snapshot, Walked]:
    """Holds on to the files where they lie."""
    guards = [_guarded(path)]
    guards += [_guarded(path.parent.joinpath(*check_location(one, "Weights"))) for one in walked.locations]
    with path.open("rb") as file:  # read, not mapped: what is mapped and touched counts as the worker's memory
        digest = hashlib.file_digest(file, "sha256")
    for guard in guards[1:]:
        digest.update(repr((guard.path.name, guard.size, guard.modified)).encode())
    return Snapshot(path, path, digest.hexdigest(), sum(guard.size for guard in guards), tuple(guards)), walked


def _guarded(path: Path) -> Guard:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    guard = Guard(path, descriptor, *_identity(os.fstat(descriptor)))
    weakref.finalize(guard, os.close, descriptor)
    return guard


def _identity(status: os.stat_result) -> tuple[tuple[int, int], int, int]:
    return (status.st_dev, status.st_ino), status.st_size, status.st_mtime_ns
