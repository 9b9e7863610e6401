"""A training keeps its best state, goes on where it was stopped, and ends when it should."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import nn

from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Event, Measurement, SilentToken
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed
from desktop_app.learn.judging import Judgement
from desktop_app.learn.objective import Objective
from desktop_app.learn.optimising import eased, rate_at
from desktop_app.learn.outputs import Target
from desktop_app.learn.training import Training
from tests.unit.learn.conftest import samples_of

METHOD = RecoverMethod(steps=40, batch=8, augment=False)
X = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)


class Linear(nn.Module):
    """Values by name, as a graph gives them."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layer = nn.Linear(6, 4)

    def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
        return {"y": self.layer(inputs["x"])}


class StopsAt(SilentToken):
    """Asks to stop after so many questions."""

    def __init__(self, count: int) -> None:
        self.left = count

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def training(student: Linear, method: RecoverMethod = METHOD, *, rate: float = 0.02, **more: object) -> Training:
    feed = Feed(samples_of({"x": X}), method.batch, seed=1)
    token = more.pop("token", SilentToken())
    return Training(student, Linear(1), Objective((Target("y", "y", 4),)), feed, method, rate, token, **more)


def test_the_student_comes_near_to_the_teacher() -> None:
    student = Linear(0)
    trained = training(student, replace(METHOD, steps=200)).run()
    assert trained.best.loss < 0.05 * trained.before.loss
    assert trained.best.agreement is not None
    assert trained.best.agreement > 0.9


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(tmp_path: Path, optimizer: str) -> None:
    method = replace(METHOD, optimizer=optimizer, average=0.9)
    whole = Linear(0)
    training(whole, method).run()
    kept = Checkpoint("one", tmp_path)
    with pytest.raises(Cancelled):
        training(Linear(0), method, checkpoint=kept, token=StopsAt(17)).run()
    assert kept.path.is_file()
    resumed = Linear(0)
    told = training(resumed, method, checkpoint=kept).run()
    assert told.resumed == 17
    assert told.steps == 40
    assert torch.equal(resumed.layer.weight, whole.layer.weight)
    assert not kept.path.exists()


def test_a_damaged_state_is_as_good_as_none(tmp_path: Path) -> None:
    kept = Checkpoint("one", tmp_path)
    kept.path.write_bytes(b"no archive")
    assert training(Linear(0), checkpoint=kept).run().resumed == 0


def test_a_state_that_fits_in_part_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = Linear(0)
    training(whole).run()
    kept = Checkpoint("one", tmp_path)
    with pytest.raises(Cancelled):
        training(Linear(0), checkpoint=kept, token=StopsAt(17)).run()
    state = kept.read()
    assert state is not None
    kept.write({**state, "average": 5})
    anew = Linear(0)
    assert training(anew, checkpoint=kept).run().resumed == 0
    assert torch.equal(anew.layer.weight, whole.layer.weight)


def test_what_a_graph_draws_itself_is_the_same_when_a_training_goes_on(tmp_path: Path) -> None:
    class Dropping(Linear):
        def forward(self, inputs: dict[str, torch.Tensor], also: object = ()) -> dict[str, torch.Tensor]:
            return {"y": self.layer(nn.functional.dropout(inputs["x"], 0.5, self.training))}

    whole, kept = Dropping(0), Checkpoint("one", tmp_path)
    training(whole).run()
    with pytest.raises(Cancelled):
        training(Dropping(0), checkpoint=kept, token=StopsAt(17)).run()
    torch.rand(3)
    resumed = Dropping(0)
    training(resumed, checkpoint=kept).run()
    assert torch.equal(resumed.layer.weight, whole.layer.weight)


def test_the_best_state_is_kept_even_where_it_is_the_first() -> None:
    student = Linear(1)
    before = student.layer.weight.detach().clone()
    trained = training(student, rate=1.0).run()
    assert trained.best_step == 0
    assert torch.equal(student.layer.weight, before)


def test_a_loss_that_is_no_number_is_told() -> None:
    student = Linear(0)
    with torch.no_grad():
        student.layer.weight.fill_(float("nan"))
    with pytest.raises(StudioError, match="diverged at step 1"):
        training(student).run()


def test_time_and_patience_end_a_training_early() -> None:
    in_time = training(Linear(0), replace(METHOD, steps=10**6, seconds=0.3)).run()
    assert 0 < in_time.steps < 10**6
    assert "the time of 0.3 s was over" in in_time.stopped
    patient = training(Linear(1), replace(METHOD, steps=400, patience=3), rate=1.0).run()
    assert patient.steps < 400
    assert "no progress" in patient.stopped


def test_what_must_hold_of_weights_holds_at_every_judgement_and_at_the_end() -> None:
    student = Linear(0)

    @torch.no_grad()
    def keep() -> None:
        student.layer.weight[:, 0] = 0.0

    keep()
    training(student, replace(METHOD, average=0.9), after_step=keep).run()
    assert (student.layer.weight[:, 0] == 0).all()
    assert (student.layer.weight[:, 1] != 0).all()


def test_loss_and_agreement_are_told_while_it_goes_on() -> None:
    class Listener(SilentToken):
        heard: list[Measurement] = []

        def report(self, event: Event) -> None:
            if isinstance(event, Measurement):
                self.heard.append(event)

    training(Linear(0), replace(METHOD, steps=1000), token=Listener()).run()
    losses = [one.value for one in Listener.heard if one.metric == "loss"]
    assert len(losses) == 200
    assert losses[-1] < losses[0]
    assert sum(one.metric == "top1_agreement" for one in Listener.heard) == 21


def test_judging_takes_no_more_than_its_share() -> None:
    class Listener(SilentToken):
        def __init__(self) -> None:
            self.judgements = 0

        def report(self, event: Event) -> None:
            self.judgements += isinstance(event, Measurement) and event.metric == "top1_agreement"

    told = Listener()
    training(Linear(0), replace(METHOD, steps=10, batch=4), token=told).run()
    assert told.judgements == 1 + 2  # 16 samples, a fifth of 4 x 40


def test_short_trainings_and_good_students_take_a_lower_rate() -> None:
    def rate(steps: int, agreement: float | None, loss: float = 1.0) -> float:
        return eased(1.0, replace(METHOD, steps=steps), Judgement(loss, agreement))

    assert [rate(steps, 0.75) for steps in (5, 125, 500, 5000)] == pytest.approx([0.325, 0.625, 1.0, 1.0])
    assert [rate(5000, one) for one in (0.0, 0.7, 0.875, 0.95, 1.0)] == pytest.approx([1, 1, 0.25, 0.05, 0.05])
    assert rate(5, 0.0) == 1.0
    assert rate(125, None, 0.3) == pytest.approx(0.65)
    assert eased(0.3, replace(METHOD, rate=0.3, steps=1), Judgement(0.1, 1.0)) == 0.3


def test_the_rate_rises_and_falls() -> None:
    rates = [rate_at(done / 100, METHOD, 1.0) for done in range(101)]
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) == 5
    assert rates[-1] == pytest.approx(0.0, abs=1e-6)
