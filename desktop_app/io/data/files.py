"""The files of a folder of images."""

import os
from pathlib import Path

from desktop_app.core.errors import InvalidFileError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
OTHER_IMAGES = frozenset({".gif", ".tif", ".tiff", ".heic", ".avif", ".jp2", ".ppm", ".svg"})
MAX_FILES = 2_000_000


def images_in(folder: Path) -> list[str]:
    """Names of the images directly in `folder`, sorted; hidden files and whatever is no regular file are left out.

    Raises:
        InvalidFileError: when the folder cannot be read.
    """
    return sorted(name for name in regular_files(folder) if Path(name).suffix.lower() in SUFFIXES)


def other_images_in(folder: Path) -> int:
    """How many images of formats that are not read lie directly in `folder`."""
    return sum(Path(name).suffix.lower() in OTHER_IMAGES for name in regular_files(folder))


def regular_files(folder: Path) -> list[str]:
    """Names of the regular files in `folder`. A device or pipe would block whoever opens it."""
    return [entry.name for entry in _entries(folder) if entry.is_file()]


def subfolders(folder: Path) -> list[str]:
    """Names of the folders in `folder`: in numerical order if all are numbers, else in alphabetical order."""
    names = [entry.name for entry in _entries(folder) if entry.is_dir()]
    if all(name.isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    entries: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as scan:
            for entry in scan:
                if not entry.name.startswith("."):
                    entries.append(entry)
                if len(entries) > MAX_FILES:
                    raise InvalidFileError(f"{folder} holds more than {MAX_FILES} files: give a smaller folder.")
    except OSError as error:
        raise InvalidFileError(
            f"The folder {folder} cannot be read ({error.strerror}): check its permissions."
        ) from error
    return entries
