import os
import stat
import time
from pathlib import Path

import msgspec
import optuna
import platformdirs
import pytest
from optuna.samplers import NSGAIISampler, RandomSampler
from sqlalchemy import text

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.search import pulse
from desktop_app.search.claims import MOST_DEATHS
from desktop_app.search.leading import led
from desktop_app.search.naming import default_storage, study_name
from desktop_app.search.notes import PART
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import FORMAT, FORMAT_NAME
from desktop_app.search.who import Who, this_process
from tests.unit.search.tiny import DEAD, claimed, study_of

SPACE = Space((Choice("bits", ("a",), (32, 8)), Choice("prune", ("b",), (0.0, 0.25, 0.5))))
WIDE = Space(tuple(Choice("prune", (str(name),), tuple(range(10))) for name in range(6)))
BUDGET = Budget(limits=BudgetLimits(bytes=10))


def test_what_was_judged_is_read_again_in_order(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    told = [Judged(0, (0, 0), bytes=20, sqnr_db=200.0), Judged(1, (1, 2), failed="it could not be made")]
    for one in told:
        assert study.tell(claimed(study, one.genes), one)
    assert study.judged() == tuple(told)
    assert study_of(tmp_path, SPACE, BUDGET).judged() == tuple(told)


def test_a_start_is_drawn_as_it_is_and_what_is_drawn_depends_on_the_seed(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    assert study.draw(RandomSampler(seed=0), (1, 2)).genes == (1, 2)
    assert study.draw(RandomSampler(seed=5)) == study.draw(RandomSampler(seed=5))


def test_starts_have_children(tmp_path: Path) -> None:
    study, space = study_of(tmp_path, WIDE, BUDGET), WIDE
    for number in range(4):
        genes = (number, *[9] * (len(space.choices) - 1))
        drawn = study.draw(NSGAIISampler(population_size=4, seed=number), genes)
        assert study.tell(study.claim(number, drawn, genes), Judged(number, genes, bytes=number))
        study.standing()
    child = study.draw(NSGAIISampler(population_size=4, seed=9, mutation_prob=0.0)).genes
    assert child[1:] == (9,) * (len(space.choices) - 1)


def test_a_candidate_is_claimed_once_and_a_number_given_once(tmp_path: Path) -> None:
    one, other = study_of(tmp_path, SPACE, BUDGET), study_of(tmp_path, SPACE, BUDGET)
    drawn = one.draw(RandomSampler(seed=0), (1, 1))
    first = one.claim(0, drawn, (1, 1))
    assert first is not None
    assert other.claim(1, drawn, (1, 1)) is None
    assert other.claim(0, drawn, (1, 2)) is None
    standing = other.standing()
    assert (standing.taken, standing.free, standing.lost) == ({(1, 1)}, 1, ())
    assert one.tell(first, Judged(0, (1, 1)))
    assert other.claim(1, drawn, (1, 1)) is None
    assert other.standing().lost == ()


def test_what_a_dead_process_was_judging_is_to_be_judged_by_another(tmp_path: Path) -> None:
    dead = study_of(tmp_path, SPACE, BUDGET, who=DEAD)
    lost = claimed(dead, (1, 1))
    again = study_of(tmp_path, SPACE, BUDGET)
    standing = again.standing()
    assert (standing.judged, standing.running) == ((), ())
    assert standing.lost == (lost.claim,)
    assert again.tell(again.claim(0, lost.claim.as_drawn, (1, 1)), Judged(0, (1, 1), bytes=7))
    assert not dead.tell(lost, Judged(0, (1, 1), bytes=8))  # it was not dead after all: too late
    assert [one.bytes for one in dead.judged()] == [7]


def test_what_several_processes_died_of_is_deadly_and_what_they_gave_up_is_not(tmp_path: Path) -> None:
    dead, alive = study_of(tmp_path, SPACE, BUDGET, who=DEAD), study_of(tmp_path, SPACE, BUDGET)
    for _ in range(MOST_DEATHS):
        alive.forget(claimed(alive, (0, 1)))
    for _ in range(MOST_DEATHS - 1):
        claimed(dead, (1, 1))
        assert alive.standing().deadly == frozenset()
    claimed(dead, (1, 1))
    assert alive.standing().deadly == {(1, 1)}


def test_a_process_elsewhere_is_dead_when_it_has_not_been_heard_of(tmp_path: Path) -> None:
    far = Who("far", "another system", 1, 0.0)
    there, here = (study_of(tmp_path, SPACE, BUDGET, who=who, lease=1) for who in (far, None))
    assert claimed(there, (1, 1)) is not None
    with there.beating():
        assert claimed(there, (0, 1)) is not None
        began = time.monotonic()
        while len(here.standing().running) == 2:
            assert time.monotonic() - began < 60.0
            time.sleep(0.1)
        standing = here.standing()
    assert [one.genes for one in standing.running] == [(0, 1)]
    assert [one.genes for one in standing.lost] == [(1, 1)]


def test_one_process_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.search.leading.ORPHAN_SECONDS", 0.0)
    study, other = study_of(tmp_path, SPACE, BUDGET), study_of(tmp_path, SPACE, BUDGET)
    assert (other.standing().lead, other.standing().ended) == (None, False)
    with led(study, SilentToken()):
        assert other.standing().lead == this_process()
        with pytest.raises(StudioError, match=r"goes on already, in process \d+ on"), led(other, SilentToken()):
            pass
    assert (other.standing().lead, other.standing().ended) == (None, True)
    with led(study_of(tmp_path, SPACE, BUDGET, who=DEAD), SilentToken()):
        assert (other.standing().lead, other.standing().ended) == (None, False)


def test_a_process_that_slept_does_not_give_up_its_own_seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    with led(study, SilentToken()):
        slept = time.time() + 3600.0
        monkeypatch.setattr(pulse, "time", lambda: slept)
        with study._database.engine.begin() as connection:
            connection.execute(text("UPDATE trial_heartbeats SET heartbeat = '2001-01-01 00:00:00'"))
        assert study.standing().lead == this_process()


@pytest.mark.parametrize(("kept", "words"), [(FORMAT + 1, "newer version"), (FORMAT - 1, "older version")])
def test_what_another_version_keeps_otherwise_is_refused(tmp_path: Path, kept: int, words: str) -> None:
    with study_of(tmp_path, SPACE, BUDGET):
        pass
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    optuna.load_study(study_name="one", storage=storage).set_user_attr(FORMAT_NAME, kept)
    with pytest.raises(StudioError, match=words):
        study_of(tmp_path, SPACE, BUDGET)


def test_notes_may_be_long(tmp_path: Path) -> None:
    study = study_of(tmp_path, SPACE, BUDGET)
    assert study.noted("times") is None
    text = "τ" * (2 * PART + 5)
    study.note("times", text)
    assert study_of(tmp_path, SPACE, BUDGET).noted("times") == text


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
    longer = msgspec.structs.replace(BUDGET, trials=1000, time=5.0, finalists=7, recover=3)
    asked = {"sha256": "m", "budget": BUDGET, "space": SPACE, "base": Recipe(), "machine": Machine("one", (), 1),
             "mark": "samples", "versions": {"onnxruntime": "1"}}  # fmt: skip
    name = study_name(**asked)
    assert study_name(**{**asked, "budget": longer}) == name
    changes = {"sha256": "n", "budget": msgspec.structs.replace(BUDGET, seed=1), "space": Space(SPACE.choices[:1]),
               "base": Recipe(seed=5), "machine": Machine("another", (), 1), "mark": "others",
               "versions": {"onnxruntime": "2"}}  # fmt: skip
    assert changes.keys() == asked.keys()
    others = [study_name(**{**asked, key: value}) for key, value in changes.items()]
    assert len({name, *others}) == 1 + len(others)
