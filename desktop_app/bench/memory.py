"""Peak memory of a model: what loading and running it adds to a fresh process."""

import multiprocessing
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx_ir as ir
import psutil

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import SilentToken, Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import MAX_BYTES_IN_MEMORY, open_session, running
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

RUNS = 3
LIMIT_SECONDS = 120.0
POLL_SECONDS = 0.05
STATUS, CLEAR_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_memory(model: Model | Path, *, threads: int = 1, token: Token | None = None) -> int | None:
    """Bytes by which loading and running a model on one sample raises a process at its peak.

    Returns:
        None where the model could not be loaded or run there, or took more than two minutes.

    Raises:
        Cancelled: when the token says so.
    """
    token = token or SilentToken()
    if isinstance(model, Path):
        return _measure_apart(model, threads, token)
    with TemporaryDirectory(prefix="compression-studio-") as folder:
        path = Path(folder) / "model.onnx"
        large = sum(layer.bytes for layer in model.layers) > MAX_BYTES_IN_MEMORY
        ir.save(model.ir, path, external_data="weights.bin" if large else None)
        return _measure_apart(path, threads, token)


def _measure_apart(path: Path, threads: int, token: Token) -> int | None:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(str(path.absolute()), threads, sender), daemon=True)
    child.start()
    sender.close()
    try:
        for _ in range(int(LIMIT_SECONDS / POLL_SECONDS)):
            token.check()
            if receiver.poll(POLL_SECONDS):
                peak: int | None = receiver.recv()
                return peak
        return None
    except EOFError:  # it died, most likely of the memory that was to be measured
        return None
    finally:
        child.kill()
        child.join()
        child.close()
        receiver.close()


def _measure(path: str, threads: int, sender: Connection) -> None:
    """Runs in the fresh process."""
    try:
        sender.send(_peak_of(Path(path), threads))
    except StudioError:
        sender.send(None)


def _peak_of(path: Path, threads: int) -> int:
    before = psutil.Process().memory_info().rss
    _forget_peak()
    session = open_session(path, threads=threads)
    feeds = made_up_feeds(inputs_of(session))
    with running():
        for _ in range(RUNS):
            session.run(None, feeds)
    return max(_peak() - before, 0)


def _forget_peak() -> None:
    """Imports may have taken more than stayed; Linux can begin to count anew."""
    if CLEAR_PEAK.exists():
        CLEAR_PEAK.write_text("5", "ascii")


def _peak() -> int:
    """Largest resident size of this process so far, in bytes."""
    if STATUS.exists():  # the peak that getrusage gives is that of the parent where it was larger
        fields = dict(line.split(":", 1) for line in STATUS.read_text("ascii", "replace").splitlines() if ":" in line)
        if "VmHWM" in fields:
            return int(fields["VmHWM"].split()[0]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
