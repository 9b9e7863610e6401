"""A training takes half precision where a model bears it, and only there."""

import numpy as np
import pytest
import torch
from torch import nn

from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import SilentToken
from desktop_app.learn import precision
from desktop_app.learn.feed import Feed
from desktop_app.learn.objective import Objective
from desktop_app.learn.outputs import Target
from desktop_app.learn.precision import Precision, bears_halves
from desktop_app.learn.training import Training
from tests.unit.learn.conftest import samples_of

X = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)
SCORES, NUMBERS = Objective((Target("y", "y", 4),)), Objective((Target("y", "y"),))
METHOD = RecoverMethod(steps=60, batch=8, augment=False)


class Linear(nn.Module):
    """Scores, and what type they were computed in."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layer = nn.Linear(6, 4)
        self.types: set[tuple[bool, torch.dtype]] = set()

    def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
        found = self.layer(inputs["x"])
        self.types.add((self.training, found.dtype))
        return {"y": found}


class Cancelling(Linear):
    """What is left of two large scores that differ little."""

    def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
        large = self.layer(inputs["x"]) + 1000.0
        return {"y": nn.functional.linear(large, torch.eye(4)) - 1000.0}


class Unmixed(Linear):
    """An operator that takes values of one type only."""

    def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
        rows = self.layer(inputs["x"])
        return {"y": torch.zeros_like(rows, dtype=torch.float32).scatter(0, torch.zeros(1, 4, dtype=torch.long), rows)}


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "multiplies_halves", lambda device: True)


def feed() -> Feed:
    return Feed(samples_of({"x": X}), METHOD.batch, seed=1)


def chosen(student: nn.Module, objective: Objective = SCORES, method: RecoverMethod = METHOD) -> Precision:
    return Precision.of(student, Linear(1), objective, feed(), method)


def test_scores_are_learned_in_halves_where_the_machine_is_faster_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(Linear(0)) == Precision("cpu", teacher=True, student=True)
    assert chosen(Linear(0), method=RecoverMethod(precision="single")) == Precision("cpu")
    monkeypatch.setattr(precision, "multiplies_halves", lambda device: False)
    assert chosen(Linear(0)) == Precision("cpu")


def test_numbers_that_are_to_be_met_are_not() -> None:
    assert chosen(Linear(0), NUMBERS) == Precision("cpu")


@pytest.mark.parametrize("kind", [Cancelling, Unmixed])
def test_what_does_not_bear_it_learns_in_single(kind: type[Linear]) -> None:
    assert not bears_halves(kind(0), {"x": torch.from_numpy(X)}, "y", "cpu")
    assert chosen(kind(0)) == Precision("cpu", teacher=True, student=False)


def test_the_student_learns_in_halves_keeps_single_weights_and_is_judged_by_them() -> None:
    student = Linear(0)
    trained = Training(student, Linear(1), SCORES, feed(), METHOD, 0.02, SilentToken()).run()
    assert trained.halves
    assert trained.best.loss < 0.2 * trained.before.loss
    assert student.layer.weight.dtype == torch.float32
    learned = {kind for training, kind in student.types if training}
    assert learned == {torch.bfloat16}
    judged = Training(student, Linear(1), SCORES, feed(), METHOD, 0.02, SilentToken())._judge_of.judge(student)
    assert judged.loss == pytest.approx(trained.best.loss)
