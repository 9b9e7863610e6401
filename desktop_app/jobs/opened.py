"""The models that this worker has opened: read once, used by every task that follows."""

from dataclasses import dataclass
from pathlib import Path

from desktop_app.graph.model import Model
from desktop_app.io.onnx_reader import read_model, read_untrusted
from desktop_app.io.snapshot import Snapshot
from desktop_app.jobs.session import new_folder


@dataclass(frozen=True)
class OpenedModel:
    """A model, and the private copy that it was read from."""

    model: Model
    snapshot: Snapshot


_opened: dict[str, OpenedModel] = {}


def open_untrusted(path: Path) -> OpenedModel:
    """Copies and reads a file of the user, and keeps the model for the tasks that follow. Raises InvalidFileError."""
    one = OpenedModel(*read_untrusted(path, new_folder("opened")))
    _opened[str(one.snapshot.path)] = one
    return one


def opened(snapshot: str) -> OpenedModel:
    """The model whose snapshot that is; read again where another worker had opened it.

    Raises:
        InvalidFileError: when the file was too large to copy and has changed since, or cannot be read any more.
    """
    one = _opened.get(snapshot)
    if one is None:
        return open_untrusted(Path(snapshot))
    one.snapshot.check_unchanged()
    return one


def load(path: str) -> Model:
    """A model that was opened, or any other from its file, checked just as well. Raises InvalidFileError."""
    return opened(path).model if path in _opened else read_model(Path(path))
