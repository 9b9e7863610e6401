from pathlib import Path

import pytest

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.progress import SilentToken
from desktop_app.io.budgets import read_budget, write_budget
from desktop_app.jobs.searches import ReadBudget, WriteBudget
from desktop_app.jobs.tasks import read_budget as reading
from desktop_app.jobs.tasks import write_budget as writing
from desktop_app.search.kept import judged_before

BUDGET = Budget(
    limits=BudgetLimits(bytes=500_000, max_drop=1.0), free=("bits",), time=60.0, trials=None, strategy="bayesian",
    data=DataSettings(path="images", calibration=40),
)  # fmt: skip


def test_a_budget_that_was_written_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    written = writing.run(WriteBudget(str(path), BUDGET), SilentToken())
    assert written.path == str(path)
    assert reading.run(ReadBudget(str(path)), SilentToken()).budget == BUDGET
    assert read_budget(path) == BUDGET


def test_a_file_that_is_no_budget_says_which_key_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    write_budget(Budget(limits=BudgetLimits(speedup=2.0)), path)
    path.write_text(path.read_text("utf-8").replace("speedup: 2.0", "speedup: -1"), "utf-8")
    with pytest.raises(InvalidRecipeError, match=r"limits\.speedup must be a number above 0"):
        reading.run(ReadBudget(str(path)), SilentToken())


def test_where_no_search_was_begun_none_is_begun_by_asking(tmp_path: Path) -> None:
    database = tmp_path / "s.sqlite"
    assert judged_before(f"sqlite:///{database.as_posix()}", "no such search") == 0
    assert not database.exists()
