import warnings

import numpy as np
import pytest
import torch

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.input_shape import InputShape
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.torch_files.programs import import_program

SHAPE = (InputShape((2, 3, 16, 16)),)


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        norm = torch.nn.BatchNorm2d(8)
        self.features = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, bias=False), norm, torch.nn.ReLU())
        self.pool = torch.nn.AdaptiveAvgPool2d(1)
        self.head = torch.nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.flatten(self.pool(self.features(x)), 1))


class FixedBatch(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(2, 3 * 16 * 16)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net().eval()


def scripted(module, path, *, trace=False):
    with warnings.catch_warnings(action="ignore"):
        torch.jit.save(torch.jit.trace(module, torch.zeros(2, 3, 16, 16)) if trace else torch.jit.script(module), path)
    return path


def check(imported, batch):
    session = open_session(Model(imported.model))
    assert [tuple(one.shape) for one in imported.inputs] == [(2, 3, 16, 16)]
    names = [one.name for one in session.get_inputs()]
    actual = session.run(None, dict(zip(names, imported.inputs, strict=True)))
    for one, expected in zip(actual, imported.outputs, strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-5)
    if batch:
        assert session.run(None, {names[0]: np.zeros((batch, 3, 16, 16), np.float32)})[0].shape[0] == batch


@pytest.mark.parametrize("trace", [True, False])
def test_torchscript_becomes_onnx_with_names_from_modules(tmp_path, net, trace, capsys):
    imported = import_program(scripted(net, tmp_path / "m.pt", trace=trace), "torchscript", SHAPE, "m.pt")
    check(imported, batch=5)
    names = {node.op_type: node.name for node in imported.model.graph}
    assert names["Conv"] == "/features/0/Conv" if trace else names["Conv"].endswith("Conv")
    assert {"head.weight", "head.bias"} <= set(imported.model.graph.initializers)
    assert not [name for name in imported.model.graph.initializers if name.startswith("onnx::")]
    assert capsys.readouterr() == ("", "")


def test_a_program_becomes_onnx_with_names_from_modules(tmp_path, net, capsys):
    batch = torch.export.Dim("batch")
    program = torch.export.export(net, (torch.zeros(2, 3, 16, 16),), dynamic_shapes=({0: batch},))
    torch.export.save(program, tmp_path / "m.pt2")
    imported = import_program(tmp_path / "m.pt2", "exported_program", (), "m.pt2")
    check(imported, batch=5)
    names = {node.op_type: node.name for node in imported.model.graph}
    assert names["Conv"].startswith("/features/features.")
    assert names["Gemm"] == "/head/Gemm"
    assert {"head.weight", "head.bias"} <= set(imported.model.graph.initializers)
    assert all("stack_trace" not in key for node in imported.model.graph for key in node.metadata_props)
    assert capsys.readouterr() == ("", "")


def test_a_script_for_one_batch_only_says_so(tmp_path):
    imported = import_program(scripted(FixedBatch(), tmp_path / "m.pt"), "torchscript", SHAPE, "m.pt")
    check(imported, batch=0)
    assert "batches of 2 only" in imported.notes[0]


def test_a_program_for_one_batch_only_says_so(tmp_path, net):
    torch.export.save(torch.export.export(net, (torch.zeros(2, 3, 16, 16),)), tmp_path / "m.pt2")
    imported = import_program(tmp_path / "m.pt2", "exported_program", (), "m.pt2")
    check(imported, batch=0)
    assert "batches of 2 only" in imported.notes[0]


def test_shapes_are_asked_for(tmp_path, net):
    with pytest.raises(StudioError, match="--input 1x3x224x224"):
        import_program(scripted(net, tmp_path / "m.pt"), "torchscript", (), "m.pt")


@pytest.mark.parametrize(
    ("shapes", "words"), [((InputShape((2, 4, 16, 16)),), "cannot run"), (SHAPE * 2, "cannot run")]
)
def test_shapes_that_do_not_fit_end_in_a_sentence(tmp_path, net, shapes, words):
    with pytest.raises(InvalidFileError, match=words):
        import_program(scripted(net, tmp_path / "m.pt"), "torchscript", shapes, "m.pt")


@pytest.mark.parametrize("kind", ["torchscript", "exported_program"])
def test_damaged_programs_end_in_a_sentence(tmp_path, kind):
    (tmp_path / "m.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InvalidFileError, match="cannot open"):
        import_program(tmp_path / "m.pt", kind, SHAPE, "m.pt")
