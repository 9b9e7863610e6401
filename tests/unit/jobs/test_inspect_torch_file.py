import hashlib
from pathlib import Path

import pytest
import torch

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.progress import SilentToken
from desktop_app.jobs.conversions import InspectTorchFile, TorchFile
from desktop_app.jobs.tasks import inspect_torch_file
from desktop_app.zoo.building import build
from desktop_app.zoo.families import FAMILIES
from tests.unit.io.torch_files import hostile

pytestmark = pytest.mark.usefixtures("private_session")


def look(path: Path) -> TorchFile:
    return inspect_torch_file.run(InspectTorchFile(str(path)), SilentToken())


def test_the_family_of_weights_is_told(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save(build(FAMILIES["resnet20_cifar"]).state_dict(), path)
    found = look(path)
    assert (found.kind, found.program, found.family, found.unknown) == ("checkpoint", False, "resnet20_cifar", "")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_weights_of_no_family_are_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"layer.weight": torch.zeros(3, 3)}, path)
    found = look(path)
    assert found.family == ""
    assert "No family" in found.unknown


def test_a_program_is_told_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    path, marker = tmp_path / "evil.pt", tmp_path / "marker"
    hostile.write_torchscript(path, marker)
    found = look(path)
    assert (found.kind, found.program, found.family) == ("torchscript", True, "")
    assert not marker.exists()


def test_what_is_no_torch_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.pt"
    path.write_text("hello")
    with pytest.raises(InvalidFileError, match="no torch file"):
        look(path)
