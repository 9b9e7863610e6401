"""The machine that measures: its processor, its threads, and how busy others keep it."""

import os
from importlib.metadata import version
from time import perf_counter

import psutil

from desktop_app import __version__
from desktop_app.bench.cpu import detect_cpu
from desktop_app.core.report import Machine

LIBRARIES = ("onnxruntime", "onnx", "onnx-ir", "numpy")
BUSY_SHARE = 0.1
"""Share of the machine's time that others may take before the user is warned."""
STOLEN_SHARE = 0.02


def thread_count(threads: int) -> int:
    """Threads to measure with: `threads`, or one less than the cores that this process may use where it is 0."""
    return threads if threads > 0 else max(cores() - 1, 1)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def this_machine(threads: int) -> Machine:
    """The machine, and the threads that `threads` stands for."""
    cpu = detect_cpu()
    return Machine(cpu.name, cpu.flags, thread_count(threads))


def versions() -> dict[str, str]:
    """Versions of this program and of what computes for it."""
    return {"compression-studio": __version__, **{name: version(name) for name in LIBRARIES}}


class BusyWatch:
    """Tells how busy others kept the machine since it was made."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._started = perf_counter()
        self._busy, self._stolen = _machine_seconds()
        self._own = self._own_seconds()

    def warnings(self) -> tuple[str, ...]:
        """A sentence where timings suffered; none on a quiet machine."""
        total = (perf_counter() - self._started) * (psutil.cpu_count() or 1)
        busy, stolen = _machine_seconds()
        others = (busy - self._busy) - (self._own_seconds() - self._own)
        return busy_warnings(others / total, (stolen - self._stolen) / total, psutil.cpu_count() or 1)

    def _own_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def busy_warnings(others: float, stolen: float, processors: int) -> tuple[str, ...]:
    """Sentences on the shares of the machine's time that other programs used and that other machines took."""
    found = []
    if others > BUSY_SHARE:
        found.append(
            f"Other programs kept {others * processors:.1f} of {processors} cores busy meanwhile: "
            "close them for narrower intervals."
        )
    if stolen > STOLEN_SHARE:
        found.append(
            f"The host of this virtual machine took away {stolen:.0%} of its time during the measurement: "
            "measure again when it is quiet."
        )
    return tuple(found)


def _machine_seconds() -> tuple[float, float]:
    """Processor seconds since the start that were spent at work, and that a host took away."""
    times = psutil.cpu_times()
    return float(times.user + times.system), float(getattr(times, "steal", 0.0))
