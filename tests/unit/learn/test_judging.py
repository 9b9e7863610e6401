"""What the teacher says of held-out samples is asked once, where it can be kept."""

import numpy as np
import pytest
import torch
from torch import nn

from desktop_app.learn import judging
from desktop_app.learn.feed import Feed
from desktop_app.learn.judging import Judge, Judgement
from desktop_app.learn.objective import Objective
from desktop_app.learn.outputs import Target
from tests.unit.learn.conftest import samples_of

X = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)
LABELS = np.arange(200) % 4


class Counted(nn.Module):
    """Counts how often it is asked."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layer, self.asked = nn.Linear(6, 4), 0

    def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
        self.asked += 1
        return {"y": self.layer(inputs["x"])}


@pytest.mark.parametrize(("most", "asked"), [(2**20, 3), (100, 6), (0, 6)])
def test_judgements_are_the_same_kept_or_not(monkeypatch: pytest.MonkeyPatch, most: int, asked: int) -> None:
    monkeypatch.setattr(judging, "MAX_KEPT_BYTES", most)
    teacher, student = Counted(1), Counted(0)
    judge = Judge(teacher, Objective((Target("y", "y", 4),)), Feed(samples_of({"x": X}, LABELS), 8, 0), labels=False)
    first, second = judge.judge(student), judge.judge(student)
    assert first == second
    assert teacher.asked == asked
    held_out = torch.from_numpy(X[-20:])
    chosen, wanted = (one.layer(held_out).argmax(1) for one in (student, teacher))
    assert first.agreement == pytest.approx(float((chosen == wanted).float().mean()))
    assert first.accuracy == pytest.approx(float((chosen.numpy() == LABELS[-20:]).mean()))


def test_the_class_comes_before_the_loss() -> None:
    assert Judgement(2.0, 0.9).better(Judgement(1.0, 0.8), labels=False)
    assert Judgement(1.0, 0.8).better(Judgement(2.0, 0.8), labels=False)
    assert Judgement(2.0, 0.7, 0.9).better(Judgement(1.0, 0.8, 0.8), labels=True)
    assert Judgement(2.0, 0.9).better(Judgement(1.0, 0.8), labels=True)  # asked for, and there are none
    assert Judgement(1.0).better(Judgement(2.0), labels=True)
    assert not Judgement(1.0, 0.8).better(Judgement(1.0, 0.8), labels=False)
