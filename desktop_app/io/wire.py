"""The protobuf wire format of ONNX, read without protobuf: bounds checked, weights left in the file.

Protobuf copies every weight, several times, before anyone can look at a size. Here the file is gone through once, large
values are cut out, and a reference to their place in the same file is put in their stead: what remains is a small
*skeleton*, itself a valid model whose weights lie outside.

Format: https://protobuf.dev/programming-guides/encoding/; field numbers: `onnx.proto`.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

import onnx

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name

CUT_BYTES = 1024
"""Values of at least so many bytes stay in the file."""

MAX_DEPTH = 32
"""Graphs inside graphs."""

MAX_NODES = 200_000

SELF = "\0self"
"""The location of values that lie in the model file itself; no file system knows such a name."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Message(Enum):
    """The messages on the way to a tensor."""

    MODEL = auto()
    TRAINING = auto()
    FUNCTION = auto()
    GRAPH = auto()
    NODE = auto()
    ATTRIBUTE = auto()
    SPARSE = auto()
    TENSOR = auto()


CHILDREN: Mapping[Message, Mapping[int, Message]] = {
    Message.MODEL: {7: Message.GRAPH, 20: Message.TRAINING, 25: Message.FUNCTION},
    Message.TRAINING: {1: Message.GRAPH, 2: Message.GRAPH},
    Message.FUNCTION: {7: Message.NODE, 11: Message.ATTRIBUTE},
    Message.GRAPH: {1: Message.NODE, 5: Message.TENSOR, 15: Message.SPARSE},
    Message.NODE: {5: Message.ATTRIBUTE},
    Message.ATTRIBUTE: {
        5: Message.TENSOR,
        6: Message.GRAPH,
        10: Message.TENSOR,
        11: Message.GRAPH,
        22: Message.SPARSE,
        23: Message.SPARSE,
    },
    Message.SPARSE: {1: Message.TENSOR, 2: Message.TENSOR},
    Message.TENSOR: {},
}

DATA_TYPE, FLOAT_DATA, RAW_DATA, DOUBLE_DATA, EXTERNAL_DATA, DATA_LOCATION = 2, 4, 9, 10, 13, 14
FLOAT, DOUBLE = 1, 11
PACKED_AS_RAW = {FLOAT_DATA: FLOAT, DOUBLE_DATA: DOUBLE}
"""Packed repeated floats are stored exactly as raw data of that type would be."""


class Field(NamedTuple):
    """One field of a message: number, wire type, where it starts, where its value starts and ends."""

    number: int
    wire_type: int
    start: int
    value: int
    end: int


def skeleton(content: memoryview, name: str) -> bytes:
    """The model without its large values, each replaced by a reference (location `SELF`, offset, length).

    Args:
        content: The file.
        name: What to call it in messages.

    Raises:
        InvalidFileError: when a length points outside, graphs nest too deeply, or there are too many nodes.
    """
    return bytes(_Scanner(content, CUT_BYTES, name).copy(Message.MODEL, 0, len(content), 0))


def check_nesting(content: memoryview, name: str) -> None:
    """Goes through every message however small.

    Raises:
        InvalidFileError: as `skeleton`.
    """
    _Scanner(content, 0, name).copy(Message.MODEL, 0, len(content), 0)


class _Scanner:
    """Copies messages, leaving out large values. Enters only messages large enough to hold one."""

    def __init__(self, content: memoryview, enter_bytes: int, name: str) -> None:
        self._name = name
        self._content = content
        self._enter_bytes = enter_bytes
        self._nodes = 0

    def copy(self, message: Message, start: int, end: int, depth: int) -> bytearray:
        """The message between `start` and `end`, less its large values; `depth` counts the graphs around it."""
        depth += message is Message.GRAPH
        if depth > MAX_DEPTH:
            raise InvalidFileError(f"The model nests graphs more than {MAX_DEPTH} deep and is not opened.")
        children = CHILDREN[message]
        out = bytearray()
        copied = position = start
        cut = self._cut(start, end) if message is Message.TENSOR else None
        while position < end:
            field = self._field(position, end)
            child = children.get(field.number) if field.wire_type == BYTES else None
            if child is Message.NODE:
                self._count_node()
            if field == cut:
                out += self._content[copied : field.start]
                out += _reference(field)
                copied = field.end
            elif cut is not None and self._says_inside(field, end):
                out += self._content[copied : field.start]  # it would take back what the reference says
                copied = field.end
            elif child is not None and field.end - field.value >= self._enter_bytes:
                inner = self.copy(child, field.value, field.end, depth)
                out += self._content[copied : field.start]
                out += _varint(field.number << 3 | BYTES) + _varint(len(inner)) + inner
                copied = field.end
            position = field.end
        out += self._content[copied:end]
        return out

    def _cut(self, start: int, end: int) -> Field | None:
        """The field of a tensor that holds its values in one piece, if it is large."""
        candidates: list[Field] = []
        data_type = 0
        while start < end:
            field = self._field(start, end)
            if field.number == DATA_TYPE and field.wire_type == VARINT:
                data_type = self._varint(field.value, end)[0]
            elif field.number in (RAW_DATA, FLOAT_DATA, DOUBLE_DATA) and field.wire_type == BYTES:
                candidates.append(field)
            start = field.end
        if len(candidates) != 1 or candidates[0].end - candidates[0].value < CUT_BYTES:
            return None
        field = candidates[0]
        return field if field.number == RAW_DATA or PACKED_AS_RAW[field.number] == data_type else None

    def _says_inside(self, field: Field, end: int) -> bool:
        """Whether a field of a tensor states, as is understood anyway, that its values are not in another file."""
        location = field.number == DATA_LOCATION and field.wire_type == VARINT
        return location and self._varint(field.value, end)[0] == onnx.TensorProto.DEFAULT

    def _field(self, position: int, end: int) -> Field:
        key, value = self._varint(position, end)
        wire_type = key & 7
        if wire_type == BYTES:
            length, value = self._varint(value, end)
            stop = value + length
        elif wire_type == VARINT:
            stop = self._varint(value, end)[1]
        elif wire_type in (FIXED32, FIXED64):
            stop = value + (4 if wire_type == FIXED32 else 8)
        else:
            raise self._damaged(position)
        if stop > end:
            raise self._damaged(position)
        return Field(key >> 3, wire_type, position, value, stop)

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """The number at `position` and where the next thing starts."""
        number = shift = 0
        while position < end and shift < 70:
            byte = self._content[position]
            position += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number, position
            shift += 7
        raise self._damaged(position)

    def _damaged(self, position: int) -> InvalidFileError:
        return InvalidFileError(
            f"{clean_name(self._name)} is damaged, was cut off, or is no ONNX model: what stands at byte {position:,} "
            "does not fit into it; download or export it again."
        )

    def _count_node(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise InvalidFileError(f"The model has more than {MAX_NODES:,} nodes and is not opened.")


def _reference(field: Field) -> bytes:
    """Fields of a tensor that say where its values lie: in the file itself."""
    places = {"location": SELF, "offset": str(field.value), "length": str(field.end - field.value)}
    out = bytearray()
    for key, place in places.items():
        entry = _text(1, key) + _text(2, place)
        out += _varint(EXTERNAL_DATA << 3 | BYTES) + _varint(len(entry)) + entry
    return bytes(out + _varint(DATA_LOCATION << 3 | VARINT) + _varint(1))


def _text(number: int, text: str) -> bytes:
    encoded = text.encode()
    return _varint(number << 3 | BYTES) + _varint(len(encoded)) + encoded


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
