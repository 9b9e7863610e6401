"""Writes ONNX files: equal models give equal bytes, a failure leaves the old file, the source is never replaced."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx_ir as ir

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.io.atomic import Check, atomic_write, check_space
from desktop_app.io.finite import find_non_finite

MAX_INSIDE_BYTES = 2**31 - 2**26
"""Weights of more bytes go to a file of their own: a protobuf ends at 2 GB, and the graph needs room too."""

EXTERNAL_BYTES = 1024
"""Smaller tensors stay in the model file."""

ALIGNMENT = 64
"""Tensors in a file of their own begin at multiples of so many bytes, so that processors read them at full speed."""

HASH_DIGITS = 12

SPARE_BYTES = 2**20
"""What the graph may take beside the weights, when free space is judged."""


@dataclass(frozen=True)
class Written:
    """A file that was written.

    Attributes:
        path: The model file.
        bytes: Its size and that of its external data.
        sha256: Of the model file.
        external: The file that holds the weights, where they do not fit into the model file.
    """

    path: Path
    bytes: int
    sha256: str
    external: Path | None = None


def write_model(
    model: Model,
    path: Path,
    *,
    refuse: Sequence[Path] = (),
    check: Check | None = None,
    max_inside_bytes: int = MAX_INSIDE_BYTES,
) -> Written:
    """Writes a model, whole or not at all.

    Args:
        model: What to write.
        path: Where to; what is there is replaced at the very end.
        refuse: Files that must not be replaced, by whatever name (the one that was opened).
        check: Looks at the complete temporary file before it takes its place; what it raises stops the writing.
        max_inside_bytes: Weights of more bytes go to a file of their own, named after its content.

    Raises:
        StudioError: when a weight is not finite, `path` is refused, or the file cannot be written.
    """
    refuse_replacing(path, refuse)
    refuse_non_finite(model)
    size = _weight_bytes(model)
    check_space(path.parent, size + SPARE_BYTES)
    if size > max_inside_bytes:
        return _write_with_external(model, path, refuse, check)
    return _write_bytes(model.to_bytes(), path, check)


def refuse_replacing(path: Path, refuse: Sequence[Path]) -> None:
    """Raises StudioError when `path` is one of `refuse`, also by another name or over a link."""
    for source in refuse:
        same = path.exists() and source.exists() and path.samefile(source)
        if same or os.path.normcase(path.resolve()) == os.path.normcase(source.resolve()):
            raise StudioError(
                f"{clean_name(path.name)} is the model that was opened, which is kept: choose another name."
            )


def refuse_non_finite(model: Model) -> None:
    """Raises StudioError when a weight holds NaN or infinity, naming the layer and the tensor."""
    for tensor, layer in find_non_finite(model):
        raise StudioError(
            f"The weight {clean_name(tensor)} of layer {clean_name(layer)} holds values that are not finite (NaN or "
            "infinity), so the model was not written: repair that layer in the original model."
        )


def _write_bytes(content: bytes, path: Path, check: Check | None) -> Written:
    with atomic_write(path, check) as file:
        file.write(content)
    return Written(path, len(content), hashlib.sha256(content).hexdigest())


def _write_with_external(model: Model, path: Path, refuse: Sequence[Path], check: Check | None) -> Written:
    """The weights first, under a name that tells their content; the model file, which makes them count, last."""
    digest = hashlib.sha256()
    for chunk in _external_content(model):
        digest.update(chunk)
    external = path.with_name(f"{path.stem}-{digest.hexdigest()[:HASH_DIGITS]}.data")
    refuse_replacing(external, refuse)
    existed = external.exists()
    with atomic_write(external) as file:
        file.writelines(_external_content(model))
    try:
        written = _write_bytes(_with_references(model, external), path, check)
    except BaseException:
        if not existed:
            external.unlink(missing_ok=True)
        raise
    return Written(path, written.bytes + external.stat().st_size, written.sha256, external)


def _external_content(model: Model) -> Iterator[bytes]:
    """What the file of weights holds: the large tensors in the order of the graph, aligned."""
    for _, tensor in _large(model.ir):
        yield tensor.tobytes()
        yield bytes(-tensor.nbytes % ALIGNMENT)


def _with_references(model: Model, external: Path) -> bytes:
    """The model as a protobuf whose large tensors lie in `external`."""
    outside = model.ir.clone()
    offset = 0
    for value, tensor in list(_large(outside)):
        value.const_value = ir.ExternalTensor(
            external.name,
            offset,
            tensor.nbytes,
            tensor.dtype,
            shape=ir.Shape(tensor.shape.numpy()),
            name=value.name or "",
            base_dir=external.parent,
        )
        offset += tensor.nbytes + -tensor.nbytes % ALIGNMENT
    serialised: bytes = ir.to_proto(outside).SerializeToString(deterministic=True)
    return serialised


def _large(model: ir.Model) -> Iterator[tuple[ir.Value, ir.TensorProtocol]]:
    for graph in model.graphs():
        for value in graph.initializers.values():
            tensor = value.const_value
            if tensor is not None and tensor.dtype != ir.DataType.STRING and tensor.nbytes >= EXTERNAL_BYTES:
                yield value, tensor


def _weight_bytes(model: Model) -> int:
    """Bytes of all initializers; of the tensors that nodes hold, too."""
    values = (value.const_value for graph in model.ir.graphs() for value in graph.initializers.values())
    attributes = (one.value for node in model.ir.graph.all_nodes() for one in node.attributes.values())
    tensors = (one for source in (values, attributes) for one in source if isinstance(one, ir.TensorProtocol))
    return sum(tensor.nbytes for tensor in tensors if tensor.dtype != ir.DataType.STRING)
