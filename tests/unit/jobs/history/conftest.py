"""Runs made by hand, each in a folder of its own as the worker leaves it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.core.outcome import Cost
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, Machine, Report
from desktop_app.core.summary import ModelSummary
from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import RunFinished

SHA, OTHER = "ab" * 32, "cd" * 32
Make = Callable[..., RunFinished]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data" / "history")


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Makes a run whose model takes so many bytes."""
    count = iter(range(1000))

    def make(size: int = 1000, seed: int = 0) -> RunFinished:
        folder = tmp_path / f"run-{next(count)}"
        folder.mkdir()
        (folder / "model.onnx").write_bytes(b"m" * size)
        for name in ("recipe.yaml", "report.json", "report.html", "infer.py", "SHA256SUMS"):
            (folder / name).write_text(name)
        figures = Figures(4 * size, 20, 30), Figures(size, 10, 20)
        report = Report(*figures, None, Machine("a processor", ("avx2",), 1), {}, {}, (), ())
        summary = ModelSummary("model.onnx", "", SHA, size, 0, 3, Cost(), 17, "", (), (), (), ())
        return RunFinished(str(folder / "model.onnx"), Recipe(seed=seed), report, summary)

    return make
