"""A net is designed for a limit, taught, written, and is what is said of it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.design import Design
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Progress, SilentToken
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.writer import write_model
from desktop_app.jobs import session
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.tasks import design_student
from desktop_app.search.design.plan import Plan
from desktop_app.zoo.ends import plain_ends
from desktop_app.zoo.exporting import export
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of, member
from desktop_app.zoo.supernet.plain import plain

ASKED = Design("mobilenet_v2", speedup=1.5, steps=2, supernet_steps=2, candidates=3, batch=8)


@pytest.fixture(autouse=True)
def _private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "session").mkdir()
    monkeypatch.setenv(session.SESSION_VARIABLE, str(tmp_path / "session"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    torch.set_num_threads(1)
    session.session_folder.cache_clear()
    yield
    session.session_folder.cache_clear()


def teacher() -> Model:
    """A net of 8 x 8 images that tells four classes apart."""
    blueprint = blueprint_of(FAMILIES["mobilenet_v2"])
    size = size_of(FAMILIES["mobilenet_v2"], Wishes(width=0.5, resolution=8, classes=4, channels=1))
    module = plain(blueprint, size, member(blueprint, size), 0)
    return export(module, plain_ends(size), "teacher")


@pytest.fixture
def asked(tmp_path: Path) -> DesignStudent:
    write_model(teacher(), tmp_path / "teacher.onnx")
    rng = np.random.default_rng(0)
    images = rng.normal(size=(120, 1, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "data.npz", input=images, label=rng.integers(4, size=120))
    data = DataSettings(path=str(tmp_path / "data.npz"), calibration=20)
    return DesignStudent(str(tmp_path / "teacher.onnx"), ASKED, data, str(tmp_path / "out"), Measuring(1, 0.5))


def test_the_familys_own_net_is_scaled_by_one_parameter(asked: DesignStudent) -> None:
    found = design_student.run(replace(asked, design=replace(ASKED, scaling="compound", steps=0)), SilentToken())
    assert found.parameter is not None
    assert (found.judged, found.front, found.exponent) == (0, (), 0.0)


class Stages(SilentToken):
    """Counts the steps of each training."""

    def __init__(self) -> None:
        self.taught = Counter[str]()

    def report(self, event: object) -> None:
        if isinstance(event, Progress) and event.text.startswith("step "):
            self.taught[event.stage] += 1


class StopsIn(SilentToken):
    """Asks to stop in a stage."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def report(self, event: object) -> None:
        self.cancelled = self.cancelled or (isinstance(event, Progress) and event.stage == self.stage)


def test_a_net_is_found_that_keeps_the_limit_and_gives_what_is_said_though_its_last_training_was_stopped_once(
    asked: DesignStudent, tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        design_student.run(asked, StopsIn("recover"))
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"model.onnx", "SHA256SUMS"}
    (plan,) = (tmp_path / "cache" / "compression-studio" / "designs").iterdir()
    assert msgspec.json.decode(plan.read_bytes(), type=Plan).limit_ms > 0

    told = Stages()
    found = design_student.run(asked, told)
    assert told.taught == {"recover": ASKED.steps - 1}
    assert not plan.exists()
    assert not list((tmp_path / "cache" / "compression-studio" / "training").iterdir())
    assert bool(found.missed) == (found.speedup.median < 1.5)
    assert found.speedup.median > 1.0
    assert (found.judged, found.parameter) == (3, None)
    assert found.exponent > 5
    assert 1 <= len(found.front) <= 3
    assert found.accuracy is not None
    model = read_model(Path(found.path))
    assert [value.name for value in model.graph.inputs] == ["input"]
    (row,) = open_session(model).run(None, {"input": np.zeros((3, 1, 8, 8), np.float32)})
    assert row.shape == (3, 4)
    assert "torch gives" in found.checked
    kept = (tmp_path / "out" / "design.json").read_bytes()
    assert msgspec.json.decode(kept, type=Designed) == found
    assert "design.json" in (tmp_path / "out" / "SHA256SUMS").read_text()


def test_without_samples_limit_or_classes_it_says_so(asked: DesignStudent, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="folder of images"):
        design_student.run(replace(asked, data=DataSettings()), SilentToken())
    with pytest.raises(StudioError, match="needs a limit"):
        design_student.run(replace(asked, design=replace(ASKED, speedup=None)), SilentToken())
    with pytest.raises(StudioError, match="several kinds"):
        design_student.run(replace(asked, design=replace(ASKED, family="resnet18")), SilentToken())
