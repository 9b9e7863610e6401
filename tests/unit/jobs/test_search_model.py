"""A search as the worker carries it out: what it needs is there before it begins, what it has left stays."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Event, Progress, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.io.writer import write_model
from desktop_app.jobs.searches import SearchModel
from desktop_app.jobs.tasks import search_model
from tests.contracts.small_nets import NETS

pytestmark = pytest.mark.usefixtures("private_session")


@pytest.fixture
def asked(tmp_path: Path) -> SearchModel:
    write_model(NETS["residual"](), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).normal(size=(40, 3, 8, 8)).astype(np.float32))
    data = DataSettings(path=str(tmp_path / "x.npz"), calibration=24)
    budget = Budget(limits=BudgetLimits(bytes=20_000), strategy="random", trials=3, finalists=1, data=data)
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    return SearchModel(
        str(tmp_path / "m.onnx"), budget, Recipe(), str(tmp_path / "out"), storage, measuring=Measuring(1, 0.1)
    )


class StopsAt(SilentToken):
    """Asks to stop at the first word of a stage."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def report(self, event: Event) -> None:
        if isinstance(event, Progress) and event.stage == self.stage:
            raise Cancelled


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_was_measured_stays_until_something_else_is(asked: SearchModel, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        search_model.run(asked, StopsAt("finalists"))
    assert set(files(tmp_path / "out")) == {"model.onnx", "recipe.yaml", "SHA256SUMS"}
    longer = replace(asked, resume=True)
    assert search_model.run(longer, SilentToken()).judged == 3
    measured = files(tmp_path / "out")
    assert "report.json" in measured
    with pytest.raises(Cancelled):
        search_model.run(replace(longer, budget=replace(asked.budget, trials=6)), StopsAt("finalists"))
    assert files(tmp_path / "out") == measured


def test_a_training_that_cannot_be_is_told_before_anything_is_judged(
    asked: SearchModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_model, "why_no_torch", lambda: "PyTorch is not installed.")
    with pytest.raises(StudioError, match="PyTorch is not installed"):
        search_model.run(replace(asked, budget=replace(asked.budget, recover=1)), SilentToken())
    assert not (tmp_path / "s.sqlite").exists()
