"""Decoded images kept in a file without a name: a run reads the same ones after every step, and memory stays flat."""

import tempfile
import weakref
from contextlib import ExitStack
from io import FileIO
from threading import Lock

import numpy as np

MAX_BYTES = 128 * 2**20


class Spool:
    """Arrays by number, as many as fit; what does not is not kept, nor is anything once the disk is full.

    The file lies in the system's temporary folder and goes with the spool, or with the process.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._free, self._end = max_bytes, 0
        self._places: dict[int, tuple[int, tuple[int, ...], np.dtype]] = {}
        self._file: FileIO | None = None
        self._lock = Lock()

    def __contains__(self, number: int) -> bool:
        """Whether the array of that number is kept."""
        return number in self._places

    def keep(self, number: int, array: np.ndarray) -> None:
        """Keeps a copy of an array, if there is room for it."""
        with self._lock:
            if number in self._places or array.nbytes > self._free:
                return
            self._free -= array.nbytes
            try:
                self._write(array)
            except OSError:  # the disk is full, or there is no temporary folder: then images are decoded anew
                self._free = 0
                return
            self._places[number] = (self._end, array.shape, array.dtype)
            self._end += array.nbytes

    def get(self, number: int) -> np.ndarray | None:
        """The array of that number; None where it is not kept or can no longer be read."""
        place = self._places.get(number)
        if place is None or self._file is None:
            return None
        start, shape, dtype = place
        array = np.empty(shape, dtype)
        with self._lock:
            try:
                self._file.seek(start)
                read = self._file.readinto(array.data.cast("B"))
            except OSError:
                return None
        return array if read == array.nbytes else None

    def _write(self, array: np.ndarray) -> None:
        if self._file is None:
            with ExitStack() as stack:
                self._file = stack.enter_context(tempfile.TemporaryFile(prefix="compression-studio-", buffering=0))
                weakref.finalize(self, stack.pop_all().close)
        self._file.seek(self._end)
        content = np.ascontiguousarray(array)
        if self._file.write(content.data.cast("B")) != content.nbytes:
            raise OSError("the disk is full")
