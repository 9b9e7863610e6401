"""`convert`, as it is typed, and programs of PyTorch that are opened in the window."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QLineEdit, QPushButton

from desktop_app.core.program import program_environment
from desktop_app.zoo.building import build
from desktop_app.zoo.families import FAMILIES
from tests.flows.clicks import click
from tests.unit.io.torch_files import hostile

MAKE_MS = 120_000


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


class Small(torch.nn.Module):
    """A net whose modules have names."""

    def __init__(self) -> None:
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 5, padding=2), torch.nn.ReLU())
        self.head = torch.nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x).mean((2, 3)))


def exported(path: Path) -> Path:
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(Small().eval(), (torch.zeros(2, 3, 16, 16),), dynamic_shapes={"x": {0: batch}})
    torch.export.save(program, path)
    return path


def scripted(path: Path) -> Path:
    with warnings.catch_warnings(action="ignore"):
        torch.jit.save(torch.jit.script(Small().eval()), path)
    return path


@pytest.mark.parametrize(("write", "name"), [(exported, "net.pt2"), (scripted, "net.pt")])
def test_a_program_is_converted_in_the_window_once_it_is_trusted(window, qtbot, tmp_path, write, name):
    window.errands.open_model(str(write(tmp_path / name)))
    qtbot.waitUntil(lambda: window.findChild(QDialog, "torchFileDialog") is not None, timeout=MAKE_MS)
    dialog = window.findChild(QDialog, "torchFileDialog")
    begin, trust = dialog.findChild(QPushButton, "convertConfirm"), dialog.findChild(QCheckBox, "trustFile")
    asked = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert f"{name} is" in asked
    assert "do you trust them?" in asked
    assert not begin.isEnabled()
    assert "trust the file" in begin.toolTip()
    assert not trust.isChecked()
    trust.click()
    state = dialog.findChild(QLabel, "convertState")
    if name == "net.pt":
        click(qtbot, dialog, QPushButton, "convertConfirm")
        qtbot.waitUntil(lambda: "shape" in state.text(), timeout=MAKE_MS)
        dialog.findChild(QLineEdit, "inputShapes").setText("1x3x16x16")
    click(qtbot, dialog, QPushButton, "convertConfirm")
    qtbot.waitUntil(lambda: window.document.summary is not None, timeout=MAKE_MS)
    assert window.document.summary.path == str(tmp_path / "net.onnx")
    assert [(layer.op_type, layer.weight_shape) for layer in window.document.layers] == [
        ("Conv", (8, 3, 5, 5)),
        ("Gemm", (5, 8)),
    ]
    assert "features" in window.document.layers[0].name


def test_a_program_is_not_run_before_it_is_trusted(window, qtbot, tmp_path):
    hostile.write_torchscript(tmp_path / "m.pt", tmp_path / "marker")
    window.errands.open_model(str(tmp_path / "m.pt"))
    qtbot.waitUntil(lambda: window.findChild(QDialog, "torchFileDialog") is not None, timeout=MAKE_MS)
    window.findChild(QDialog, "torchFileDialog").reject()
    assert not (tmp_path / "marker").exists()
    assert window.document.summary is None
