import os
import stat
from pathlib import Path

import msgspec
import platformdirs
import pytest
from optuna.samplers import RandomSampler

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.search.naming import default_storage, study_name
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import PART, Study
from tests.unit.search.tiny import study_of

SPACE = Space((Choice("bits", ("a",), (32, 8)), Choice("prune", ("b",), (0.0, 0.25, 0.5))))
BUDGET = Budget(limits=BudgetLimits(bytes=10))


def test_what_was_judged_is_read_again_in_order(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    told = [Judged(0, (0, 0), bytes=20, sqnr_db=200.0), Judged(1, (1, 2), failed="it could not be made")]
    for one in told:
        study.tell(study.ask(RandomSampler(seed=0), one.genes), one)
    assert study_of(tmp_path, SPACE, BUDGET).judged() == tuple(told)


def test_a_start_is_asked_as_it_is_and_what_is_drawn_depends_on_the_seed(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    assert study.ask(RandomSampler(seed=0), (1, 2)).genes == (1, 2)
    assert study.ask(RandomSampler(seed=5)).genes == study.ask(RandomSampler(seed=5)).genes


def test_what_was_being_judged_when_the_program_was_killed_is_given_up(tmp_path: Path) -> None:
    study_of(tmp_path, SPACE, BUDGET).ask(RandomSampler(seed=0), (1, 1))
    again = study_of(tmp_path, SPACE, BUDGET)
    again.tidy()
    assert again.judged() == ()
    assert again.ask(RandomSampler(seed=0), (0, 1)).genes == (0, 1)


def test_notes_may_be_long(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    assert study.noted("times") is None
    text = "τ" * (2 * PART + 5)
    study.note("times", text)
    assert study_of(tmp_path, SPACE, BUDGET).noted("times") == text


@pytest.mark.parametrize(
    "storage", ["nonsense", "postgresql+nothing://user:secret@nowhere/base", "sqlite:////no/such/folder/s.sqlite"]
)
def test_a_database_that_cannot_be_used_is_told_in_a_sentence_without_the_password(storage: str) -> None:
    with pytest.raises(StudioError, match=r"^The database .* cannot be used for the search") as told:
        Study(storage, "one", SPACE, BUDGET.limits)
    assert "secret" not in str(told.value)


def test_a_damaged_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").write_bytes(b"no database at all, but long enough to look like one" * 10)
    with pytest.raises(StudioError, match=r"s\.sqlite cannot be used"):
        study_of(tmp_path, SPACE, BUDGET)


@pytest.mark.skipif(os.name == "nt", reason="permissions are other things there")
def test_the_default_database_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    path = Path(default_storage().removeprefix("sqlite:///"))
    assert path.parent == tmp_path / "data"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_search_is_the_same_however_long_it_goes_on() -> None:
    machine = Machine("a processor", (), 1)
    longer = msgspec.structs.replace(BUDGET, trials=1000, time=5.0, finalists=7, recover=3)
    seeded = msgspec.structs.replace(BUDGET, seed=1)
    name = study_name("m", BUDGET, SPACE, Recipe(), machine)
    assert study_name("m", longer, SPACE, Recipe(), machine) == name
    others = (
        study_name("n", BUDGET, SPACE, Recipe(), machine),
        study_name("m", seeded, SPACE, Recipe(), machine),
        study_name("m", BUDGET, Space(SPACE.choices[:1]), Recipe(), machine),
        study_name("m", BUDGET, SPACE, Recipe(seed=5), machine),
        study_name("m", BUDGET, SPACE, Recipe(), Machine("another", (), 1)),
    )
    assert len({name, *others}) == 1 + len(others)
