"""Reads safetensors files: a table in JSON, then the tensors one after the other. Plain data.

Read here rather than by the library of that name: the format is eight bytes, a table and the values, and what this
program says of a file that lies should name the tensor.
"""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.torch_files.needing import needing_torch

MAX_HEADER_BYTES = 100_000_000
MAX_DIMENSIONS = 64

DTYPES: Mapping[str, tuple[str, int]] = {
    "F64": ("float64", 8),
    "F32": ("float32", 4),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
    "I64": ("int64", 8),
    "I32": ("int32", 4),
    "I16": ("int16", 2),
    "I8": ("int8", 1),
    "U8": ("uint8", 1),
    "BOOL": ("bool", 1),
}
"""What torch calls each type, and its bytes."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_safetensors(path: Path, title: str) -> dict[str, Any]:
    """Name to tensor, memory-mapped.

    Args:
        path: The file; it must not change in place while the tensors are used.
        title: What to call it in a sentence.

    Raises:
        InvalidFileError: when the table is damaged, or lies about what follows.
        StudioError: when torch is not installed.
    """
    with needing_torch("reading torch files"):
        import torch
    entries, start = _table(path, title)
    if not entries or path.stat().st_size == start:
        return {}
    content = torch.from_numpy(np.memmap(path, np.uint8, mode="c", offset=start))
    tensors = {}
    for name, entry in entries.items():
        begin, end = entry.data_offsets
        kind = getattr(torch, DTYPES[entry.dtype][0])
        # copied: values need not lie at multiples of their size
        tensors[name] = content[begin:end].clone().view(kind).reshape(entry.shape)
    return tensors


def _table(path: Path, title: str) -> tuple[dict[str, _Entry], int]:
    """The checked table, and where the values begin."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(MAX_HEADER_BYTES, size - 8):
            raise InvalidFileError(f"{title} is truncated: its table of tensors is longer than the file; get it again.")
        text = file.read(length)
    try:
        table = msgspec.json.decode(text, type=dict[str, Any])
        table.pop("__metadata__", None)
        entries = msgspec.convert(table, dict[str, _Entry])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidFileError(
            f"{title} is damaged: its table of tensors cannot be understood; get it again."
        ) from error
    _check(entries, size - 8 - length, title)
    return entries, 8 + length


def _check(entries: Mapping[str, _Entry], stored: int, title: str) -> None:
    """Every tensor must take the bytes that its shape asks for, and all bytes must belong to one tensor."""
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        tensor = f"{title}, tensor {clean_name(name)}"
        if entry.dtype not in DTYPES:
            raise InvalidFileError(f"{tensor}: values of type {clean_name(entry.dtype)} are not known here.")
        if len(entry.shape) > MAX_DIMENSIONS or any(size < 0 for size in entry.shape):
            raise InvalidFileError(f"{tensor}: its shape is impossible; the file is damaged.")
        begin, stop = entry.data_offsets
        if begin != end or stop - begin != prod(entry.shape) * DTYPES[entry.dtype][1] or stop > stored:
            raise InvalidFileError(f"{tensor}: its shape and its place in the file do not agree; get the file again.")
        end = stop
    if end != stored:
        raise InvalidFileError(f"{title} does not end where its last tensor does: it is truncated or damaged.")
