from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.bench.machine import versions
from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data import DataSet, open_data
from desktop_app.jobs.tasks.join_search import _moved
from desktop_app.search.goal import Goal, check_versions, goal_of, keep_goal, mark_of
from desktop_app.search.joining import join
from desktop_app.search.leading import led
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import Study
from tests.contracts.small_nets import residual

HERE = Machine("a processor", (), 1)
SPACE = Space((Choice("bits", ("a",), (32, 8)),))
GOAL = Goal("/models/m.onnx", "5ha", "mark", Budget(limits=BudgetLimits(bytes=9)), Recipe(), SPACE, HERE, versions())


def begun(storage: str, name: str, goal: Goal = GOAL) -> Study:
    study = Study(storage, name, goal.space, goal.budget.limits, HERE)
    keep_goal(study, goal)
    return study


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"


def joined(storage: str, name: str = "", sha256: str = "") -> tuple[Study, Goal]:
    return join(storage, name, sha256, HERE, 0.0, SilentToken())


def test_the_search_that_goes_on_is_found_with_its_goal(storage: str) -> None:
    other = replace(GOAL, sha256="another", source="C:\\models\\n.onnx")
    with begun(storage, "over"), begun(storage, "one") as one, begun(storage, "two", other) as two:
        with led(one, SilentToken()):
            for study, goal in (joined(storage), joined(storage, "one"), joined(storage, "", "5ha")):
                assert (study.name, goal) == ("one", GOAL)
                study.close()
            with led(two, SilentToken()), pytest.raises(StudioError, match=r"say which by --study \(.*two: n\.onnx"):
                joined(storage)
        with pytest.raises(StudioError, match="No search goes on in"):
            joined(storage)


@pytest.mark.parametrize(
    ("name", "sha256", "words"),
    [
        ("none", "", "There is no search none in"),
        ("one", "another", r"The search one is for another model, m\.onnx"),
        ("", "another", "are for other models"),
    ],
)
def test_what_does_not_fit_is_told(storage: str, name: str, sha256: str, words: str) -> None:
    with begun(storage, "one") as study, led(study, SilentToken()), pytest.raises(StudioError, match=words):
        joined(storage, name, sha256)


def test_where_nothing_was_searched_for_nothing_is_made(storage: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="No search goes on in"):
        joined(storage)
    assert not list(tmp_path.iterdir())


def test_another_version_would_judge_otherwise() -> None:
    check_versions(GOAL)
    with pytest.raises(StudioError, match=r"goes on with onnxruntime 0\.1, and here is .*: install the same version"):
        check_versions(replace(GOAL, versions={**versions(), "onnxruntime": "0.1"}))


def test_a_goal_of_another_kind_is_none() -> None:
    assert goal_of(None) is None
    assert goal_of('{"source": 5}') is None


def samples(model: Model, seed: int = 0, calibration: int = 24) -> DataSet:
    settings = DataSettings(calibration=calibration)
    return open_data(settings, input_specs(model), seed=seed, shapes=model.shapes)


def test_samples_are_known_by_their_split_and_content() -> None:
    model = residual()
    mark = mark_of(samples(model))
    assert mark == mark_of(samples(model))
    assert len({mark, mark_of(samples(model, seed=1)), mark_of(samples(model, calibration=20))}) == 3


def test_labels_that_lie_among_the_samples_lie_there_at_another_place() -> None:
    settings = DataSettings(path="/a/images", labels="/a/images/labels.csv")
    assert _moved(settings, "/b").labels == str(Path("/b/labels.csv"))
    assert _moved(replace(settings, labels="/a/labels.csv"), "/b").labels == "/a/labels.csv"
