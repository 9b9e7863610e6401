import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.content import refuse_other_content
from tests.unit.io.small_models import conv_model


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("archive/data.pkl", b"")
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "remedy"),
    [
        (b"", "is empty", "download or export it again"),
        (archive(), "is a ZIP archive, as .pt, .pth, .pt2, TorchScript", "compression-studio convert"),
        (pickle.dumps({"weight": 1}, protocol=2), "is a Python pickle", "export the model to ONNX"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "is an HDF5 file", "tf2onnx"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>404", "is a web page", "download the file itself"),
        (b"<html>", "is a web page", "download the file itself"),
        (b"\x1f\x8b\x08\x00", "compressed with gzip", "unpack it"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "pointer of Git LFS", "git lfs pull"),
        (b"\x18\x00\x00\x00ORTM" + bytes(50), "ONNX Runtime's own format", "open the .onnx file"),
        (b"\x1c\x00\x00\x00TFL3" + bytes(50), "TensorFlow Lite", "tf2onnx"),
        (
            b"\x40\x00\x00\x00\x00\x00\x00\x00" + b'{"w":{"dtype":"F32"}}',
            "is a safetensors file",
            "compression-studio convert",
        ),
        (b"a".ljust(257, b"\0") + b"ustar", "is a tar archive", "unpack it"),
        (array(), "is a NumPy array", "open an .onnx file"),
        (b'{"graph": {}}', "is JSON text", "binary form"),
    ],
)
def test_names_what_it_is_and_what_to_do(tmp_path: Path, content: bytes, kind: str, remedy: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(InvalidFileError) as raised:
        refuse_other_content(path, "my\u202emodel.onnx")
    assert str(raised.value).startswith("mymodel.onnx ")
    assert kind in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize("producer", ["pytorch", "ORTModule", 'TFL3{"'])
def test_a_model_passes_whoever_wrote_it(tmp_path: Path, producer: str) -> None:
    path = tmp_path / "model.onnx"
    model = conv_model()
    model.producer_name = producer
    path.write_bytes(model.SerializeToString())
    refuse_other_content(path, "model.onnx")
