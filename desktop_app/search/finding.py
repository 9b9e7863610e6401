"""A search from its budget to its candidates: each is judged once, and the best so far is always at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import msgspec
import numpy as np
from msgspec.structs import replace
from optuna.samplers import RandomSampler

from desktop_app.core.budget import Budget, misses, preference, set_limits
from desktop_app.core.errors import InvalidRecipeError, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.predict import predict
from desktop_app.core.progress import Progress, Token
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.graph.model import Model
from desktop_app.search.damages import damages_of
from desktop_app.search.judging import Judge
from desktop_app.search.strategies import STRATEGIES
from desktop_app.search.strategies.base import Enough, Genes, Strategy
from desktop_app.search.study import Study

MOST_REPEATS = 50
"""Candidates in a row that were judged before: a strategy that finds nothing else is done."""

STARTS_WITHOUT_LIMIT = 200
"""Candidates of a sweep where only the time is limited."""

STARTS = "starts"
"""Under this name the study keeps what a strategy wants judged first."""

LAST_SECONDS = 20
"""So many of the last candidates tell how long the next ones take."""


@dataclass
class Search:
    """One search.

    Attributes:
        judge: Makes and judges candidates.
        budget: What is asked for.
        study: Where they are kept.
        sensitivity: What every change of every layer alone costs; asked for only by strategies that weigh it.
        improved: Is told every candidate that is the best so far, and its model.
        began: When the time of the budget began to run, by `time.monotonic`.
    """

    judge: Judge
    budget: Budget
    study: Study
    sensitivity: Callable[[], Sensitivity]
    improved: Callable[[Judged, Model], None]
    began: float = field(default_factory=monotonic)
    _best: Judged | None = None
    _known: dict[Genes, Judged] = field(default_factory=dict)

    def find(self, token: Token) -> tuple[Judged, ...]:
        """Judges candidates until trials or time are used up; gives all of them, also those of earlier calls.

        The first is the model as it is.

        Raises:
            StudioError: when there is nothing to choose, or a limit is on what this model or data do not tell.
            Cancelled: when the token says so; what was judged is kept.
        """
        if not self.judge.space.choices:
            raise StudioError("There is nothing to choose: no layer takes any of the settings that the budget frees.")
        self._known = {one.genes: one for one in self.study.judged()}
        self._take_up(token)
        strategy = STRATEGIES[self.budget.strategy]()
        if not self._known:
            self._judge_next(strategy, 0, self.judge.original, token)
        self._check_limits()
        self._judge_candidates(strategy, token)
        return tuple(self._known.values())

    def _take_up(self, token: Token) -> None:
        """Finds the best of an earlier call, and makes it again: its folder may be another."""
        made = [one for one in self._known.values() if not one.failed]
        if made:
            self._best = min(made, key=self._order)
            self.improved(self._best, self.judge.make(self._best.genes, token))

    def _check_limits(self) -> None:
        original = self._known[self.judge.original]
        if original.failed:
            raise StudioError(f"The model as it is cannot be judged: {original.failed}")
        if self.budget.limits.min_agreement is not None and original.agreement is None:
            raise InvalidRecipeError("limits.min_agreement needs scores of classes, and the model's outputs are none.")
        if self.budget.limits.max_drop is not None and original.drop is None:
            raise InvalidRecipeError("limits.max_drop needs labels of classes: use limits.min_agreement.")

    def _judge_candidates(self, strategy: Strategy, token: Token) -> None:
        starts, repeats = self._starts(strategy), 0
        while repeats < MOST_REPEATS and not self._over():
            start = next((genes for genes in starts if genes not in self._known), None)
            if start is None and strategy.draws is False:
                return
            token.check()
            token.report(Progress("search", self._share(), self._so_far(), self._left()))
            repeats = 0 if self._judge_next(strategy, repeats, start, token) else repeats + 1

    def _starts(self, strategy: Strategy) -> list[Genes]:
        """What the strategy wants judged first; kept, so that a search that goes on has the same."""
        noted = self.study.noted(STARTS)
        if noted is not None:
            return msgspec.json.decode(noted, type=list[Genes])
        starts = list[Genes]()
        if strategy.weighs:
            judge, count = self.judge, self.budget.trials or STARTS_WITHOUT_LIMIT
            damages = damages_of(judge.space, self.sensitivity(), judge.summary, judge.profile, judge.base)
            starts = list(dict.fromkeys(map(judge.effective, strategy.starts(damages, self._enough(), count))))
        self.study.note(STARTS, msgspec.json.encode(starts).decode())
        return starts

    def _judge_next(self, strategy: Strategy, repeats: int, start: Genes | None, token: Token) -> bool:
        """Judges the next candidate; false where it is one that was judged before."""
        number = len(self._known)
        seed = int(np.random.SeedSequence((self.budget.seed, number, repeats)).generate_state(1)[0])
        sampler = strategy.sampler(seed) or RandomSampler(seed=seed)  # starts are not drawn
        asked = self.study.ask(sampler, start)
        genes = self.judge.effective(asked.genes)
        if genes in self._known:
            self.study.forget(asked)
            return False
        try:
            judged, model = self.judge.judge(number, genes, token)
        except BaseException:
            self.study.forget(asked)
            raise
        if model is not None and (self._best is None or self._order(judged) < self._order(self._best)):
            self._best = judged
            self.improved(judged, model)  # first: what is told of is there
        self.study.tell(asked, judged)
        self._known[genes] = judged
        token.report(judged)
        return True

    def _order(self, judged: Judged) -> tuple[float, float]:
        return preference(self.budget.limits, judged)

    def _enough(self) -> Enough | None:
        """Whether a candidate is predicted to keep the limits on costs; None where there are none to predict."""
        limits, judge = self.budget.limits, self.judge
        costs = replace(limits, max_drop=None, min_agreement=None, peak_memory=None)
        if not set_limits(costs):
            return None

        def enough(genes: Genes) -> bool:
            told = predict(judge.summary, judge.space.recipe(genes, judge.base), judge.profile)
            latency = told.latency_ms or 0.0
            speedup = judge.profile.total_ms / latency if latency > 0 else 1.0
            foretold = Judged(0, genes, told.cost.bytes, told.cost.macs, latency, speedup)
            return not misses(costs, foretold)

        return enough

    def _over(self) -> bool:
        budget, judged = self.budget, len(self._known)
        late = budget.time is not None and monotonic() - self.began >= budget.time
        return late or (budget.trials is not None and judged >= budget.trials)

    def _share(self) -> float:
        by_trials = len(self._known) / self.budget.trials if self.budget.trials else 0.0
        by_time = (monotonic() - self.began) / self.budget.time if self.budget.time else 0.0
        return min(max(by_trials, by_time), 1.0)

    def _left(self) -> float | None:
        """Seconds, about."""
        seconds = [one.seconds for one in self._known.values()][-LAST_SECONDS:]
        left = list[float]()
        if self.budget.trials is not None and seconds:
            left.append((self.budget.trials - len(self._known)) * sum(seconds) / len(seconds))
        if self.budget.time is not None:
            left.append(self.budget.time - (monotonic() - self.began))
        return max(min(left), 0.0) if left else None

    def _so_far(self) -> str:
        return f"{len(self._known)}"
