"""Frames on the pipe: four bytes of length, big endian, then so many bytes of JSON.

Whatever comes out of a pipe is checked: its length before it is read, its shape before it is used.
"""

import struct
from typing import Any, BinaryIO

import msgspec

from desktop_app.jobs.messages import MAX_MESSAGE_BYTES, Cancel, Reply, Request

_LENGTH = struct.Struct(">I")
_REQUESTS = msgspec.json.Decoder(Request | Cancel)
_REPLIES = msgspec.json.Decoder(Reply)


class ProtocolError(Exception):
    """What came through the pipe, or was to go into it, is no message."""


class OversizeError(ProtocolError):
    """A message is longer than `MAX_MESSAGE_BYTES`."""


class TruncatedError(ProtocolError):
    """The pipe ended in the middle of a message."""


class GarbageError(ProtocolError):
    """A message is not of the known types: no JSON, an unknown tag, a field that is missing or of another type."""


def encode(message: Request | Cancel | Reply) -> bytes:
    """The frame of a message, ready to be written.

    Raises:
        OversizeError: when the message is too long.
        GarbageError: when it holds text that is not Unicode (a file name in another encoding, say).
    """
    try:
        payload = msgspec.json.encode(message)
    except UnicodeEncodeError as error:
        raise GarbageError(f"text that is not Unicode: {error.object!r}") from error
    if len(payload) > MAX_MESSAGE_BYTES:
        raise OversizeError(f"a message of {len(payload)} bytes; {MAX_MESSAGE_BYTES} are allowed")
    return _LENGTH.pack(len(payload)) + payload


def read_payload(stream: BinaryIO) -> bytes | None:
    """The next frame's payload; None where the stream ends between two frames.

    Raises:
        OversizeError: when the frame announces more than is allowed; nothing of it is read.
        TruncatedError: when the stream ends inside the frame.
    """
    header = stream.read(_LENGTH.size)
    if not header:
        return None
    if len(header) < _LENGTH.size:
        raise TruncatedError(f"the pipe ended after {len(header)} bytes of a length")
    (length,) = _LENGTH.unpack(header)
    if length > MAX_MESSAGE_BYTES:
        raise OversizeError(f"a message of {length} bytes was announced; {MAX_MESSAGE_BYTES} are allowed")
    payload = stream.read(length)
    if len(payload) < length:
        raise TruncatedError(f"the pipe ended after {len(payload)} of {length} bytes of a message")
    return payload


def decode_request(payload: bytes) -> Request | Cancel:
    """The message that the worker was sent. Raises GarbageError."""
    message: Request | Cancel = _decode(_REQUESTS, payload)
    return message


def decode_reply(payload: bytes) -> Reply:
    """The message that the worker sent. Raises GarbageError."""
    message: Reply = _decode(_REPLIES, payload)
    return message


def _decode(decoder: msgspec.json.Decoder[Any], payload: bytes) -> Any:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GarbageError(str(error)) from error
