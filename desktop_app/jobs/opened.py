"""The models that this worker has opened: read once, used by every task that follows."""

from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.core.collector import made_to_stay
from desktop_app.core.errors import StudioError
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import Model
from desktop_app.inspection import summarise
from desktop_app.io.onnx_reader import read_untrusted
from desktop_app.io.snapshot import Snapshot
from desktop_app.jobs.session import new_folder, session_folder

SOURCE_NOTE = "opened-from.txt"
"""Beside a copy: where the user had opened it. Outlives the worker, as the copy does."""


@dataclass(frozen=True)
class OpenedModel:
    """A model, and the private copy that it was read from."""

    model: Model
    snapshot: Snapshot


_opened: dict[str, OpenedModel] = {}


def open_untrusted(path: Path) -> OpenedModel:
    """Copies and reads a file of the user, and keeps the model for the tasks that follow. Raises InvalidFileError."""
    folder = new_folder("opened")
    with made_to_stay():
        one = OpenedModel(*read_untrusted(path, folder))
    (folder / SOURCE_NOTE).write_text(str(path), "utf-8")
    _opened[str(one.snapshot.path)] = one
    return one


def opened(path: str) -> OpenedModel:
    """The model whose snapshot that is; any other file is copied and read like one of the user, every time.

    Raises:
        InvalidFileError: when the file was too large to copy and has changed since, or cannot be read any more.
    """
    one = _opened.get(path)
    if one is None:
        model, snapshot = read_untrusted(Path(path), new_folder("read"))
        one = OpenedModel(model, replace(snapshot, source=source_of(path)))
        if one.snapshot.source != Path(path):  # a copy, made by the worker before this one: it does not change
            _opened[path] = one
        return one
    one.snapshot.check_unchanged()
    return one


def source_of(path: str) -> Path:
    """The file that the user opened, of which `path` is the snapshot; `path` itself where it is none."""
    note = Path(path).parent / SOURCE_NOTE
    if Path(path).is_relative_to(session_folder()) and note.is_file():
        return Path(note.read_text("utf-8"))
    return Path(path)


def told(one: OpenedModel, cleaned: Model | None = None) -> ModelSummary:
    """The layer table, whether ONNX Runtime runs the model or not; `cleaned` as `summarise` takes it."""
    snapshot = one.snapshot
    return summarise(
        one.model,
        name=snapshot.source.name,
        path=str(snapshot.source),
        sha256=snapshot.sha256,
        file_bytes=snapshot.bytes,
        cleaned=cleaned,
    )


def summary_of(one: OpenedModel) -> ModelSummary:
    """The layer table. Raises StudioError when ONNX Runtime does not run the model."""
    summary = told(one)
    if summary.runnable:
        raise StudioError(summary.runnable)
    return summary
