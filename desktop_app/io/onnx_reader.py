"""Opens ONNX files: walked first, weights left in the file, every failure one sentence."""

import warnings
from pathlib import Path

import onnx
import onnx_ir as ir

from desktop_app.core.collector import collector_paused
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.io.mapping import map_files, map_weights
from desktop_app.io.snapshot import Snapshot, snapshot_and_walk
from desktop_app.io.sparse import make_dense
from desktop_app.io.walk import Walked, walk


def read_model(path: Path) -> Model:
    """Opens a model file, and the files beside it that hold its weights.

    The weights stay memory-mapped: neither file may be changed in place while the model is in use.

    Raises:
        InvalidFileError: with what is wrong, where, and what the user can do.
    """
    if not path.is_file():
        raise InvalidFileError(f"There is no file {clean_name(path.name)} in {clean_name(str(path.parent))}.")
    try:
        return _build(walk(path, path.parent, path.name), path.parent, path.name)
    except OSError as error:
        raise InvalidFileError(f"{clean_name(path.name)} cannot be read: check that you may read it.") from error


def read_untrusted(path: Path, folder: Path) -> tuple[Model, Snapshot]:
    """Opens a private copy of a file of the user, see `snapshot`.

    Args:
        path: What the user opened.
        folder: Where the copy goes; made with access for this user alone.

    Raises:
        InvalidFileError: with what is wrong, where, and what the user can do.
    """
    snapshot, walked = snapshot_and_walk(path, folder)
    return _build(walked, snapshot.path.parent, path.name), snapshot


@collector_paused()
def _build(walked: Walked, folder: Path, name: str) -> Model:
    """The model of a walked file."""
    files = map_files(walked, folder)
    make_dense(walked.proto, files)
    _forget_map_types(walked.proto.graph)
    try:
        # what is warned of (keys that onnx does not know) is no concern of the user's
        with warnings.catch_warnings(action="ignore"):
            model = ir.from_proto(walked.proto)
    except MemoryError:
        raise
    except Exception as error:  # onnx_ir raises what Python raises on values that it did not expect
        raise InvalidFileError(f"{clean_name(name)} is no valid ONNX model: {_cause(error)}.") from error
    map_weights(model, files)
    if not walked.sorted:
        model.graph.sort()
        for function in model.functions.values():
            function.sort()
    return Model(model)


def _cause(error: BaseException) -> str:
    """The innermost reason, as one line without the classes of errors."""
    while error.__cause__ is not None:
        error = error.__cause__
    first, *_ = str(error).strip().splitlines() or ["it cannot be understood"]
    return clean_name(first.rstrip("."), limit=200)


def _forget_map_types(graph: onnx.GraphProto) -> None:
    """Drops the types of dictionaries, which only tree models give and onnx_ir does not have; runtimes infer them."""
    for value in (*graph.input, *graph.output, *graph.value_info):
        innermost = value.type
        while (kind := innermost.WhichOneof("value")) in ("sequence_type", "optional_type"):
            innermost = getattr(innermost, kind).elem_type
        if kind == "map_type":
            value.ClearField("type")
