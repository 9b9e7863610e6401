"""Weights out of checkpoints: read as data only, never as a program, whatever the file is."""

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.io.torch_files.safetensors import read_safetensors

if TYPE_CHECKING:
    import torch

Weights = Mapping[str, "torch.Tensor"]
"""Name to tensor."""

FORBIDDEN = re.compile(r"(?:Unsupported global: GLOBAL|Unsupported class|GLOBAL) ([\w.]+)")
"""How torch names what a pickle wanted to call."""

MAX_DEPTH = 3
"""How deep in a checkpoint the weights may lie: `{"model": {"state_dict": ...}}`."""


def read_weights(path: Path, kind: str, title: str) -> Weights:
    """The weights of a checkpoint or safetensors file by name, without what training wrapped around the model.

    Args:
        path: The file.
        kind: "checkpoint" or "safetensors".
        title: What to call it in a sentence.

    Raises:
        InvalidFileError: when it is damaged, wants to run something, or holds no weights.
        StudioError: when torch is not installed.
    """
    content = read_safetensors(path, title) if kind == "safetensors" else _load(path, title)
    found = max(_state_dicts(content, 0), key=len, default=None)
    if not found:
        raise InvalidFileError(
            f"{title} holds no weights by name: save the model's state_dict(), torch.save(model.state_dict(), ...)."
        )
    return unwrapped(found)


def unwrapped(weights: Weights) -> Weights:
    """The weights under the names that the model itself gives them: without a first module that all of them lie in."""
    while weights:
        first = {name.partition(".")[0] for name in weights}
        if len(first) > 1 or not all("." in name for name in weights):
            break
        weights = {name.partition(".")[2]: one for name, one in weights.items()}
    return weights


def _load(path: Path, title: str) -> object:
    """What the checkpoint holds; torch refuses all that is not data (`weights_only`), and is never asked without."""
    with needing_torch("reading torch files"):
        import torch
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except pickle.UnpicklingError as error:
        raise InvalidFileError(_refusal(str(error), title)) from error
    except Exception as error:  # torch's readers raise what Python and C++ raise on bytes that they did not expect
        raise InvalidFileError(
            f"{title} is damaged or truncated ({_first_line(error)}): get or save it again."
        ) from error


def _refusal(message: str, title: str) -> str:
    wanted = FORBIDDEN.search(message)
    if wanted is None:
        return f"{title} is damaged, or no checkpoint of weights: save the model's state_dict() and give that."
    return (
        f"{title} is a pickle of more than weights: opening it would run {clean_name(wanted[1])}, which the file "
        "chose, so it is refused. Whole pickled models need their own code: save model.state_dict() instead, or export "
        "the model to ONNX (torch.onnx.export)."
    )


def _first_line(error: Exception) -> str:
    first, *_ = str(error).strip().splitlines() or [type(error).__name__]
    return clean_name(first.partition(". ")[0].rstrip(". "), limit=160)


def _state_dicts(content: object, depth: int) -> "Iterator[dict[str, Any]]":
    """All dictionaries of tensors in what a checkpoint holds, each with its dense tensors only."""
    if not isinstance(content, dict) or depth > MAX_DEPTH:
        return
    tensors = {name: one for name, one in content.items() if isinstance(name, str) and _is_plain(one)}
    if tensors:
        yield tensors
    for inner in content.values():
        yield from _state_dicts(inner, depth + 1)


def _is_plain(value: object) -> bool:
    """Whether it is a tensor whose values are all there."""
    import torch

    return (
        isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
    )
