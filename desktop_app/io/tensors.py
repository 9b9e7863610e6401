"""What a tensor of a model claims, held against what it stores: before any array is made of it."""

from collections.abc import Callable, Mapping
from math import prod

import onnx
import onnx_ir as ir

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.wire import SELF

MAX_RANK = 64
"""NumPy's limit on axes."""

MAX_ELEMENTS = 2**40

TYPED_FIELDS = ("float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")

FIELD_OF_TYPE: Mapping[int, str] = {
    **dict.fromkeys((ir.DataType.FLOAT, ir.DataType.COMPLEX64), "float_data"),
    **dict.fromkeys((ir.DataType.DOUBLE, ir.DataType.COMPLEX128), "double_data"),
    **dict.fromkeys((ir.DataType.UINT32, ir.DataType.UINT64), "uint64_data"),
    ir.DataType.INT64: "int64_data",
    ir.DataType.STRING: "string_data",
}
"""Where a type is stored when not as raw data; every other type goes to `int32_data`."""

BITS: Mapping[int, int] = {
    int(kind): 0 if kind == ir.DataType.STRING else kind.bitwidth
    for kind in ir.DataType
    if kind != ir.DataType.UNDEFINED
}
"""Number of every known type to the bits of one element; texts have no fixed number."""


def check_tensor(tensor: onnx.TensorProto, owner: str, size_of: Callable[[str, str], int]) -> None:
    """Checks type, shape and stored values of a tensor.

    Args:
        tensor: The tensor.
        owner: What to call its values in a message.
        size_of: Location and owner to the size of that file; refuses unsafe locations.

    Raises:
        InvalidFileError: when the tensor claims what it does not hold.
    """
    if type(tensor.name) is not str:
        raise _lie(owner, "have a name that is no valid text")
    elements = _elements(tensor, owner)
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        _check_external(tensor, stored_bytes(tensor, elements), owner, size_of)
        return
    present = [field for field in TYPED_FIELDS if getattr(tensor, field)]
    if tensor.HasField("raw_data"):
        if present:
            raise _lie(owner, "are stored twice, in different ways")
        if tensor.data_type == ir.DataType.STRING:
            raise _lie(owner, "are texts stored as raw bytes")
        _compare(len(tensor.raw_data), stored_bytes(tensor, elements), "bytes", owner)
        return
    field = FIELD_OF_TYPE.get(tensor.data_type, "int32_data")
    if any(other != field for other in present):
        raise _lie(owner, "are stored in a field for another type")
    _compare(len(getattr(tensor, field)), _entries(tensor, elements), "values", owner)


def stored_bytes(tensor: onnx.TensorProto, elements: int) -> int:
    """Bytes that so many elements of the tensor's type take, two or four to a byte where they are that small."""
    return (elements * BITS[tensor.data_type] + 7) // 8


def _elements(tensor: onnx.TensorProto, owner: str) -> int:
    """Number of elements by the shape."""
    if tensor.data_type not in BITS:
        raise _lie(owner, f"are of a type (number {tensor.data_type}) that this version does not know")
    dims = list(tensor.dims)
    if len(dims) > MAX_RANK:
        raise _lie(owner, f"have {len(dims)} axes, more than {MAX_RANK}")
    if min(dims, default=0) < 0:
        raise _lie(owner, f"have a shape with a negative size, {dims}")
    elements: int = prod(dims)
    if max(elements, *dims, 0) > MAX_ELEMENTS:
        raise _lie(owner, f"have an impossible shape, {dims}")
    return elements


def _entries(tensor: onnx.TensorProto, elements: int) -> int:
    """Entries of the typed field that so many elements take."""
    if tensor.data_type in (ir.DataType.COMPLEX64, ir.DataType.COMPLEX128):
        return 2 * elements
    if tensor.data_type == ir.DataType.STRING:
        return elements
    bits = BITS[tensor.data_type]
    return (elements * bits + 7) // 8 if bits in (2, 4) else elements


def _check_external(tensor: onnx.TensorProto, needed: int, owner: str, size_of: Callable[[str, str], int]) -> None:
    keys = [entry.key for entry in tensor.external_data]
    entries = {entry.key: entry.value for entry in tensor.external_data}
    if not all(type(text) is str for pair in entries.items() for text in pair):
        raise _lie(owner, "are said to lie in a file whose name is no valid text")
    if len(keys) != len(entries) or "location" not in entries:
        raise _lie(owner, "are said to lie in a file, but not clearly in which")
    if tensor.data_type == ir.DataType.STRING:
        raise _lie(owner, "are texts said to lie in another file")
    if tensor.HasField("raw_data"):
        raise _lie(owner, "are stored twice, in different ways")
    location = entries["location"]
    offset = _number(entries, "offset", 0, owner)
    length = _number(entries, "length", needed, owner)
    size = size_of(location, owner)
    if length < needed or offset + max(length, needed) > size:
        file = "the model" if location == SELF else clean_name(location)
        raise _lie(owner, f"should be {needed:,} bytes at {offset:,}, but {file} holds fewer there")
    if location == SELF and length != needed:
        raise _lie(owner, f"should be {needed:,} bytes, but {length:,} are stored")


def _number(entries: Mapping[str, str], key: str, default: int, owner: str) -> int:
    text = entries.get(key, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise _lie(owner, f"lie at the impossible {key} {clean_name(text)}")
    return int(text)


def _compare(stored: int, needed: int, unit: str, owner: str) -> None:
    if stored != needed:
        raise _lie(owner, f"should be {needed:,} {unit}, but {stored:,} are stored")


def _lie(owner: str, what: str) -> InvalidFileError:
    return InvalidFileError(f"{owner} {what}: the file is damaged or wrong; export the model again.")
