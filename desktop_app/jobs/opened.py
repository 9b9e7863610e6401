"""The models that this worker has opened: read once, used by every task that follows."""

from dataclasses import dataclass
from pathlib import Path

from desktop_app.graph.model import Model
from desktop_app.io.onnx_reader import read_untrusted
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


def opened(path: str) -> OpenedModel:
    """The model whose snapshot that is; any other file is opened like one of the user, every time.

    Raises:
        InvalidFileError: when the file was too large to copy and has changed since, or cannot be read any more.
    """
    one = _opened.get(path)
    if one is None:
        return open_untrusted(Path(path))
    one.snapshot.check_unchanged()
    return one
