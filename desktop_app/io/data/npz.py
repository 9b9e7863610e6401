"""Reading an `.npz` of a stranger: plain arrays only, and none larger than it says or than memory can hold."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from desktop_app.core.errors import InvalidFileError

MAX_ARRAYS = 1024
MAX_BYTES = 4 * 2**30
MAX_RATIO = 200
RATIO_COUNTS_ABOVE = 64 * 2**20
"""Small archives may be as dense as they like: a mask of ones is."""


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads every array of an archive, after its directory was found harmless.

    Raises:
        InvalidFileError: when it is no archive of plain arrays, or claims to be too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(path, entries)
            return {entry.filename.removesuffix(".npy"): _array(archive, entry) for entry in entries}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error) as error:
        raise InvalidFileError(f"{path} cannot be read as an .npz ({error}): write it with numpy.savez.") from error


def _check_directory(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ARRAYS:
        raise InvalidFileError(
            f"{path} has {len(entries)} arrays, more than {MAX_ARRAYS}: write only what the model takes."
        )
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_BYTES:
        raise InvalidFileError(
            f"{path} unpacks to {declared / 2**30:.1f} GB, more than {MAX_BYTES >> 30} GB: give fewer samples."
        )
    packed = sum(entry.compress_size for entry in entries)
    if declared > RATIO_COUNTS_ABOVE and declared > MAX_RATIO * packed:
        raise InvalidFileError(
            f"{path} unpacks to {declared // max(packed, 1)} times its size, as archives made to exhaust memory do: "
            "write it with numpy.savez."
        )


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """One array, whose header must agree with the size that the directory gives."""
    with archive.open(entry) as stream:
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(stream)
        if dtype.hasobject:
            raise ValueError(f"{entry.filename} holds Python objects, which may be programs")
        if stream.tell() + int(np.prod(shape, dtype=object)) * dtype.itemsize != entry.file_size:
            raise ValueError(f"the header of {entry.filename} does not agree with its size")
    with archive.open(entry) as stream:
        return np.asarray(npy.read_array(stream, allow_pickle=False))
