import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.progress import Measurement, Progress
from desktop_app.jobs import protocol
from desktop_app.jobs.measurements import BenchmarkModels
from desktop_app.jobs.messages import (
    MAX_MESSAGE_BYTES,
    Cancel,
    CancelAcknowledged,
    Failed,
    LogLine,
    OpenModel,
    Ready,
    Reply,
    Stopped,
)
from desktop_app.jobs.protocol import (
    GarbageError,
    OversizeError,
    ProtocolError,
    TruncatedError,
    decode_reply,
    decode_request,
    encode,
    read_payload,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
FIGURES = st.floats(allow_nan=False, allow_infinity=False)
REQUESTS = st.builds(OpenModel, TEXT) | st.builds(BenchmarkModels, st.tuples(TEXT, TEXT)) | st.just(Cancel())
REPLIES = (
    st.builds(Progress, TEXT, FIGURES, TEXT, st.none() | FIGURES)
    | st.builds(Measurement, st.sampled_from(["bytes", "accuracy"]), FIGURES, TEXT)
    | st.builds(Failed, TEXT, TEXT)
    | st.builds(LogLine, TEXT, TEXT)
    | st.sampled_from([Ready(), Stopped(), CancelAcknowledged()])
)


@given(st.lists(REPLIES))
def test_replies_come_back_as_they_were_sent(replies: list) -> None:
    stream = io.BytesIO(b"".join(encode(reply) for reply in replies))
    came = []
    while (payload := read_payload(stream)) is not None:
        came.append(decode_reply(payload))
    assert came == replies


@given(REQUESTS)
def test_requests_come_back_as_they_were_sent(request_) -> None:
    payload = read_payload(io.BytesIO(encode(request_)))
    assert payload is not None
    assert decode_request(payload) == request_


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda data: struct.pack(">I", len(data)) + data))
def test_any_bytes_are_a_message_or_a_protocol_error(data: bytes) -> None:
    try:
        payload = read_payload(io.BytesIO(data))
        reply = decode_reply(payload) if payload is not None else None
    except ProtocolError:
        return
    assert isinstance(reply, Reply) if data else reply is None


@given(REPLIES, st.data())
def test_a_frame_cut_short_is_truncated(reply, data: st.DataObject) -> None:
    frame = encode(reply)
    cut = data.draw(st.integers(1, len(frame) - 1))
    with pytest.raises(TruncatedError):
        read_payload(io.BytesIO(frame[:cut]))


def test_an_announced_length_above_the_cap_is_refused_before_it_is_read() -> None:
    stream = io.BytesIO(struct.pack(">I", MAX_MESSAGE_BYTES + 1) + b"x" * 100)
    with pytest.raises(OversizeError, match=str(MAX_MESSAGE_BYTES + 1)):
        read_payload(stream)
    assert stream.tell() == 4


def test_a_message_above_the_cap_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_MESSAGE_BYTES", 100)
    with pytest.raises(OversizeError):
        encode(OpenModel("x" * 100))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"type":"unheard of"}',
        b'{"type":"failed"}',
        b'{"type":"failed","sentence":1}',
        b'{"type":"progress","stage":"x","done":null}',
        b'{"type":"failed","sentence":"\xff"}',
        b'{"type":"stopped"} ',
        encode(OpenModel("/a"))[4:],
    ],
    ids=lambda payload: payload[:24].decode("latin-1"),
)
def test_what_is_no_reply_is_garbage(payload: bytes) -> None:
    if payload.endswith(b" "):
        payload += b"more"
    with pytest.raises(GarbageError):
        decode_reply(payload)


def test_a_reply_is_no_request() -> None:
    with pytest.raises(GarbageError):
        decode_request(encode(Stopped())[4:])


def test_a_name_that_is_not_unicode_cannot_be_sent() -> None:
    with pytest.raises(GarbageError, match="Unicode"):
        encode(OpenModel("/models/\udcff.onnx"))
