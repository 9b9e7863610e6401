"""What the adapters share. It runs in a peer's environment: the standard library and numpy, nothing of the project.

An adapter is called as `python run_PEER.py MODEL SAMPLES OUTPUT --setting NAME`; the last line that it prints is a JSON
object with the CPU seconds and the peak memory of its whole process, imports included.
"""

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Task:
    """What is asked of a peer.

    Attributes:
        model: The float model.
        samples: Folder of `.npz` files, one preprocessed sample each, arrays named after the model's inputs.
        output: Where the result goes.
        setting: Which of the peer's ways to take.
    """

    model: Path
    samples: Path
    output: Path
    setting: str

    @property
    def paths(self) -> list[Path]:
        """Files of the samples, in order."""
        return sorted(self.samples.glob("*.npz"))

    def feeds(self) -> Iterator[dict[str, np.ndarray]]:
        """The samples one by one, each read when it is its turn."""
        return (read(path) for path in self.paths)

    def batches(self, size: int) -> Iterator[dict[str, np.ndarray]]:
        """The samples in batches of `size`; the last may be smaller."""
        waiting: list[dict[str, np.ndarray]] = []
        for feed in self.feeds():
            waiting.append(feed)
            if len(waiting) == size:
                yield _stacked(waiting)
                waiting = []
        if waiting:
            yield _stacked(waiting)


def read(path: Path) -> dict[str, np.ndarray]:
    """One sample: input name to array of one row."""
    with np.load(path) as arrays:
        return dict(arrays)


def asked(description: str) -> Task:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--setting", default="default")
    return Task(**vars(parser.parse_args()))


def tell(**more: object) -> None:
    """Prints the line that the caller waits for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    figures = {"cpu_seconds": seconds, "peak_bytes": max(_peak(own.ru_maxrss), 1024 * children.ru_maxrss)}
    sys.stdout.write("\n" + json.dumps({**figures, **more}) + "\n")


def use_one_thread() -> None:
    """Makes sessions of ONNX Runtime that no thread count was set for use one thread.

    Else it takes a thread a core, and these spin while they wait, which counts as work: the peers would seem slower.
    """
    import onnxruntime as ort

    original = ort.InferenceSession.__init__

    def with_one_thread(
        session: object, path_or_bytes: object, sess_options: object = None, *rest: object, **others: object
    ):
        options = sess_options or ort.SessionOptions()
        options.intra_op_num_threads = options.intra_op_num_threads or 1
        original(session, path_or_bytes, options, *rest, **others)

    ort.InferenceSession.__init__ = with_one_thread


def _stacked(feeds: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([feed[name] for feed in feeds]) for name in feeds[0]}


def _peak(kilobytes: int) -> int:
    """Bytes. What getrusage gives would be the caller's peak where that was larger, so Linux is asked another way."""
    if STATUS.exists():
        fields = dict(line.split(":", 1) for line in STATUS.read_text("ascii", "replace").splitlines() if ":" in line)
        if "VmHWM" in fields:
            return int(fields["VmHWM"].split()[0]) * 1024
    return kilobytes * 1024
