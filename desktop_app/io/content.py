"""What a file is, by its first bytes: refuses with a helpful sentence what is no ONNX model."""

from collections.abc import Mapping
from pathlib import Path

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name

HEAD_BYTES = 512

PROGRAM = (
    "is a ZIP archive, as .pt, .pth, .pt2, TorchScript and .npz files are: turn a torch file into ONNX first "
    "(compression-studio convert FILE --out MODEL.onnx) and open that"
)

MAGIC: Mapping[bytes, str] = {
    b"PK\x03\x04": PROGRAM,
    b"PK\x05\x06": PROGRAM,
    b"\x89HDF\r\n": "is an HDF5 file, as Keras writes them: convert it to ONNX (tf2onnx) and open that",
    b"\x1f\x8b": "is compressed with gzip: unpack it and open the .onnx file inside",
    b"7z\xbc\xaf": "is a 7z archive: unpack it and open the .onnx file inside",
    b"ustar": "is a tar archive: unpack it and open the .onnx file inside",
    b"version https://git-lfs": "is only a pointer of Git LFS, not the model: fetch it with `git lfs pull`",
    b"\x93NUMPY": "is a NumPy array, not a model: open an .onnx file",
    b"%PDF": "is a PDF document, not a model: open an .onnx file",
    b"\x7fELF": "is a program, not a model: open an .onnx file",
    b"MZ": "is a program, not a model: open an .onnx file",
}

INSIDE: Mapping[tuple[int, bytes], str] = {
    (2, b"\0\0ORTM"): "is in ONNX Runtime's own format, which cannot be edited: open the .onnx file it was made from",
    (2, b"\0\0TFL3"): "is a TensorFlow Lite model: convert it to ONNX (tf2onnx) and open that",
    (4, b'\0\0\0\0{"'): "is a safetensors file, which holds weights but no graph: turn it into ONNX first "
    "(compression-studio convert FILE --out MODEL.onnx) and open that",
    (257, b"ustar"): "is a tar archive: unpack it and open the .onnx file inside",
}
"""What stands at a place inside. The zeros tell small offsets from an exporter's name, which stands there in ONNX."""

PICKLE_PROTOCOLS = range(2, 6)

MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


def refuse_other_content(path: Path, name: str) -> None:
    """Refuses what is known not to be a serialised ONNX model.

    Args:
        path: The file to look into.
        name: What to call it in the message.

    Raises:
        InvalidFileError: for an empty file and for every kind of file that is recognised.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    reason = _other_kind(head)
    if reason:
        raise InvalidFileError(f"{clean_name(name)} {reason}.")


def _other_kind(head: bytes) -> str:
    """What the file is instead of a model, and what to do; empty where that cannot be told."""
    if not head:
        return "is empty: download or export it again"
    for magic, reason in MAGIC.items():
        if head.startswith(magic):
            return reason
    for (offset, magic), reason in INSIDE.items():
        if head[offset:].startswith(magic):
            return reason
    if head[0] == 0x80 and head[1] in PICKLE_PROTOCOLS:
        return (
            "is a Python pickle, which is a program and is not opened: if it is a checkpoint of torch, turn it into "
            "ONNX first (compression-studio convert FILE --out MODEL.onnx); else export the model to ONNX and open that"
        )
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(MARKUP):
        return "is a web page, not a model: the download led to a page; download the file itself"
    if text.startswith((b"{", b"[")):
        return "is JSON text, not a serialised model: save it as .onnx in binary form"
    return ""
