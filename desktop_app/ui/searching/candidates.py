"""The candidates of a search: which there are, which are selected, and how they are looked at."""

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from desktop_app.core.budget import BudgetLimits, misses, preference, set_limits, without
from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import Importance, SearchBegun
from desktop_app.core.space import Space
from desktop_app.core.trial import Trial
from desktop_app.ui.searching.trials import as_figures, as_trial
from desktop_app.ui.trial_list import TrialList

BATCH_MS = 250
"""So often what came in is taken up: candidates may come faster than a person can see."""

AT_ONCE = 50
"""So many are taken up in one go, so that the window never waits for them."""

ORIGINAL = 0
"""The number of the model as it is."""


class Candidates(TrialList):
    """What the views of a search share. A candidate that was measured takes the place of its draft.

    The trials stand by their numbers, without the model as it is.

    Attributes:
        importance: How much the choices matter, as far as it is known.
        failed: How many could not be made.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Judged] = deque()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BATCH_MS)
        self._timer.timeout.connect(self._take_up)
        self._forget(BudgetLimits())

    def _forget(self, limits: BudgetLimits) -> None:
        self._clear()
        self.limits = limits
        self.importance: Importance | None = None
        self.failed = 0
        self._best_draft: Judged | None = None
        self._best_measured: Judged | None = None
        self._begun: SearchBegun | None = None
        self._waiting.clear()
        self._found: dict[int, Judged] = {}
        self._drafts: dict[int, Judged] = {}
        self._trials: dict[int, Trial] = {}
        self._keep: dict[str, bool] = {}
        self._without: dict[str, Judged] = {}

    @property
    def best(self) -> Judged | None:
        """The best by now: of those that were measured whole, where there are such."""
        return self._best_draft if self._best_measured is None else self._best_measured

    @property
    def judged(self) -> int:
        """How many were judged, the model as it is and those that could not be made included."""
        return len(self._drafts) + len(self._waiting)

    @property
    def kept(self) -> int:
        """How many keep the budget."""
        return sum(self._keep.values())

    @property
    def space(self) -> Space:
        """What there is to choose."""
        return Space(self._begun.choices if self._begun is not None else ())

    @property
    def without(self) -> dict[str, Judged]:
        """Limit to the best candidate that keeps all others, where there is one: what it costs."""
        return {name: one for name, one in self._without.items() if not misses(without(self.limits, name), one)}

    def forget(self, limits: BudgetLimits = BudgetLimits()) -> None:  # noqa: B008 - it is frozen
        """Another search is made: there are no candidates."""
        self._forget(limits)
        for signal in (self.changed, self.selection_changed, self.picture_changed):
            signal.emit()

    def begin(self, begun: SearchBegun) -> None:
        """Takes what there is to choose, and what earlier calls have judged; all finalists are measured anew."""
        self._begun = begun
        self._forget_measured()
        self._wait_for(begun.known)

    def add(self, judged: Judged) -> None:
        """Takes a candidate, soon."""
        self._wait_for((judged,))

    def end(self, best: Judged) -> None:
        """Takes up at once all that came in; this is what the search has found to be the best."""
        self._drain()
        self._best_measured = best
        self._tell()

    def weigh(self, importance: Importance) -> None:
        """Takes how much the choices matter."""
        self.importance = importance
        self._wait_for(())

    def found(self, trial_id: str) -> Judged | None:
        """What is known of a candidate; None where there is none with that id."""
        return self._found.get(int(trial_id)) if trial_id.isdigit() else None

    def draft(self, number: int) -> Judged | None:
        """What was found of a candidate before it was measured whole."""
        return self._drafts.get(number)

    def recipe(self, judged: Judged) -> Recipe:
        """What a candidate asks for."""
        base = self._begun.base if self._begun is not None else Recipe()
        return self.space.recipe(judged.genes, base)

    def kept_by(self, trial: Trial) -> bool:
        """Whether a candidate keeps the budget, as far as is known of it."""
        return self._keep.get(trial.id, False)

    def take_up_all(self) -> None:
        """Takes up at once all that came in: nothing more will come."""
        self._drain()
        self._tell()

    def _drain(self) -> None:
        while self._waiting:
            self._take_some()
        self._timer.stop()

    def _wait_for(self, judged: Sequence[Judged]) -> None:
        self._waiting.extend(judged)
        if not self._timer.isActive():
            self._timer.start()

    def _take_up(self) -> None:
        self._take_some()
        if self._waiting:
            self._timer.start()
        self._tell()

    def _take_some(self) -> None:
        for _ in range(min(AT_ONCE, len(self._waiting))):
            self._take(self._waiting.popleft())

    def _tell(self) -> None:
        ordered = sorted(self._trials) if self._unordered() else self._trials
        self.trials = tuple(self._trials[number] for number in ordered)
        self.changed.emit()

    def _unordered(self) -> bool:
        numbers = list(self._trials)
        return numbers != sorted(numbers)

    def _take(self, judged: Judged) -> None:
        number, before = judged.number, self._found.get(judged.number)
        if before is not None and before.measured and not judged.measured:
            return
        self._found[number] = judged
        if not judged.measured:
            self._drafts[number] = judged
        if number == ORIGINAL and not judged.measured:
            self.original = as_figures(judged)
        if judged.failed:
            self.failed += before is None
            return
        self._compare(judged)
        if number != ORIGINAL and self.original is not None:
            trial = self._trials[number] = as_trial(judged, self.original)
            self._keep[trial.id] = not misses(self.limits, judged)

    def _forget_measured(self) -> None:
        """Takes up the drafts again: figures of earlier finals would stand beside those that come."""
        self._best_measured = None
        for number in [one.number for one in self._found.values() if one.measured]:
            del self._found[number]
            self._trials.pop(number, None)
            self._keep.pop(str(number), None)
            if number in self._drafts:  # else it comes with what is known: another process has judged it
                self._take(self._drafts[number])

    def _compare(self, judged: Judged) -> None:
        """Finds the best, and the best without each limit."""
        if judged.measured:
            self._best_measured = self._better(judged, self._best_measured)
            return
        self._best_draft = self._better(judged, self._best_draft)
        for name in set_limits(self.limits):
            known = self._without.get(name)
            if known is None or self._cost(name, judged) < self._cost(name, known):
                self._without[name] = judged

    def _better(self, judged: Judged, best: Judged | None) -> Judged:
        """The better of both; the one that is known where they are equal."""
        if best is None or preference(self.limits, judged) < preference(self.limits, best):
            return judged
        return best

    def _cost(self, name: str, judged: Judged) -> tuple[float, ...]:
        """As `core.budget.best_without` orders them."""
        others = without(self.limits, name)
        return (*preference(others, judged), misses(self.limits, judged).get(name, 0.0))
