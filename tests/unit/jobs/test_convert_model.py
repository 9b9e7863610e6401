import contextlib
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from msgspec.structs import replace

from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.input_shape import InputShape
from desktop_app.core.progress import SilentToken
from desktop_app.jobs.conversions import Converted, ConvertModel
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.recipes import ListPresets, Presets
from desktop_app.jobs.tasks import convert_model
from desktop_app.zoo.building import build
from desktop_app.zoo.families import FAMILIES
from tests.unit.io.torch_files import hostile

DATA = "torch-weights"


pytestmark = pytest.mark.usefixtures("private_session")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.onnx"


def convert(**request) -> Converted:
    request = {name: str(one) if isinstance(one, Path) else one for name, one in request.items()}
    return convert_model.run(ConvertModel(**request), SilentToken())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["resnet20-12fca82f.th", "resnet56-4bfd9763.th"])
def test_given_checkpoints_equal_the_given_models(shared_data: Path, out: Path, name: str) -> None:
    done = convert(path=out, file=shared_data / DATA / name)
    given = name.partition("-")[0]
    assert done.family == f"{given}_cifar"
    assert (done.missing, done.unexpected, done.misshapen) == ((), (), ())
    images = np.random.default_rng(0).standard_normal((8, 3, 32, 32)).astype(np.float32)
    ours, theirs = (
        ort.InferenceSession(path).run(None, {"input": images})[0]
        for path in (out, shared_data / "models" / f"{given}_cifar10.onnx")
    )
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


@pytest.mark.corpus
def test_a_detector_that_is_of_no_family_is_refused(shared_data: Path, out: Path) -> None:
    with pytest.raises(InvalidFileError, match=r"No family .*base_net\.0\.0\.weight.*export the model to ONNX"):
        convert(path=out, file=shared_data / DATA / "version-RFB-320.pth")
    assert not out.exists()


@pytest.mark.corpus
@pytest.mark.parametrize("teacher", ["resnet56_cifar10", "resnet8_cifar10_mlperf", "mobilenet_v1_0.75_224"])
def test_a_student_has_the_ends_of_a_given_model(shared_data: Path, out: Path, teacher: str) -> None:
    like = shared_data / "models" / f"{teacher}.onnx"
    done = convert(path=out, family="mobilenet_v2", width=0.25, like=like)
    ends = [
        [(one.name, one.type, one.shape) for one in (*session.get_inputs(), *session.get_outputs())]
        for session in (ort.InferenceSession(out), ort.InferenceSession(like))
    ]
    assert [end[:2] for end in ends[0]] == [end[:2] for end in ends[1]]
    assert [end[2][1:] for end in ends[0]] == [end[2][1:] for end in ends[1]]
    assert done.params < 2_000_000


def test_a_checkpoint_goes_into_its_family_and_strides_stay_as_published(tmp_path: Path, out: Path) -> None:
    module = build(FAMILIES["resnet18"], seed=5)
    torch.save({"state_dict": module.state_dict()}, tmp_path / "w.pt")
    done = convert(path=out, file=tmp_path / "w.pt", resolution=64)
    assert (done.family, done.notes) == ("resnet18", ())
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = module(images).numpy()
    (actual,) = ort.InferenceSession(out).run(None, {"input": images.numpy()})
    np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_a_student_may_begin_with_the_weights_of_a_checkpoint(tmp_path: Path, out: Path) -> None:
    convert(path=tmp_path / "teacher.onnx", family="mobilenet_v1", width=0.25, classes=4, resolution=32)
    torch.save(build(FAMILIES["resnet20_cifar"], seed=5).state_dict(), tmp_path / "w.pt")
    done = convert(path=out, file=tmp_path / "w.pt", like=tmp_path / "teacher.onnx")
    assert done.family == "resnet20_cifar"
    assert [one.partition(" ")[0] for one in done.misshapen] == ["linear.weight", "linear.bias"]
    assert ort.InferenceSession(out).get_outputs()[0].shape == ["batch", 4]


def test_weights_for_a_named_family_are_reported_where_they_do_not_fit(tmp_path: Path, out: Path) -> None:
    weights = dict(build(FAMILIES["resnet20_cifar"]).state_dict())
    del weights["bn1.bias"]
    torch.save(weights, tmp_path / "w.pt")
    done = convert(path=out, file=tmp_path / "w.pt", family="resnet20_cifar", classes=3)
    assert done.missing == ("bn1.bias",)
    assert [one.partition(" ")[0] for one in done.misshapen] == ["linear.weight", "linear.bias"]


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (hostile.write_pickle, "m.pt"),
        (hostile.write_checkpoint, "m.pth"),
        (hostile.write_old_checkpoint, "m.th"),
        (hostile.write_torchscript, "m.pt"),
        (hostile.write_program, "m.pt2"),
    ],
)
@pytest.mark.parametrize("family", ["", "resnet18"])
def test_nothing_in_a_malicious_file_runs_before_it_is_trusted(tmp_path: Path, out: Path, write, name, family) -> None:
    marker = tmp_path / "marker"
    write(tmp_path / name, marker)
    request = ConvertModel(path=str(out), file=str(tmp_path / name), family=family)
    for inputs in ((), (InputShape((1, 3)),)):
        with pytest.raises(StudioError):
            convert_model.run(replace(request, inputs=inputs), SilentToken())
    with pytest.raises(StudioError):
        convert_model.run(replace(request, trust="0" * 64), SilentToken())
    assert not marker.exists()
    assert not out.exists()


@pytest.mark.parametrize(("write", "name"), [(hostile.write_torchscript, "m.pt"), (hostile.write_program, "m.pt2")])
def test_trust_is_what_lets_a_program_run(tmp_path: Path, out: Path, write, name) -> None:
    """And so the files above are as malicious as they were meant to be."""
    marker = tmp_path / "marker"
    write(tmp_path / name, marker)
    file = tmp_path / name
    with contextlib.suppress(StudioError):  # the program may be no model besides
        convert(path=out, file=file, trust=digest(file), inputs=(InputShape((1, 3)),))
    assert marker.exists()


def test_trust_is_in_the_content_and_not_in_the_name(tmp_path: Path, out: Path) -> None:
    marker, file = tmp_path / "marker", tmp_path / "m.pt"
    file.write_bytes(b"harmless")
    trusted = digest(file)
    hostile.write_torchscript(file, marker)
    with pytest.raises(InvalidFileError, match="has changed since you trusted it"):
        convert(path=out, file=file, trust=trusted, inputs=(InputShape((1, 3)),))
    assert not marker.exists()


def test_a_source_is_never_replaced_and_names_end_in_onnx(tmp_path: Path) -> None:
    torch.save(build(FAMILIES["resnet20_cifar"]).state_dict(), tmp_path / "w.onnx")
    before = digest(tmp_path / "w.onnx")
    with pytest.raises(StudioError, match="choose another name"):
        convert(path=tmp_path / "w.onnx", file=tmp_path / "w.onnx")
    with pytest.raises(StudioError, match=r"\.onnx"):
        convert(path=tmp_path / "w.pt", family="resnet20_cifar")
    assert digest(tmp_path / "w.onnx") == before
    assert not (tmp_path / "w.pt").exists()


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path, out: Path) -> None:
    weights = dict(build(FAMILIES["resnet20_cifar"]).state_dict())
    weights["conv1.weight"] = torch.full_like(weights["conv1.weight"], float("nan"))
    torch.save(weights, tmp_path / "w.pt")
    with pytest.raises(StudioError, match="not finite"):
        convert(path=out, file=tmp_path / "w.pt")
    assert not out.exists()


def test_a_worker_that_has_converted_does_nothing_else(tmp_path: Path, out: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with WorkerHost() as host:
        *_, done = host.submit(ConvertModel(path=str(out), family="resnet20_cifar", width=0.5))
        first = host.worker_pid
        *_, presets = host.submit(ListPresets())
        assert host.worker_pid != first
    assert isinstance(done, Converted)
    assert isinstance(presets, Presets)
    onnx.checker.check_model(onnx.load(out), full_check=True)


def test_without_torch_a_sentence_says_what_to_install(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(StudioError, match=r"compression-studio\[learn\]"):
        convert(path=out, family="resnet18")
