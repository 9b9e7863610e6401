"""A private copy of a torch file: what was hashed is what is read, and what is run."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.text import clean_name
from desktop_app.io.atomic import check_space, told_as_sentence
from desktop_app.io.snapshot import copy_hashed, open_source


@dataclass(frozen=True)
class PrivateCopy:
    """A copy, and what it is of.

    Attributes:
        path: The copy.
        source: What the user opened.
        sha256: Of its content.
        bytes: Its size.
    """

    path: Path
    source: Path
    sha256: str
    bytes: int

    @property
    def title(self) -> str:
        """What to call the file in a sentence."""
        return clean_name(self.source.name)


def copy_privately(source: Path, folder: Path) -> PrivateCopy:
    """Copies a file to a folder of the session.

    Raises:
        InvalidFileError: when there is no such file, or it cannot be read.
        StudioError: when the copy cannot be written.
    """
    with open_source(source) as content, told_as_sentence(folder / source.name):
        check_space(folder, os.fstat(content.fileno()).st_size)
        digest = hashlib.sha256()
        target = folder / "opened"
        size = copy_hashed(content, target, digest)
    return PrivateCopy(target, source, digest.hexdigest(), size)
