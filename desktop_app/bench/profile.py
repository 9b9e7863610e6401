"""Where the time of a model goes, layer by layer, from ONNX Runtime's own profile."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from msgspec import Struct

from desktop_app.bench.latency import Feeds, compare
from desktop_app.bench.machine import thread_count
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

WARM_UP_RUNS, MIN_RUNS, MAX_RUNS = 2, 3, 100
MAX_EVENTS = 200_000
"""ONNX Runtime stops writing after a million events."""
KERNEL = "_kernel_time"
RUN = "model_run"
MADE_BY_FUSION = re.compile(r"(_nchwc|_token_\d+|_quant|_dequant|_fused|_cast|/\w*Fusion\w*)$")
"""What ONNX Runtime's optimiser appends to the name of the node or of the output that a new kernel stands for."""


class Event(Struct, frozen=True):
    """One entry of the profile: microseconds from the session's start, and how long it took."""

    name: str
    start: float
    duration: float

    @property
    def end(self) -> float:
        """When it was over."""
        return self.start + self.duration


def profile_layers(
    model: Model,
    *,
    threads: int = 0,
    feeds: Feeds | None = None,
    seconds: float = 1.5,
    token: Token | None = None,
) -> LayerProfile:
    """Measures the time of every layer.

    Kernels are counted to the layer whose node they carry out; what ONNX Runtime adds (reordering, transposing) is
    counted to the layer that ran before. The times of a run are scaled to the model's median latency without profiling.

    Args:
        model: The model.
        threads: Threads inside an operator; 0 stands for one less than there are cores.
        feeds: Inputs to run with; made-up ones for one sample if None.
        seconds: How long to profile; the latency takes the same again.
        token: Hears of progress; says when to stop.

    Raises:
        InvalidFileError: when ONNX Runtime refuses the model or the inputs, or writes a profile that cannot be read.
        InvalidRecipeError: when no input can be made up for the model.
        Cancelled: when the token says so.
    """
    token = token or SilentToken()
    threads = thread_count(threads)
    runs = _profile(model, threads, feeds, seconds, token)
    owners = node_owners(model)
    by_run = [attribute(events, owners) for events in runs]
    total_ms = compare((model,), threads=threads, feeds=feeds, seconds=seconds, token=token).rows[0].latency_ms.median
    typical = {
        name: float(np.median([times.get(name, 0.0) for times in by_run])) for name in dict.fromkeys(_names(by_run))
    }
    whole = sum(typical.values())
    scale = total_ms / whole if whole > 0 else 0.0
    milliseconds = {layer.name: typical.get(layer.name, 0.0) * scale for layer in model.layers}
    return LayerProfile(total_ms, milliseconds, threads)


def _profile(
    model: Model, threads: int, feeds: Feeds | None, seconds: float, token: Token
) -> tuple[tuple[Event, ...], ...]:
    """Kernels of each run, in the order of execution, without those of the first runs."""
    with TemporaryDirectory(prefix="compression-studio-") as folder:
        session = open_session(model, threads=threads, profile_to=Path(folder) / "profile")
        given = dict(feeds) if feeds is not None else made_up_feeds(inputs_of(session), model.shapes)
        limit = max(MIN_RUNS, min(MAX_RUNS, MAX_EVENTS // max(len(model.graph), 1))) + WARM_UP_RUNS
        end = perf_counter() + seconds
        for number in range(limit):
            token.check()
            token.report(Progress("profile", number / limit, "Timing every layer"))
            with running():
                session.run(None, given)
            if number + 1 >= MIN_RUNS + WARM_UP_RUNS and perf_counter() > end:
                break
        return read_profile(Path(session.end_profiling()))[WARM_UP_RUNS:]


def read_profile(path: Path) -> tuple[tuple[Event, ...], ...]:
    """Kernels of each run from a profile that ONNX Runtime wrote, each with its own time only.

    Nodes that run a subgraph contain the kernels in it, so their time is lessened by these.

    Raises:
        InvalidFileError: when it cannot be read.
    """
    try:
        entries = json.loads(path.read_text("utf-8", "replace"))
        events = [Event(one["name"], one["ts"], one["dur"]) for one in entries if one["ph"] == "X"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InvalidFileError(
            "ONNX Runtime's profile of this model cannot be read, so the time of its layers is not known."
        ) from error
    runs = sorted((one for one in events if one.name == RUN), key=lambda one: one.start)
    kernels = sorted((one for one in events if one.name.endswith(KERNEL)), key=lambda one: (one.start, -one.duration))
    return tuple(tuple(_own_times([one for one in kernels if run.start <= one.start <= run.end])) for run in runs)


def _own_times(kernels: Sequence[Event]) -> Iterator[Event]:
    """Each kernel with its duration less that of the kernels inside it, by order of start."""
    inside = [0.0] * len(kernels)
    open_kernels: list[int] = []
    for index, kernel in enumerate(kernels):
        while open_kernels and kernels[open_kernels[-1]].end <= kernel.start:
            open_kernels.pop()
        if open_kernels and kernels[open_kernels[-1]].end >= kernel.end:
            inside[open_kernels[-1]] += kernel.duration
            open_kernels.append(index)
        elif not open_kernels:
            open_kernels.append(index)
    for kernel, within in zip(kernels, inside, strict=True):
        yield Event(kernel.name.removesuffix(KERNEL), kernel.start, max(kernel.duration - within, 0.0))


def node_owners(model: Model) -> Mapping[str, str]:
    """Name of a node, or of a value it gives, to the layer whose row it belongs to."""
    owners = {node: layer.name for layer in model.layers for node in (layer.name, *layer.nodes)}
    values = {
        output.name: owners[node.name]
        for node in model.graph
        if node.name in owners
        for output in node.outputs
        if output.name
    }
    return {**values, **owners}


def attribute(events: Sequence[Event], owners: Mapping[str, str]) -> dict[str, float]:
    """Microseconds of one run by layer; those before the first layer go to it, or to "" where there is no layer."""
    times: dict[str, float] = {}
    waiting, current = 0.0, ""
    for event in events:
        owner = _owner(event.name, owners)
        if owner is None and not current:
            waiting += event.duration
            continue
        current = owner or current
        times[current] = times.get(current, 0.0) + event.duration + waiting
        waiting = 0.0
    if waiting:
        times[""] = waiting
    return times


def _owner(kernel: str, owners: Mapping[str, str]) -> str | None:
    """The layer of a kernel, by its name and by what is left of it when the optimiser's additions are taken off."""
    name = kernel.removeprefix("fused ")
    while name not in owners:
        shorter = MADE_BY_FUSION.sub("", name)
        if shorter == name:
            return None
        name = shorter
    return owners[name]


def _names(runs: Sequence[Mapping[str, float]]) -> Iterator[str]:
    for times in runs:
        yield from times
