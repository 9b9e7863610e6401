"""Files beside a model that hold its weights: only plain files in the model's own folder are opened."""

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name

DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"}
)
"""Names that Windows gives to devices, with any extension.

Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

MEMORY_MARK = "_ORT_MEM_ADDR_"
"""ONNX Runtime takes the offset of values at this location for an address in its memory."""

MAX_LOCATION = 1024

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Neither follow a link nor wait for the other end of a pipe."""


def check_location(location: str, owner: str) -> tuple[str, ...]:
    """The parts of a safe relative path.

    Args:
        location: As the model names it.
        owner: The tensor whose values are there, for the message.

    Raises:
        InvalidFileError: for what could lead out of the folder, to a device or to memory.
    """
    parts = tuple(part for part in location.replace("\\", "/").split("/") if part not in ("", "."))
    if not parts:
        raise _refused(owner, "are said to lie in a file without a name")
    if "\0" in location or len(location) > MAX_LOCATION:
        raise _refused(owner, "are said to lie in a file with an impossible name")
    if PurePosixPath(location).is_absolute() or location.startswith("\\") or PureWindowsPath(location).drive:
        raise _refused(owner, f"are said to lie at the absolute path {clean_name(location)}")
    if ".." in parts:
        raise _refused(owner, f"are said to lie outside the model's folder, in {clean_name(location)}")
    if MEMORY_MARK in location:
        raise _refused(owner, "are said to lie at an address in memory")
    for part in parts:
        if part.split(".")[0].split(":")[0].rstrip(" ").upper() in DEVICES:
            raise _refused(owner, f"are said to lie in {clean_name(part)}, which is the name of a device")
    return parts


def open_reference(folder: Path, location: str, owner: str) -> BinaryIO:
    """Opens a file that a model refers to.

    Args:
        folder: The folder of the model.
        location: The path as the model names it.
        owner: The tensor whose values are there, for the message.

    Raises:
        InvalidFileError: when the path is not safe, leads over a link, or names no regular file.
    """
    path = folder
    for part in check_location(location, owner):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except OSError as error:
            raise InvalidFileError(
                f"{owner} are in {clean_name(location)}, which is not beside the model: put that file there."
            ) from error
        if stat.S_ISLNK(mode) or _is_junction(path):
            raise _refused(
                owner, f"are in {clean_name(location)}, which is a link", "put the real file beside the model"
            )
    if not stat.S_ISREG(mode):
        raise _refused(owner, f"are in {clean_name(location)}, which is no regular file")
    return _open(path, location, owner)


def _open(path: Path, location: str, owner: str) -> BinaryIO:
    """Opens the file that was looked at; a link put there in the meantime is not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
    except OSError as error:
        raise _refused(owner, f"are in {clean_name(location)}, which cannot be read") from error
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise _refused(owner, f"are in {clean_name(location)}, which is no regular file")
    return file


def _is_junction(path: Path) -> bool:
    """Whether a folder is a Windows junction, which `lstat` does not call a link."""
    with suppress(OSError):
        tag = getattr(path.lstat(), "st_reparse_tag", 0)
        return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return False


def _refused(
    owner: str, what: str, remedy: str = "such files are not opened; export the model again"
) -> InvalidFileError:
    return InvalidFileError(f"{owner} {what}: {remedy}.")
