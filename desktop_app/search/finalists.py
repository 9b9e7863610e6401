"""The end of a search: its best candidates are carried out and measured whole, on samples that it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from desktop_app.core.budget import Budget, preference
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.search.advancing import Advancing
from desktop_app.search.judging import Judge, measured
from desktop_app.search.shortlist import shortlist, timed

MOST_ALIKE = 3
"""After so many candidates that could not be carried out for one and the same cause, the others could not either."""


@dataclass
class Finals:
    """Candidates measured whole, the most promising first.

    Attributes:
        judge: Has judged them.
        budget: What is asked for.
        carry_out: Carries a recipe out; tells the token how far it is.
        leave: Leaves what was carried out last as the best so far.
        warnings: A sentence for each that could not be carried out.
    """

    judge: Judge
    budget: Budget
    carry_out: Callable[[Recipe, Token], Report]
    leave: Callable[[], None]
    warnings: list[str] = field(default_factory=list)
    _off: dict[int, float] = field(default_factory=dict)
    _clock: float = 1.0

    def measure(self, judged: Sequence[Judged], token: Token) -> tuple[Judged, ...]:
        """Those measured, the best first. What they take corrects what is predicted for those that still wait.

        Raises:
            StudioError: when no candidate could be made.
            Cancelled: when the token says so.
        """
        waiting = self._timed([one for one in judged if not one.failed], token)
        finalists, causes = list[Judged](), list[str]()
        while waiting and len(finalists) < self.budget.finalists:
            token.check()
            waiting.sort(key=self._order)
            candidate = waiting.pop(0)
            told = Advancing(token, f"#{candidate.number}", len(finalists), self.budget.finalists)
            try:
                finalist = measured(candidate, self.carry_out(self.recipe(candidate), told))
            except StudioError as error:
                self.warnings.append(f"Candidate #{candidate.number} could not be carried out whole: {error}")
                causes.append(str(error))
                if causes[-MOST_ALIKE:] == [causes[-1]] * MOST_ALIKE:
                    break
                continue
            token.report(finalist)
            if all(self._order(finalist) < self._order(other) for other in finalists):
                self.leave()
            finalists.append(finalist)
            self._correct(candidate, finalist)
            waiting = [self._corrected(one, finalist.bytes / max(candidate.bytes, 1)) for one in waiting]
        if not finalists:
            raise StudioError(self.warnings[0] if self.warnings else "No candidate could be made.")
        return tuple(sorted(finalists, key=self._order))

    def _timed(self, waiting: list[Judged], token: Token) -> list[Judged]:
        """Those whose drafts were timed, where time is limited and they are enough; else all."""
        if not self.budget.limits.timed or len(waiting) <= self.budget.finalists:
            return waiting
        token.report(Progress("finalists", 0.0, ""))
        self._off = timed(self.judge, shortlist(waiting, self._order), token)
        corrected = [self._corrected(one, 1.0) for one in waiting]
        tried = [one for one in corrected if one.number in self._off or not any(one.genes)]
        return tried if len(tried) >= self.budget.finalists else corrected

    def recipe(self, judged: Judged) -> Recipe:
        """What a candidate asks for, with the methods of the base and the training of finalists."""
        recipe = self.judge.space.recipe(judged.genes, self.judge.base)
        if not self.budget.recover or not any(judged.genes):
            return recipe
        recover = replace(recipe.methods.recover, steps=self.budget.recover)
        return replace(recipe, methods=replace(recipe.methods, recover=recover))

    def _order(self, judged: Judged) -> tuple[float, float]:
        budget = self.budget
        return preference(budget.limits if judged.measured else budget.draft_limits, judged)

    def _correct(self, candidate: Judged, finalist: Judged) -> None:
        """Predictions follow what was measured: the sum of kernels leaves out what is between them.

        So do milliseconds: the model was profiled long before, maybe in another state of the machine.
        """
        if finalist.speedup > 0 and self.judge.profile.total_ms > 0:
            self._clock = finalist.speedup * finalist.latency_ms / self.judge.profile.total_ms
        if any(candidate.genes) and candidate.speedup > 0 and finalist.speedup > 0:
            self.judge.correction *= candidate.speedup / finalist.speedup

    def _corrected(self, judged: Judged, grown: float) -> Judged:
        """With what is to be expected of it, measured: a draft rounds by quicker methods, which store less beside."""
        if not any(judged.genes):
            return judged
        latency = self._off.get(judged.number, 1.0) * self.judge.latency_of(judged.genes)
        size = round(grown * judged.bytes)
        speedup = self.judge.profile.total_ms / latency if latency else 1.0
        return replace(judged, bytes=size, latency_ms=self._clock * latency, speedup=speedup)
