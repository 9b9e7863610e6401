"""A process that would judge otherwise than the search that it is to help is refused with a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from optuna.samplers import RandomSampler

from desktop_app.bench.machine import this_machine, versions
from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.summary import LayerProfile
from desktop_app.io.writer import write_model
from desktop_app.jobs.opened import opened
from desktop_app.jobs.sampled import sampled
from desktop_app.jobs.searches import PROFILE, JoinSearch, SearchHelped
from desktop_app.jobs.tasks import join_search
from desktop_app.search.finding import STARTS, Search
from desktop_app.search.goal import GOAL, Goal, goal_of, keep_goal, mark_of
from desktop_app.search.leading import led
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import Study
from tests.contracts.small_nets import NETS

pytestmark = pytest.mark.usefixtures("private_session")

SPACE = Space((Choice("bits", ("a",), (32, 8)),))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_model(NETS["residual"](), tmp_path / "m.onnx")
    return tmp_path / "m.onnx"


def images(path: Path, seed: int) -> Path:
    path.mkdir()
    pixels = np.random.default_rng(seed).normal(size=(30, 3, 8, 8)).astype(np.float32)
    np.savez(path / "images.npz", x=pixels)
    return path / "images.npz"


@contextmanager
def searching(storage: str, model: Path, data: Path, found_with: dict[str, str]) -> Iterator[Study]:
    """A search that goes on, as far as one that would help it can tell."""
    token, one = SilentToken(), opened(str(model))
    settings = DataSettings(path=str(data), calibration=16)
    samples = sampled(one.model, settings, 0, token)
    budget = Budget(trials=1, strategy="random", data=settings)
    goal = Goal(str(model), one.snapshot.sha256, mark_of(samples.data), budget,
                Recipe(data=samples.settings), SPACE, this_machine(1), found_with)  # fmt: skip
    with Study(storage, "one", SPACE, goal.budget.limits, goal.machine) as study:
        keep_goal(study, goal)
        with led(study, token):
            yield study


def test_other_samples_another_version_or_no_model_are_refused(model: Path, tmp_path: Path) -> None:
    mine, others = images(tmp_path / "mine", 0), images(tmp_path / "others", 1)
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"

    def refused(words: str, asked: JoinSearch) -> None:
        with pytest.raises(StudioError, match=words):
            join_search.run(asked, SilentToken())

    with searching(storage, model, mine, versions()):
        refused("are others than those of the search", JoinSearch(str(model), str(others), storage, wait=0.0))
        (tmp_path / "m.onnx").rename(tmp_path / "moved.onnx")
        refused("Name the model of the search, .*m.onnx", JoinSearch("", str(mine), storage, wait=0.0))
        (tmp_path / "moved.onnx").rename(tmp_path / "m.onnx")
    with searching(storage, model, mine, {**versions(), "numpy": "0.1"}):
        refused("goes on with numpy 0.1", JoinSearch(str(model), str(mine), storage, wait=0.0))


def test_a_copy_of_the_samples_is_taken(model: Path, tmp_path: Path) -> None:
    """It would judge, if the candidates of the budget were not judged by now."""
    mine, copy = images(tmp_path / "mine", 0), images(tmp_path / "copy", 0)
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    with searching(storage, model, mine, versions()) as study:
        study.note(PROFILE, msgspec.json.encode(LayerProfile(1.0, {}, 1)).decode())
        study.note(STARTS, "[]")
        asked = study.claim(0, study.draw(RandomSampler(seed=0), (0,)), (0,))
        assert asked is not None
        study.tell(asked, Judged(0, (0,)))
        helped = join_search.run(JoinSearch(str(model), str(copy), storage, wait=0.0), SilentToken())
    assert helped == SearchHelped("one", "m.onnx", judged=0, all_judged=1, ended=False)


def test_one_that_waits_hears_that_the_search_was_made_longer(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = images(tmp_path / "mine", 0)
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    asked, slept = list[int | None](), list[float]()
    with searching(storage, model, mine, versions()) as study:
        study.note(PROFILE, msgspec.json.encode(LayerProfile(1.0, {}, 1)).decode())
        goal = goal_of(study.noted(GOAL))
        assert goal is not None

        def find(search: Search, token: Token) -> tuple[Judged, ...]:
            asked.append(search.budget.trials)
            if len(asked) == 2:
                raise Cancelled
            keep_goal(study, replace(goal, budget=replace(goal.budget, trials=9)))
            return ()

        monkeypatch.setattr(Search, "find", find)
        monkeypatch.setattr(join_search.time, "sleep", slept.append)
        with pytest.raises(Cancelled):
            join_search.run(JoinSearch(str(model), str(mine), storage, wait=5.0), SilentToken())
    assert (asked, slept) == ([1, 9], [join_search.POLL_SECONDS])
