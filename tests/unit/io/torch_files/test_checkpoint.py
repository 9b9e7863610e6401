import io
import random

import pytest
import torch

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.io.torch_files.checkpoint import read_weights
from tests.unit.io.torch_files import hostile

WEIGHTS = {"conv.weight": torch.arange(12.0).reshape(3, 4), "bn.bias": torch.ones(3)}


def read(path):
    return read_weights(path, "checkpoint", "m.pt")


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"state_dict": WEIGHTS, "epoch": 3, "best": 0.5},
        {"model": {"state_dict": WEIGHTS}, "optimizer": {"lr": torch.ones(())}},
        {f"module.{name}": one for name, one in WEIGHTS.items()},
        {"state_dict": {f"module._orig_mod.{name}": one for name, one in WEIGHTS.items()}},
    ],
)
def test_weights_are_found_under_the_names_of_the_model(tmp_path, content, new):
    torch.save(content, tmp_path / "m.pt", _use_new_zipfile_serialization=new)
    found = read(tmp_path / "m.pt")
    assert found.keys() == WEIGHTS.keys()
    assert all(torch.equal(found[name], one) for name, one in WEIGHTS.items())


@pytest.mark.parametrize("content", [[torch.ones(2)], torch.ones(2), {"lr": 3.0}, {}])
def test_a_file_without_named_weights_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "m.pt")
    with pytest.raises(InvalidFileError, match="state_dict"):
        read(tmp_path / "m.pt")


@pytest.mark.parametrize("new", [True, False])
def test_a_whole_pickled_module_is_refused_with_the_reason(tmp_path, new):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "m.pt", _use_new_zipfile_serialization=new)
    with pytest.raises(InvalidFileError, match=r"would run torch\.nn\.modules\.linear\.Linear.*state_dict\(\)"):
        read(tmp_path / "m.pt")


@pytest.mark.parametrize("write", [hostile.write_checkpoint, hostile.write_old_checkpoint])
def test_a_malicious_checkpoint_runs_nothing(tmp_path, write):
    marker = tmp_path / "marker"
    write(tmp_path / "m.pt", marker)
    with pytest.raises(InvalidFileError, match="mkdir"):
        read(tmp_path / "m.pt")
    assert not marker.exists()
    torch.load(tmp_path / "m.pt", weights_only=False)
    assert marker.exists()  # so the file was as malicious as it was meant to be


@pytest.mark.parametrize("new", [True, False])
def test_damaged_files_end_in_a_sentence(tmp_path, new):
    buffer = io.BytesIO()
    torch.save(WEIGHTS, buffer, _use_new_zipfile_serialization=new)
    whole, chance = buffer.getvalue(), random.Random(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (tmp_path / "m.pt").write_bytes(bytes(damaged))
        try:
            read(tmp_path / "m.pt")
        except InvalidFileError as error:  # any other exception fails the test
            refused += str(error).startswith("m.pt")
    assert refused > 50


def test_a_size_that_lies_takes_no_memory(tmp_path):
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(4)}, buffer, _use_new_zipfile_serialization=False)
    content = buffer.getvalue()
    lying = content.replace(b"K\x04\x85", b"\x8a\x06\x00\x00\x00\x00\x00\x10\x85")
    assert lying != content
    (tmp_path / "m.pt").write_bytes(lying)
    with pytest.raises(InvalidFileError, match="damaged"):
        read(tmp_path / "m.pt")


def test_without_torch_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    torch.save(WEIGHTS, tmp_path / "m.pt")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(StudioError, match=r"compression-studio\[learn\]"):
        read(tmp_path / "m.pt")
