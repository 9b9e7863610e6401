"""A search from its budget to its candidates: one judgement of each is kept, and the best so far is at hand."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

import msgspec
import numpy as np
from msgspec.structs import replace
from optuna.samplers import RandomSampler

from desktop_app.core.budget import Budget, preference
from desktop_app.core.errors import Cancelled, InvalidRecipeError, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import Progress, Token
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.search.claims import Standing
from desktop_app.search.drawing import Drawn
from desktop_app.search.judging import Judge
from desktop_app.search.outlooks import kept_noises, outlook_of
from desktop_app.search.realising import settled_starts
from desktop_app.search.strategies import STRATEGIES
from desktop_app.search.strategies.base import Genes, Outlook, Strategy
from desktop_app.search.study import Study

MOST_REPEATS = 50
"""Candidates in a row that were judged before: a strategy that finds nothing else is done."""

STARTS_WITHOUT_LIMIT = 200
"""Candidates of a sweep where only the time is limited."""

ALL_STARTS = 10_000
"""More than there are: of a strategy that draws nothing all are kept, for the search may be made longer."""

STARTS, REALISED = "starts", "realised"
"""Under these names the study keeps what a strategy wants judged first, and what predictions were told."""

POLL_SECONDS = 0.3
"""Between looks at what others do."""

DEADLY = "The program died several times while this was judged, and does not try again."

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
        leads: Whether this process holds the best and ends the search; else it helps one that does.
    """

    judge: Judge
    budget: Budget
    study: Study
    sensitivity: Callable[[], Sensitivity]
    improved: Callable[[Judged, Model], None]
    began: float = field(default_factory=monotonic)
    leads: bool = True
    _best: Judged | None = None
    _known: dict[Genes, Judged] = field(default_factory=dict)
    _outlook: Outlook | None = None

    def find(self, token: Token) -> tuple[Judged, ...]:
        """Judges candidates until trials or time are used up; gives all of them, also those of others.

        The first is the model as it is.

        Raises:
            StudioError: when there is nothing to choose, or a limit is on what this model or data do not tell.
            Cancelled: when the token says so; what was judged is kept.
        """
        if not self.judge.space.choices:
            raise StudioError("There is nothing to choose: no layer takes any of the settings that the budget frees.")
        with self.study.beating():
            standing = self._look(token)
            strategy = STRATEGIES[self.budget.strategy]()
            if self.leads:
                while self.judge.original not in self._known:
                    if not self._judge_next(strategy, standing, 0, self.judge.original, token):
                        self._wait(token)
                    standing = self._look(token)
                self._check_limits()
            starts = self._starts(strategy, token)
            if starts is not None:
                self._outlook = self._outlook or self._looking_out(strategy)
                self._judge_candidates(strategy, starts, token)
        return tuple(sorted(self._known.values(), key=lambda one: one.number))

    def _look(self, token: Token) -> Standing:
        """How the search stands. The best is at hand, whoever has found it: it is made again."""
        first, standing = not self._known, self.study.standing()
        news = [one for one in standing.judged if one.genes not in self._known]
        self._known |= {one.genes: one for one in news}
        if not self.leads:
            return standing
        best = min((one for one in news if not one.failed), key=self._order, default=None)
        if best is not None and (self._best is None or self._order(best) < self._order(self._best)):
            self._best = best
            self.improved(best, self.judge.make(best.genes, token))
        for one in news if not first else ():
            token.report(one)
        return standing

    def _check_limits(self) -> None:
        original = self._known[self.judge.original]
        if original.failed:
            raise StudioError(f"The model as it is cannot be judged: {original.failed}")
        if self.budget.limits.min_agreement is not None and original.agreement is None:
            raise InvalidRecipeError("limits.min_agreement needs scores of classes, and the model's outputs are none.")
        if self.budget.limits.max_drop is not None and original.drop is None:
            raise InvalidRecipeError("limits.max_drop needs labels of classes: use limits.min_agreement.")

    def _judge_candidates(self, strategy: Strategy, starts: Sequence[Genes], token: Token) -> None:
        repeats = 0
        while True:
            token.check()
            standing = self._look(token)
            if self._over() or (not self.leads and standing.lead is None):
                return
            token.report(Progress("search", self._share(), self._so_far(), self._left()))
            taken = standing.taken
            start = next((genes for genes in starts if genes not in taken), None)
            exhausted = repeats >= MOST_REPEATS or (start is None and not strategy.draws)
            if not standing.lost and (exhausted or self._all_given_out(standing)):
                if not standing.running:
                    return
                self._wait(token)  # one of those who judge the last ones may die
            elif self._judge_next(strategy, standing, repeats, start, token):
                repeats = 0
            else:
                repeats += 1

    def _starts(self, strategy: Strategy, token: Token) -> Sequence[Genes] | None:
        """What the strategy wants judged first; kept, so that a search that goes on has the same.

        None where this process only helps, and the one that leads is gone before it knows.
        """
        while (noted := self.study.noted(STARTS)) is None and not self.leads:
            if self.study.standing().lead is None:
                return None
            self._wait(token)
        if noted is not None:
            self._take_realised()
            return msgspec.json.decode(noted, type=list[Genes])
        starts = list[Genes]()
        self._outlook = self._looking_out(strategy)
        if self._outlook is not None:
            count = (self.budget.trials or STARTS_WITHOUT_LIMIT) if strategy.draws else ALL_STARTS
            starts = settled_starts(self.judge, strategy, self._outlook, count, token)
            self.study.note(REALISED, msgspec.json.encode(self.judge.profile.realised).decode())
        self.study.note(STARTS, msgspec.json.encode(starts).decode())
        return starts

    def _take_realised(self) -> None:
        """Predicts from now on as the process that leads does."""
        noted = self.study.noted(REALISED)
        if noted is not None:
            self.judge.profile = replace(self.judge.profile, realised=msgspec.json.decode(noted, type=float))

    def _judge_next(
        self, strategy: Strategy, standing: Standing, repeats: int, start: Genes | None, token: Token
    ) -> bool:
        """Judges the next candidate, first of all one that another has not judged to the end.

        False where it is one that was judged before, or that another judges.
        """
        if standing.lost:
            lost = standing.lost[0]
            number, drawn, genes = lost.number, lost.as_drawn, lost.genes
        else:
            number = standing.free
            drawn = self._drawn(strategy, standing, repeats, start)
            genes = self.judge.effective(drawn.genes)
        if genes in standing.taken:
            return False
        asked = self.study.claim(number, drawn, genes)
        if asked is None:
            return False
        try:
            judged, model = self._judged(standing, number, genes, token)
        except BaseException:
            self.study.forget(asked)
            raise
        if self.leads and model is not None and (self._best is None or self._order(judged) < self._order(self._best)):
            self._best = judged
            self.improved(judged, model)  # first: what is told of is there
        if self.study.tell(asked, judged):
            self._known[genes] = judged
            token.report(judged)
        return True

    def _judged(self, standing: Standing, number: int, genes: Genes, token: Token) -> tuple[Judged, Model | None]:
        """What is found of a candidate, and its model; whatever goes wrong with one does not end the search.

        Only the model as it is may end it: without that there is nothing to search for, and it is tried anew.
        """
        if genes == self.judge.original:
            return self.judge.judge(number, genes, token)
        if genes in standing.deadly:
            return Judged(number, genes, failed=DEADLY), None
        try:
            return self.judge.judge(number, genes, token)
        except Cancelled:
            raise
        except Exception as error:  # it would meet everyone who goes on, for what was not told is judged first
            logging.getLogger(__name__).warning("Candidate %d cannot be judged", number, exc_info=True)
            return Judged(number, genes, failed=_sentence(error)), None

    def _drawn(self, strategy: Strategy, standing: Standing, repeats: int, start: Genes | None) -> Drawn:
        seed = int(np.random.SeedSequence((self.budget.seed, standing.free, repeats)).generate_state(1)[0])
        if start is None and self._outlook is not None:
            start = strategy.draw(self._outlook, standing.judged, seed)
        sampler = strategy.sampler(seed) or RandomSampler(seed=seed)  # starts are not drawn
        return self.study.draw(sampler, start)

    def _all_given_out(self, standing: Standing) -> bool:
        trials = self.budget.trials
        return trials is not None and len(standing.judged) + len(standing.running) >= trials

    def _wait(self, token: Token) -> None:
        """For others."""
        token.check()
        token.report(Progress("search", self._share(), self._so_far(), self._left()))
        sleep(POLL_SECONDS)

    def _order(self, judged: Judged) -> tuple[float, float]:
        return preference(self.budget.draft_limits, judged)

    def _looking_out(self, strategy: Strategy) -> Outlook | None:
        """What a strategy that weighs is told."""
        if not strategy.weighs:
            return None
        again = self.leads and self.budget.time is not None
        return outlook_of(self.judge, self.budget.limits, kept_noises(self.study, self.judge, self.sensitivity, again))

    def _over(self) -> bool:
        """Whether the search has come to its end; however short its time is, a candidate is judged."""
        budget, judged = self.budget, len(self._known)
        late = judged > 1 and budget.time is not None and monotonic() - self.began >= budget.time
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


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "It takes more memory to judge than there is."
    return f"Something unexpected went wrong while it was judged: {type(error).__name__}: {clean_name(str(error))}"
