"""`.pt2` and TorchScript: programs. They are opened after the user trusts the file, in a process of their own."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
import onnx_ir as ir
from msgspec import Struct

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.input_shape import InputShape
from desktop_app.core.text import clean_name
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.io.torch_files.tidying import tidy

if TYPE_CHECKING:
    import torch

OPSET = 18
SEED = 0


class Imported(Struct, frozen=True):
    """An imported program.

    Attributes:
        model: As ONNX.
        inputs: What it was run on, by position.
        outputs: What torch gave for that, by position.
        notes: What the user should know, a sentence each.
    """

    model: ir.Model
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    notes: tuple[str, ...] = ()


def refuse_untrusted(kind: str, title: str) -> None:
    """Says why a program is not opened. Raises InvalidFileError, always."""
    what = "TorchScript" if kind == "torchscript" else "an exported program (.pt2)"
    raise InvalidFileError(
        f"{title} is {what}, which is a program: it can run anything once it is opened, so it is opened only when you "
        "say that you trust it (--trust). Weights alone (a state_dict, or safetensors) need no trust."
    )


def import_program(path: Path, kind: str, shapes: Sequence[InputShape], title: str) -> Imported:
    """Opens a trusted program, which may run what it likes, and exports it to ONNX.

    Args:
        path: The file.
        kind: "torchscript" or "exported_program".
        shapes: Of the inputs, with the batch; a `.pt2` knows its own.
        title: What to call the file in a sentence.

    Raises:
        InvalidFileError: when torch cannot open or export it.
        StudioError: when shapes are missing, or torch is not installed.
    """
    with needing_torch("importing torch programs"):
        import onnxscript
        import torch

        del onnxscript
    convert = _exported_program if kind == "exported_program" else _torchscript
    with _silent(), torch.no_grad():
        return convert(path, shapes, title)


def _exported_program(path: Path, shapes: Sequence[InputShape], title: str) -> Imported:
    import torch

    with _told(title, "open"):
        program = torch.export.load(path)
    inputs = _examples(program, shapes)
    with _told(title, "export"):
        outputs = _flat(program.module()(*inputs))
        exported = torch.onnx.export(program, inputs, dynamo=True, verbose=False, opset_version=OPSET)
    if exported is None:
        raise InvalidFileError(f"{title}: torch exports nothing for it.")
    model = ir.from_proto(exported.model_proto)
    notes = (_one_batch(title, inputs),) if _has_fixed_batch(model) else ()
    return Imported(tidy(model), _arrays(inputs), _arrays(outputs), notes)


def _examples(program: "torch.export.ExportedProgram", shapes: Sequence[InputShape]) -> tuple[Any, ...]:
    """What the file was exported with, or else values of the shapes that it declares."""
    import torch

    stored = program.example_inputs
    if stored is not None and not stored[1] and all(isinstance(one, torch.Tensor) for one in stored[0]):
        return tuple(stored[0])
    names = set(program.graph_signature.user_inputs)
    declared = [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder" and node.name in names]
    if not all(isinstance(one, torch.Tensor) for one in declared):
        raise StudioError("This program takes arguments that are no tensors: export it with tensors only.")
    if shapes:
        return _drawn(shapes)
    return tuple(
        _draw([size if isinstance(size, int) else 2 for size in one.shape], one.dtype, index)
        for index, one in enumerate(declared)
    )


def _torchscript(path: Path, shapes: Sequence[InputShape], title: str) -> Imported:
    import torch

    if not shapes:
        raise StudioError(
            f"{title} does not say which shapes its inputs have: give one --input for each, such as "
            "--input 1x3x224x224, in the order in which the model takes them."
        )
    with _told(title, "open"):
        module = torch.jit.load(path, map_location="cpu").eval()  # type: ignore[no-untyped-call]
    inputs = _drawn(shapes)
    with _told(title, "run"):
        outputs = _flat(module(*inputs))
    free = _takes_any_batch(module, inputs)
    with _told(title, "export"):
        model = _through_file(module, inputs, len(outputs), free=free)
    notes = () if free else (_one_batch(title, inputs),)
    return Imported(tidy(model), _arrays(inputs), _arrays(outputs), notes)


def _has_fixed_batch(model: ir.Model) -> bool:
    """Whether the first size of every input is a number."""
    shapes = [value.shape for value in model.graph.inputs]
    return all(shape is not None and len(shape) > 0 and isinstance(shape[0], int) for shape in shapes)


def _one_batch(title: str, inputs: Sequence["torch.Tensor"]) -> str:
    size = inputs[0].shape[0] if inputs and inputs[0].ndim else 1
    return f"{title} works for batches of {size} only, and so does the ONNX file."


def _takes_any_batch(module: Any, inputs: Sequence["torch.Tensor"]) -> bool:
    """Whether a script gives twice as many rows for twice as many samples."""
    import torch

    if any(one.ndim == 0 for one in inputs):
        return False
    try:
        once, twice = _flat(module(*inputs)), _flat(module(*(torch.cat([one, one]) for one in inputs)))
    except Exception:  # scripts raise what they like
        return False
    return all(
        one.ndim > 0 and other.shape == (2 * one.shape[0], *one.shape[1:])
        for one, other in zip(once, twice, strict=True)
    )


def _through_file(module: Any, inputs: tuple[Any, ...], outputs: int, *, free: bool) -> ir.Model:
    """The exporter of scripts; it alone takes them, and writes to a file object."""
    import torch

    buffer = io.BytesIO()
    names = (_names("input", len(inputs)), _names("output", outputs))
    torch.onnx.export(
        module,
        inputs,
        buffer,  # type: ignore[arg-type] # this exporter writes to file objects, too
        dynamo=False,
        opset_version=OPSET,
        input_names=names[0],
        output_names=names[1],
        dynamic_axes={name: {0: "batch"} for name in (*names[0], *names[1])} if free else None,
    )
    model: ir.Model = ir.from_proto(onnx.load_model_from_string(buffer.getvalue()))
    return model


def _names(word: str, count: int) -> list[str]:
    return [word] if count == 1 else [f"{word}_{index}" for index in range(count)]


def _drawn(shapes: Sequence[InputShape]) -> tuple[Any, ...]:
    import torch

    return tuple(_draw(one.sizes, getattr(torch, one.dtype), index) for index, one in enumerate(shapes))


def _draw(sizes: Sequence[int], dtype: "torch.dtype", index: int) -> "torch.Tensor":
    """Seeded values: normal numbers, or zeros and ones, which every table of embeddings has rows for."""
    import torch

    generator = torch.Generator().manual_seed(SEED + index)
    if dtype.is_floating_point:
        return torch.randn(*sizes, generator=generator).to(dtype)
    return torch.randint(0, 2, tuple(sizes), generator=generator).to(dtype)


def _flat(outputs: Any) -> list["torch.Tensor"]:
    """The tensors in what a model gave, in order."""
    import torch
    from torch.utils import _pytree as trees

    return [one for one in trees.tree_leaves(outputs) if isinstance(one, torch.Tensor)]


def _arrays(tensors: Sequence["torch.Tensor"]) -> tuple[Any, ...]:
    return tuple(one.detach().cpu().numpy() for one in tensors)


@contextlib.contextmanager
def _told(title: str, doing: str) -> Iterator[None]:
    """Turns what torch says of a file into a sentence."""
    try:
        yield
    except (MemoryError, StudioError):
        raise
    except Exception as error:  # torch raises what Python and C++ raise
        raise InvalidFileError(f"{title}: torch cannot {doing} it: {_reason(error)}.") from error


def _reason(error: BaseException) -> str:
    """The innermost cause, its first line that says something."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and "Traceback" not in line]
    return clean_name((lines or [type(error).__name__])[0].rstrip("."), limit=200)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Exporters print and warn of what no user can act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            yield
    finally:
        logging.disable(before)
