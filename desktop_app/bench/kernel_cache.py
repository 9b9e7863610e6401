"""Times of kernels on disk: a file for each machine, one line a time.

Lines are only ever appended, so that several programs may write at once; one that is cut off or damaged is passed over,
and the later of two lines for one kernel counts.
"""

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import onnxruntime as ort
import platformdirs
from msgspec import Struct

from desktop_app.bench.cpu import detect_cpu
from desktop_app.bench.kernel import Kernel

FORMAT = 1
"""Counted up when times of earlier versions should not be used any more."""


class KernelTime(Struct, frozen=True):
    """Microseconds of a kernel.

    ONNX Runtime computes convolutions on blocks of channels, and quantised ones channels-last. Where the neighbours do
    the same nothing is to be converted, so that is told apart.

    Attributes:
        run: What the operator itself takes.
        enter: What it takes to bring the input into the kernel's own layout; 0 where it has none.
        leave: What it takes to bring the output out of it.
    """

    run: float
    enter: float = 0.0
    leave: float = 0.0


class _Line(Struct, frozen=True):
    kernel: Kernel
    time: KernelTime


class KernelCache:
    """What is known of this machine's kernels. A folder that cannot be used costs the memory of earlier runs only.

    Args:
        threads: Threads inside an operator.
        folder: Where the files lie; the user's cache if None.
    """

    def __init__(self, threads: int, folder: Path | None = None) -> None:
        folder = folder or platformdirs.user_cache_path("compression-studio", appauthor=False) / "kernels"
        self._path = folder / f"{machine_key(threads)}.jsonl"

    def read(self) -> dict[Kernel, KernelTime]:
        """All times that can be read."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return {}
        return {line.kernel: line.time for line in map(_decoded, lines) if line is not None}

    def add(self, times: Mapping[Kernel, KernelTime]) -> None:
        """Appends times, in one write."""
        content = b"".join(msgspec.json.encode(_Line(kernel, time)) + b"\n" for kernel, time in times.items())
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, _fresh_line(self._path) + content)
            finally:
                os.close(file)
        except OSError:
            return


def machine_key(threads: int) -> str:
    """Names all that times depend on besides the kernel: processor, threads, version of ONNX Runtime."""
    cpu = detect_cpu()
    parts: Iterable[object] = (FORMAT, cpu.name, cpu.flags, platform.machine(), threads, ort.__version__)
    return hashlib.sha256(msgspec.json.encode(list(parts))).hexdigest()[:16]


def _fresh_line(path: Path) -> bytes:
    """A line break where the file ends amid a line, because who wrote it was killed."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return b""
        file.seek(-1, os.SEEK_END)
        return b"" if file.read() == b"\n" else b"\n"


def _decoded(line: bytes) -> _Line | None:
    try:
        one = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return one if one.time.run >= 0.0 else None
