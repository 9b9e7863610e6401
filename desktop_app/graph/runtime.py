"""ONNX Runtime sessions: the only module that makes them, always with the same safe options."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import onnx
import onnx_ir as ir
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.graph.model import Model

MAX_BYTES_IN_MEMORY = 512 * 2**20
"""Models with larger weights reach ONNX Runtime through a temporary folder: it maps files, but copies bytes thrice."""

MAX_FOLDED_BYTES = 64 * 2**20
"""ONNX Runtime folds constants at load; a ConstantOfShape of 68 bytes in the file may stand for gigabytes."""

EXPANSION = 8
"""What weights may grow by when they are decoded at load: 4 bits each in the file become 32."""

FATAL = 4
"""Severity of the only messages that ONNX Runtime may write to the terminal."""

MAX_SENTENCE = 300

RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    ort_errors.EPFail,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises when it loads or runs a model."""


def open_session(
    model: Model | Path | bytes,
    *,
    threads: int = 1,
    optimise: bool = True,
    profile_to: Path | None = None,
    outputs: Sequence[str] = (),
    save_optimised_to: Path | None = None,
) -> ort.InferenceSession:
    """Opens a session on the CPU.

    Args:
        model: A model, a file, or a serialised model whose weights are inside.
        threads: Threads inside an operator; operators run one after the other.
        optimise: Whether ONNX Runtime may fuse and fold; opening is much faster without.
        profile_to: Prefix of the profile that the session writes when its profiling ends.
        outputs: Names of further values of the main graph that the session should give.
        save_optimised_to: File that the graph is written to as ONNX Runtime's optimiser leaves it.

    Raises:
        InvalidFileError: when ONNX Runtime refuses the model.
        StudioError: when a value of `outputs` does not exist.
    """
    if outputs:
        model = _with_outputs(_as_model(model), outputs)
    options = _options(threads, optimise, profile_to, EXPANSION * _stored_bytes(model))
    if save_optimised_to is not None:
        options.optimized_model_filepath = str(save_optimised_to)
    if isinstance(model, Model) and _stored_bytes(model) > MAX_BYTES_IN_MEMORY:
        return _open_through_folder(model, options)
    return _open(model.to_bytes() if isinstance(model, Model) else model, options)


def held(model: Model) -> Model | bytes:
    """What to open again and again without serialising it each time; models with large weights stay as they are."""
    return model if _stored_bytes(model) > MAX_BYTES_IN_MEMORY else model.to_bytes()


def save_runtime_format(model: Path, target: Path) -> None:
    """Writes a model file in ONNX Runtime's own format, optimised only as far as every processor can follow.

    Raises:
        InvalidFileError: when ONNX Runtime refuses the model.
    """
    options = _options(1, True, None, EXPANSION * _stored_bytes(model))
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.save_model_format", "ORT")
    options.optimized_model_filepath = str(target)
    _open(model, options)


@contextmanager
def running() -> Iterator[None]:
    """Around runs of a session: turns what ONNX Runtime raises there into a sentence.

    Raises:
        InvalidFileError: when ONNX Runtime cannot carry out the model on the inputs it was given.
    """
    try:
        yield
    except RUNTIME_ERRORS as error:
        raise InvalidFileError(
            f"ONNX Runtime stopped while it ran this model: {sentence(error)}. Give data that the model was made for."
        ) from error


def sentence(error: Exception) -> str:
    """What ONNX Runtime says, without its error codes, as one line."""
    text = " ".join(str(error).split())
    if text.startswith("[ONNXRuntimeError]"):
        text = text.split(" : ", 3)[-1]
    text = re.sub(r"^Load model from .*? failed:", "", text)
    text = re.sub(r"\S*/onnxruntime\S*\.(cc|h):\d+ ", "", text)
    return text[:MAX_SENTENCE]


def _options(threads: int, optimise: bool, profile_to: Path | None, decoded_bytes: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = max(threads, 1)
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = FATAL
    level = ort.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimise else level.ORT_DISABLE_ALL
    # Threads that wait by spinning would slow down the session that runs next, and the benchmark runs them in turns.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    limit = str(max(MAX_FOLDED_BYTES, decoded_bytes))
    options.add_session_config_entry("optimization.constant_folding_max_output_size_in_bytes", limit)
    if profile_to is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile_to)
    return options


def _open(source: bytes | Path, options: ort.SessionOptions) -> ort.InferenceSession:
    content = source if isinstance(source, bytes) else str(source)
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        raise InvalidFileError(f"ONNX Runtime cannot run this model: {sentence(error)}") from error


def _open_through_folder(model: Model, options: ort.SessionOptions) -> ort.InferenceSession:
    """Opens a large model from a temporary folder that lives as long as the session."""
    folder = Path(tempfile.mkdtemp(prefix="compression-studio-"))
    try:
        path = folder / "model.onnx"
        ir.save(model.ir, path, external_data="weights.bin")
        session = _open(path, options)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(session, shutil.rmtree, folder, ignore_errors=True)
    return session


def _as_model(model: Model | Path | bytes) -> Model:
    if isinstance(model, Model):
        return model
    if isinstance(model, bytes):
        return Model(ir.from_proto(onnx.load_model_from_string(model)))
    return Model(ir.load(model))


def _with_outputs(model: Model, names: Iterable[str]) -> Model:
    """A copy that also gives the named values of the main graph."""
    model = model.clone()
    graph = model.graph
    values = {value.name: value for node in graph for value in node.outputs}
    values.update({value.name: value for value in graph.inputs})
    values.update(graph.initializers)
    present = {value.name for value in graph.outputs}
    for name in names:
        if name not in values:
            raise StudioError(f"The model has no value named {name!r} that could be observed.")
        if name not in present:
            graph.outputs.append(values[name])
            present.add(name)
    return model


def _stored_bytes(model: Model | Path | bytes) -> int:
    """What the model occupies, about; an honest file holds what it decodes to, a bomb does not."""
    if isinstance(model, Model):
        return _weight_bytes(model)
    if isinstance(model, bytes):
        return len(model)
    return model.stat().st_size if model.is_file() else 0


def _weight_bytes(model: Model) -> int:
    tensors = (value.const_value for graph in model.ir.graphs() for value in graph.initializers.values())
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)
