"""The ZIP archives that torch writes, looked at from outside: nothing is unpacked, nothing is run.

torch writes its records as they are; only the source code inside TorchScript is compressed. So the sizes that the list
of contents declares are bounded by the file itself, and an archive that claims more lies.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from desktop_app.core.errors import InvalidFileError

MAX_ENTRIES = 200_000
MAX_SOURCE_BYTES, MAX_SOURCE_RATIO = 64 * 2**20, 200
"""Of what is compressed: source code is text, and text does not shrink more."""


def names_inside(path: Path, title: str) -> Sequence[str]:
    """The names of an archive's records, after the sizes in its list of contents were found possible.

    Raises:
        InvalidFileError: when it is damaged, or declares more than it can hold.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise InvalidFileError(
            f"{title} is a damaged archive (truncated, perhaps): download or save it again."
        ) from error
    _check_sizes(entries, path.stat().st_size, title)
    return [entry.filename for entry in entries]


def _check_sizes(entries: Sequence[zipfile.ZipInfo], file_bytes: int, title: str) -> None:
    compressed = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    stored = sum(entry.file_size for entry in entries if entry.compress_type == zipfile.ZIP_STORED)
    if len(entries) > MAX_ENTRIES:
        raise InvalidFileError(f"{title} holds more than {MAX_ENTRIES:,} records: it is not opened.")
    if len({entry.filename for entry in entries}) < len(entries):
        raise InvalidFileError(f"{title} holds two records of one name: it is not opened.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise InvalidFileError(f"{title} is encrypted, which torch's files never are: it is not opened.")
    if any("/code/" not in entry.filename for entry in compressed):
        raise InvalidFileError(f"{title} holds compressed records, which torch never writes: it is not opened.")
    unpacked = sum(entry.file_size for entry in compressed)
    ratio = unpacked / max(1, sum(entry.compress_size for entry in compressed))
    if stored > file_bytes or unpacked > MAX_SOURCE_BYTES or ratio > MAX_SOURCE_RATIO:
        raise InvalidFileError(f"{title} declares more bytes than it can hold: it is not opened.")
