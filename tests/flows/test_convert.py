"""`convert`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import torch

from desktop_app.core.program import program_environment
from desktop_app.zoo.building import build
from desktop_app.zoo.families import FAMILIES
from tests.unit.io.torch_files import hostile


def typed(*arguments: object) -> tuple[int, str, str]:
    """Runs the program: exit status, standard output, standard error."""
    command = [sys.executable, "-m", "desktop_app", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=program_environment(), check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_family_is_written_and_can_be_inspected(tmp_path: Path) -> None:
    out = tmp_path / "m.onnx"
    status, printed, _ = typed("convert", "MobileNet-V1", "--width", 0.25, "--classes", 4, "--out", out, "--json")
    done = json.loads(printed)
    assert (status, done["family"]) == (0, "mobilenet_v1")
    summary = json.loads(typed("inspect", out, "--json")[1])
    assert summary["inputs"][0]["shape"] == ["batch", 3, 224, 224]
    assert summary["outputs"][0]["shape"] == ["batch", 4]


def test_other_commands_say_what_to_do_with_torch_files(tmp_path: Path) -> None:
    torch.save(build(FAMILIES["resnet20_cifar"]).state_dict(), tmp_path / "w.pt")
    status, printed, said = typed("inspect", tmp_path / "w.pt")
    assert (status, printed) == (1, "")
    assert "compression-studio convert" in said


def test_a_malicious_file_is_one_sentence(tmp_path: Path) -> None:
    hostile.write_checkpoint(tmp_path / "m.pt", tmp_path / "marker")
    status, printed, said = typed("convert", tmp_path / "m.pt", "--out", tmp_path / "m.onnx")
    assert (status, printed) == (1, "")
    assert "Traceback" not in said
    assert said.count("error:") == 1
    assert not (tmp_path / "marker").exists()
