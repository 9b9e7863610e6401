import json

import pytest
import torch

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.torch_files.safetensors import read_safetensors

GOOD = {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}


def write(path, table, data=bytes(24), length=None):
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool])
def test_what_the_library_writes_is_read(tmp_path, dtype):
    library = pytest.importorskip("safetensors.torch", reason="the library safetensors is not installed")
    tensors = {"a": torch.arange(6).reshape(2, 3).to(dtype), "b.c": torch.ones(()).to(dtype), "none": torch.zeros(0, 4)}
    library.save_file(tensors, tmp_path / "m.safetensors", {"format": "pt"})
    read = read_safetensors(tmp_path / "m.safetensors", "m")
    assert read.keys() == tensors.keys()
    assert all(torch.equal(read[name], one) and read[name].dtype == one.dtype for name, one in tensors.items())


@pytest.mark.parametrize(
    ("table", "data", "length"),
    [
        (GOOD, bytes(20), None),
        (GOOD, bytes(28), None),
        (GOOD, bytes(24), 10**7),
        (b"{", bytes(24), None),
        (b"[" * 10_000, bytes(24), None),
        (b"\xff\xfe", bytes(24), None),
        ({"w": {**GOOD["w"], "dtype": "F12"}}, bytes(24), None),
        ({"w": {**GOOD["w"], "shape": [2**40, 2**40]}}, bytes(24), None),
        ({"w": {**GOOD["w"], "shape": [-2, -3]}}, bytes(24), None),
        ({"w": {**GOOD["w"], "data_offsets": [0, 2**60]}}, bytes(24), None),
        ({"w": {**GOOD["w"], "data_offsets": [24, 0]}}, bytes(24), None),
        ({"w": GOOD["w"], "v": GOOD["w"]}, bytes(24), None),
        ({"w": {"dtype": "F32"}}, bytes(24), None),
        ({"w": 3}, bytes(24), None),
    ],
)
def test_files_that_lie_are_refused(tmp_path, table, data, length):
    with pytest.raises(InvalidFileError, match=r"^m\.safetensors"):
        read_safetensors(write(tmp_path / "m", table, data, length), "m.safetensors")


def test_metadata_is_no_tensor(tmp_path):
    read = read_safetensors(write(tmp_path / "m", {"__metadata__": {"format": "pt"}, **GOOD}), "m")
    assert {name: tuple(one.shape) for name, one in read.items()} == {"w": (2, 3)}
