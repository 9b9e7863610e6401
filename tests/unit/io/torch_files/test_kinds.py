import io
import warnings
import zipfile

import pytest
import torch

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.torch_files.kinds import kind_of

MODEL = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU()).eval()


def program() -> bytes:
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(MODEL, (torch.zeros(1, 3, 8, 8),)), buffer)
    return buffer.getvalue()


def script() -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        torch.jit.save(torch.jit.script(MODEL), buffer)
    return buffer.getvalue()


def saved(**options) -> bytes:
    buffer = io.BytesIO()
    torch.save(MODEL.state_dict(), buffer, **options)
    return buffer.getvalue()


def archive(*entries, compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in entries:
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (saved, "checkpoint"),
        (lambda: saved(_use_new_zipfile_serialization=False), "checkpoint"),
        (script, "torchscript"),
        (program, "exported_program"),
        (lambda: (2).to_bytes(8, "little") + b"{}", "safetensors"),
    ],
)
def test_kinds_are_told_by_content(tmp_path, content, kind):
    path = tmp_path / "whatever.onnx"
    path.write_bytes(content())
    assert kind_of(path, "m.pt") == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x80\x04K\x01.", "a pickle is a program"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"nothing of the kind", "no torch file"),
        (saved()[: len(saved()) // 2], "damaged archive"),
        (saved()[:100], "damaged archive"),
        (archive(("readme.txt", "hello")), "torch did not write"),
        (archive(("a/data.pkl", bytes(10**6)), compression=zipfile.ZIP_DEFLATED), "compressed records"),
        (
            archive(("a/constants.pkl", b""), ("a/code/x.py", bytes(10**7)), compression=zipfile.ZIP_DEFLATED),
            "compressed|more bytes than it can hold",
        ),
        (archive(("a/data.pkl", b"1"), ("a/data.pkl", b"2")), "two records of one name"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path, content, words):
    path = tmp_path / "m.pt"
    path.write_bytes(content)
    with pytest.raises(InvalidFileError, match=words) as refused:
        kind_of(path, "m.pt")
    assert str(refused.value).startswith("m.pt")


def test_a_size_that_lies_is_refused(tmp_path):
    content = bytearray(archive(("a/data.pkl", b"x" * 1000)))
    listed = content.rindex(b"PK\x01\x02")
    content[listed + 24 : listed + 28] = (2**31).to_bytes(4, "little")
    path = tmp_path / "m.pt"
    path.write_bytes(bytes(content))
    with pytest.raises(InvalidFileError, match="more bytes than it can hold"):
        kind_of(path, "m.pt")
