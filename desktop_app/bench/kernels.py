"""How long ONNX Runtime takes for an operator at a size: measured once on this machine, then looked up.

Kernels are timed many at a time, as branches of one model, by ONNX Runtime's own profile: so they are interleaved run
by run, and what converts layouts is told apart from what computes. Times of different sessions are made comparable by
one kernel that runs in all of them, for a machine is not equally fast all the time.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, prod
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter

import numpy as np
import onnxruntime as ort

from desktop_app.bench.kernel import Kernel, kernel_of_layer
from desktop_app.bench.kernel_cache import KernelCache, KernelTime
from desktop_app.bench.kernel_models import WARM, model_of
from desktop_app.bench.machine import thread_count
from desktop_app.bench.profile import Event, read_profile
from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.graph.runtime import open_session, running

REFERENCE = Kernel("Conv", (1, 32, 28, 28), 32, (3, 3), (1, 1), (2, 2), (1, 1), 1, "Relu")
"""Runs in every session: what its time differs by from session to session, all others are taken to differ by."""

IDLE = Kernel("Relu", (1, 1))
"""Computes nothing to speak of: what it seems to take, profiling itself takes, and every kernel seems to take more."""

SECONDS_EACH = 0.004
WARM_UP_RUNS, MIN_RUNS, MAX_RUNS = 2, 9, 60
QUANTILE = 0.25
"""Other programs only ever make a run slower, so the typical time of an undisturbed one lies below the median."""

LEAST = 0.5
"""Microseconds of any node: what ONNX Runtime itself takes to come to it."""

MAX_AT_ONCE = 48
MAX_BYTES = 96 * 2**20
"""Of weights and activations in one session."""

OWNER = re.compile(r"kernel(\d+)_")


class KernelTimes:
    """Times of kernels on this machine, from memory, from the disk, or measured now.

    Args:
        threads: Threads inside an operator; 0 stands for one less than there are cores.
        token: Hears of progress while something is measured; says when to stop.
        folder: Where times are kept; the user's cache if None.
    """

    def __init__(self, threads: int = 1, token: Token | None = None, folder: Path | None = None) -> None:
        self._threads = thread_count(threads)
        self._token = token or SilentToken()
        self._cache = KernelCache(self._threads, folder)
        self._known = self._cache.read()

    def layer(
        self, layer: Layer, *, outputs: int | None = None, inputs: int | None = None, bits: int = 32
    ) -> float | None:
        """Microseconds of a layer's kernel with other widths and bits; None where its operator cannot be timed.

        Args:
            layer: A row of the layer table.
            outputs: Output channels, if not all.
            inputs: Input channels for each convolution group, if not all.
            bits: 32, or 8 for u8 activations with s8 weights.
        """
        kernel = kernel_of_layer(layer, bits)
        if kernel is None:
            return None
        kernel = kernel.resized(outputs, inputs)
        return self.of([kernel])[kernel].run

    def chain(self, kernels: Sequence[Kernel]) -> float:
        """Microseconds of kernels one after another, with conversions of layout between them but not at the ends.

        Raises: as `of`.
        """
        times = self.of(kernels)
        return sum_of(kernels, times)

    def of(self, kernels: Iterable[Kernel]) -> dict[Kernel, KernelTime]:
        """Times of many kernels; what is not known yet is measured, interleaved.

        Raises:
            InvalidFileError: when ONNX Runtime does not run a kernel.
            Cancelled: when the token says so.
        """
        wanted = tuple(dict.fromkeys(kernels))
        self.prepare(wanted)
        return {kernel: self._known[kernel] for kernel in wanted}

    def prepare(self, kernels: Iterable[Kernel], until: float = inf) -> None:
        """Measures what is not known yet of many kernels, interleaved.

        Args:
            kernels: The kernels.
            until: By `time.monotonic`; what there is no time for until then is measured when it is asked for.

        Raises: as `of`.
        """
        missing = [kernel for kernel in dict.fromkeys(kernels) if kernel not in self._known]
        done = 0
        for group in _groups(missing):
            if monotonic() >= until:
                return
            self._token.check()
            self._token.report(Progress("measure", done / len(missing), "Timing kernels"))
            self._measure(group)
            done += len(group)

    def _measure(self, kernels: Sequence[Kernel]) -> None:
        """Times kernels beside the reference, and keeps what they take relative to it."""
        reference, *times = measure([REFERENCE, *kernels], self._threads, self._token)
        known = self._known.get(REFERENCE, reference)
        scale = known.run / reference.run
        found = {
            kernel: KernelTime(time.run * scale, time.enter * scale, time.leave * scale)
            for kernel, time in zip(kernels, times, strict=True)
        }
        found = {REFERENCE: known, **found} if REFERENCE not in self._known else found
        self._known.update(found)
        self._cache.add(found)


def sum_of(kernels: Sequence[Kernel], times: Mapping[Kernel, KernelTime], *, ends: bool = False) -> float:
    """Microseconds of kernels one after another; layouts are converted only where neighbours differ.

    Args:
        kernels: In the order of execution. Operators without weights work in any layout.
        times: Of each.
        ends: Whether input and output of the whole come and go in the model's layout.
    """
    total, leave, inside = 0.0, 0.0, not ends
    for kernel in kernels:
        time = times[kernel]
        total += time.run
        if kernel.op_type == "GlobalAveragePool":
            leave /= max(prod(kernel.input_shape[2:]), 1)  # there is less left to convert
        if not kernel.outputs:
            continue
        if not inside:
            total += time.enter
        elif not time.enter:
            total += leave
        inside, leave = time.leave > 0.0, time.leave
    return total + (leave if ends and inside else 0.0)


def measure(kernels: Sequence[Kernel], threads: int, token: Token) -> list[KernelTime]:
    """Times kernels in one session, in turns.

    Raises:
        InvalidFileError: when ONNX Runtime does not run one of them.
        Cancelled: when the token says so.
    """
    with TemporaryDirectory(prefix="compression-studio-") as folder:
        session = open_session(model_of([*kernels, IDLE]), threads=threads, profile_to=Path(folder) / "profile")
        feeds = {value.name: _noise(value) for value in session.get_inputs()}
        names = [value.name for value in session.get_outputs()]
        end = perf_counter() + SECONDS_EACH * len(kernels)
        for number in range(WARM_UP_RUNS + MAX_RUNS):
            token.check()
            with running():
                session.run(names, feeds)
            if number >= WARM_UP_RUNS + MIN_RUNS - 1 and perf_counter() > end:
                break
        runs = read_profile(Path(session.end_profiling()))[WARM_UP_RUNS:]
    idle = float(np.median([_parts(events, len(kernels) + 1)[-1, 0] for events in runs]))
    typical = np.quantile([_parts(events, len(kernels) + 1, idle)[:-1] for events in runs], QUANTILE, axis=0)
    return [KernelTime(float(run), float(enter), float(leave)) for run, enter, leave in typical]


def _noise(value: ort.NodeArg) -> np.ndarray:
    """Random values for an input of a model of kernels."""
    generator = np.random.default_rng(0)
    shape: list[int] = value.shape
    if "uint8" in value.type:
        return np.asarray(generator.integers(0, 256, shape, np.uint8))
    return np.asarray(generator.standard_normal(shape, np.float32))


def _parts(events: Sequence[Event], kernels: int, idle: float = 0.0) -> np.ndarray:
    """Microseconds of one run, (kernels, 3): what runs, enters and leaves; each node's less by `idle`.

    What has no branch's name converts a layout: for the kernel before it, if that has none yet, else for the next.
    """
    parts = np.zeros((kernels, 3))
    current, left, waiting = -1, True, 0.0
    for event in events:
        if event.name.startswith(WARM):
            continue
        taken = max(event.duration - idle, LEAST)
        owner = OWNER.search(event.name)
        if owner is not None:
            current, left = int(owner[1]), False
            parts[current, :2] += taken, waiting
            waiting = 0.0
        elif not left and not event.name.startswith("ReorderInput"):
            parts[current, 2] += taken
            left = True
        else:
            waiting += taken
    return parts


def _groups(kernels: Sequence[Kernel]) -> Iterator[list[Kernel]]:
    """As many kernels at a time as fit into one session."""
    group: list[Kernel] = []
    used = 0
    for kernel in kernels:
        size = _bytes(kernel)
        if group and (len(group) >= MAX_AT_ONCE or used + size > MAX_BYTES):
            yield group
            group, used = [], 0
        group.append(kernel)
        used += size
    if group:
        yield group


def _bytes(kernel: Kernel) -> int:
    values = int(np.prod(kernel.input_shape)) * max(1, kernel.outputs // max(kernel.input_shape[-1], 1))
    return (kernel.bits // 8) * (kernel.weights + values)
