"""The training of a student by the original."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import Tensor, nn

from desktop_app.core.errors import Cancelled, NothingChangedError, StudioError
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Measurement, Progress, Token
from desktop_app.learn.checkpoint import Checkpoint
from desktop_app.learn.feed import Feed, TrainingBatch
from desktop_app.learn.judging import Judge, Judgement
from desktop_app.learn.objective import Labels, Objective
from desktop_app.learn.optimising import Average, eased, optimizer_of, rate_at, set_rate
from desktop_app.learn.precision import Precision

LOSSES = 200
"""How often the loss is told, over the whole training: the mean of the steps between."""

JUDGEMENTS, JUDGING_SHARE = 20, 0.2
"""How often held-out samples judge, over the whole training; less where they would take more than a fifth of it."""

STEP_COST = 4
"""What a sample costs that trains, against one that judges: forward, backward twice that, and the teacher's forward."""

SAVE_SECONDS = 30.0
"""Time between two states on disk."""

SEEDS = 1_000_003

CLIP = 5.0
"""The largest norm of a gradient, which a single odd batch would make large."""


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes:
        steps: Steps done, those before it was resumed among them.
        before: The judgement before the first step.
        best: The best one, which is the student's state now.
        best_step: When that was.
        resumed: The step from which a training that was stopped went on; 0 for one from the start.
        stopped: Why it ended before its last step; empty where it did not.
        halves: Whether products were of half precision, see `precision`.
    """

    steps: int
    before: Judgement
    best: Judgement
    best_step: int
    resumed: int = 0
    stopped: str = ""
    halves: bool = False


@dataclass
class _Progress:
    """What changes while training, but for the state of student and optimiser."""

    step: int = 0
    seconds: float = 0.0
    before: Judgement | None = None
    best: Judgement | None = None
    best_step: int = 0
    waited: int = 0
    state: dict[str, Tensor] = field(default_factory=dict)


class Training:
    """One training: the student's state becomes the best one that held-out samples saw.

    Args:
        student: The module that learns; gives values by name.
        teacher: The original; stays as it is.
        objective: What is compared.
        feed: The batches.
        method: How long and how.
        rate: The highest learning rate; less where the training is short and the student good already.
        token: Hears of progress, loss and agreement; says when to stop.
        stage: The name under which it is told.
        checkpoint: Where the state is kept; None keeps none.
        after_step: Called after every change of the weights, to bring back what must hold of them.
    """

    def __init__(
        self,
        student: nn.Module,
        teacher: nn.Module,
        objective: Objective,
        feed: Feed,
        method: RecoverMethod,
        rate: float,
        token: Token,
        *,
        stage: str = "recover",
        checkpoint: Checkpoint | None = None,
        after_step: Callable[[], None] | None = None,
    ) -> None:
        self._student, self._teacher = student, teacher.eval()
        self._objective, self._feed, self._method, self._rate = objective, feed, method, rate
        self._token, self._stage, self._checkpoint = token, stage, checkpoint
        self._after_step = after_step or (lambda: None)
        self._precision = Precision.of(student, self._teacher, objective, feed, method)
        self._judge_of = Judge(self._teacher, objective, feed, labels=method.labels)
        self._optimizer = optimizer_of(student.parameters(), method)
        self._average = Average(student, method.average)
        self._progress = _Progress()
        self._losses: list[float] = []

    def run(self) -> Trained:
        """Trains until the steps, the time or the patience are at an end.

        Raises:
            Cancelled: when the token says so; the state is on disk by then.
            StudioError: when the loss is no number any more and no better state was found.
            NothingChangedError: when no weight that may change has a say in the outputs.
        """
        resumed = self._resume()
        if self._progress.before is None:
            self._judge()
        if self._progress.before is not None:
            self._rate = eased(self._rate, self._method, self._progress.before)
        try:
            stopped = self._loop()
        except Cancelled:
            self._save()
            raise
        self._student.load_state_dict(self._progress.state)
        self._student.eval()
        if self._checkpoint is not None and self._checkpoint.outlives:
            self._save()
        elif self._checkpoint is not None:
            self._checkpoint.remove()
        before, best = self._progress.before, self._progress.best
        if before is None or best is None:
            raise StudioError("The training judged nothing: give more samples.")
        halves = self._precision.student or self._precision.teacher
        return Trained(self._progress.step, before, best, self._progress.best_step, resumed, stopped, halves)

    def _loop(self) -> str:
        """All steps; says why it ended early."""
        state, method = self._progress, self._method
        every = max(method.steps // self._judgements(), 1)
        started, saved = perf_counter() - state.seconds, perf_counter()
        for batch in self._feed.from_step(state.step):
            if state.step >= method.steps:
                return ""
            self._token.check()
            done = self._share_done(perf_counter() - started)
            if done >= 1.0:
                self._judge()
                return f"the time of {method.seconds:g} s was over"
            loss = self._one_step(batch, done)
            state.step += 1
            state.seconds = perf_counter() - started
            self._token.report(
                Progress(self._stage, min(done, 1.0), f"step {state.step} of {method.steps}, loss {loss:.4g}")
            )
            if loss != loss:
                return self._diverged()
            if state.step % every == 0 or state.step == method.steps:
                self._judge()
                if method.patience is not None and state.waited >= method.patience:
                    return f"held-out samples saw no progress for {state.waited} judgements"
            if perf_counter() - saved > SAVE_SECONDS:
                self._save()
                saved = perf_counter()
        return ""

    def _judgements(self) -> int:
        """How often held-out samples judge."""
        trained = STEP_COST * self._method.steps * self._method.batch
        affordable = JUDGING_SHARE * trained / max(len(self._feed.samples.held_out), 1)
        return max(1, min(JUDGEMENTS, int(affordable)))

    def _share_done(self, seconds: float) -> float:
        """How much of the training is over, by steps or by time, whichever ends first."""
        by_steps = self._progress.step / max(self._method.steps, 1)
        return by_steps if self._method.seconds is None else max(by_steps, seconds / self._method.seconds)

    def _one_step(self, batch: Sequence[TrainingBatch], done: float) -> float:
        """One change of the weights; the gradients of the parts of a batch are added up."""
        self._student.train()
        torch.manual_seed(SEEDS * self._feed.seed + self._progress.step)  # of what graphs draw themselves, as Dropout
        set_rate(self._optimizer, rate_at(done, self._method, self._rate))
        self._optimizer.zero_grad(set_to_none=True)
        value = sum(self._learn_from(part, 1.0 / len(batch)) for part in batch)
        nn.utils.clip_grad_norm_(self._student.parameters(), CLIP)
        self._optimizer.step()
        self._after_step()
        self._average.update(self._student, self._progress.step)
        self._tell(value)
        return value

    def _tell(self, loss: float) -> None:
        """Tells the mean loss now and then: thousands of points would tell a person no more."""
        self._losses.append(loss)
        if len(self._losses) >= max(self._method.steps // LOSSES, 1):
            self._token.report(Measurement("loss", sum(self._losses) / len(self._losses), self._stage))
            self._losses.clear()

    def _learn_from(self, part: TrainingBatch, weight: float) -> float:
        """Adds the gradient of a part of a batch; gives its loss, weighted."""
        labels = self._labels(part)
        wanted = self._taught(part, labels)
        found = self._precision.learned(self._student, part.inputs, self._objective.students)
        loss = weight * self._objective(found, wanted, labels)
        if not loss.requires_grad:
            raise NothingChangedError("No weight that is free to change has a say in the outputs: unlock some layers.")
        torch.autograd.backward(loss)
        return float(loss.detach())

    @torch.no_grad()
    def _taught(self, part: TrainingBatch, labels: Labels | None) -> dict[str, Tensor]:
        """What the teacher says of a part of a batch; nothing where labels count for all."""
        asked = self._objective.asks_teacher(labels)
        if not asked:
            return {}
        return self._precision.taught(self._teacher, part.inputs, self._objective.values)

    def _labels(self, batch: TrainingBatch) -> Labels | None:
        return batch.labels if self._method.labels else None

    def _judge(self) -> None:
        """Lets the held-out samples judge the averaged state, and keeps it if it is the best so far."""
        state = self._progress
        trained = {name: one.clone() for name, one in self._student.state_dict().items()}
        self._student.load_state_dict(self._average.state)
        self._after_step()
        found = self._judge_of.judge(self._student)
        if math.isfinite(found.loss) and (state.best is None or found.better(state.best, labels=self._method.labels)):
            state.best, state.best_step, state.waited = found, state.step, 0
            state.state = {name: one.clone() for name, one in self._student.state_dict().items()}
        else:
            state.waited += 1
        state.before = state.before or found
        self._student.load_state_dict(trained)
        if found.agreement is not None:
            self._token.report(Measurement("top1_agreement", found.agreement, self._stage))
        if found.accuracy is not None:
            self._token.report(Measurement("accuracy", found.accuracy, self._stage))

    def _diverged(self) -> str:
        if self._progress.best_step == 0:
            raise StudioError(
                f"The training diverged at step {self._progress.step}: the loss is no number any more. "
                "Lower methods.recover.rate."
            )
        return "it diverged, and the best state before is kept"

    def _save(self) -> None:
        """Keeps all that the next step depends on."""
        state = self._progress
        if self._checkpoint is None or state.before is None or state.best is None:
            return
        self._checkpoint.write(
            {
                "student": self._student.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "average": self._average.state,
                "best": state.state,
                "numbers": [state.step, state.seconds, state.best_step, state.waited],
                "before": _numbers(state.before),
                "judgement": _numbers(state.best),
            }
        )

    def _resume(self) -> int:
        """Takes up the state on disk; says at which step it was."""
        found = None if self._checkpoint is None else self._checkpoint.read()
        if found is None:
            return 0
        fresh = {name: one.clone() for name, one in self._student.state_dict().items()}
        try:
            step, seconds, best_step, waited = found["numbers"]
            before, best = (Judgement(*found[key]) for key in ("before", "judgement"))
            self._optimizer.load_state_dict(found["optimizer"])
            self._student.load_state_dict(found["student"])
            self._average.state.update(found["average"])
            self._progress = _Progress(int(step), seconds, before, best, int(best_step), int(waited), found["best"])
        except (KeyError, ValueError, TypeError, RuntimeError):
            self._start_anew(fresh)
        return self._progress.step

    def _start_anew(self, state: dict[str, Tensor]) -> None:
        """Forgets what a damaged file has left behind."""
        self._student.load_state_dict(state)
        self._optimizer = optimizer_of(self._student.parameters(), self._method)
        self._average = Average(self._student, self._method.average)


def _numbers(judgement: Judgement) -> list[float | None]:
    return [judgement.loss, judgement.agreement, judgement.accuracy]
