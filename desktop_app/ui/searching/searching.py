"""The user's errands with a search: begun, paused, gone on with, brought to its end, stopped."""

import tempfile
from collections.abc import Callable
from time import monotonic
from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.core.budget import Budget
from desktop_app.core.judged import Judged
from desktop_app.core.language import current
from desktop_app.core.progress import Progress
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import Importance, SearchBegun
from desktop_app.jobs.messages import Failed
from desktop_app.jobs.searches import SearchFinished, SearchModel, SearchSized, SizeSearch
from desktop_app.ui.document import Document
from desktop_app.ui.past_runs import PastRuns
from desktop_app.ui.runner import Runner
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.settings.measuring import chosen_measuring
from desktop_app.ui.settings.rows import THREADS
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work

Standing = Literal["none", "working", "paused", "stopped", "failed", "finished"]

WEIGHING = "sensitivity"
"""The stage before the first candidate that takes longest."""

JUDGING, FINALS = "search", "finalists"
"""The stages in which candidates are judged, and in which the best are measured whole."""

LEAST_SECONDS = 1.0
"""What is left of the time of a search that was paused in its last moment."""


class Searching(QObject):
    """Asks the worker, and keeps what it tells of a search in `candidates`.

    A search that is paused is stopped: what was judged is in the user's database, and the next call goes on from
    there, also after the program was ended. So nothing is held meanwhile, and other work can be done.

    Attributes:
        candidates: What was found.
        standing: How the search stands.
        budget: What is asked for; None before the first search for this model.
        found: What a search that is finished gave.

    Signals:
        changed: The search stands otherwise.
        started: Another search has begun.
        told: A sentence on what was done, for the status line.
    """

    changed = Signal()
    started = Signal()
    told = Signal(str)

    def __init__(
        self, document: Document, work: Work, runner: Runner, past: PastRuns, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._work, self._runner, self._past = document, work, runner, past
        self.candidates = Candidates(self)
        self._forget()
        document.opened.connect(self._on_opened)
        runner.searched.connect(self._on_searched)
        work.progress.connect(self._on_progress)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)

    def _forget(self) -> None:
        self.standing: Standing = "none"
        self.budget: Budget | None = None
        self.found: SearchFinished | None = None
        self._base = Recipe()
        self._then: Literal["", "paused", "finish"] = ""
        self._began, self._spent = 0.0, 0.0
        self._measuring, self._judging, self._ending = False, False, False

    @property
    def working(self) -> bool:
        """Whether a search goes on."""
        return self.standing == "working"

    @property
    def ending(self) -> bool:
        """Whether a search goes on that judges no more candidates: the best are measured whole, or will be next."""
        return self.working and self._ending

    @property
    def waits_for(self) -> str:
        """The stage that a search which goes on has to leave before it can be finished; empty where it can be."""
        return FINALS if self.ending else "" if self._judging else WEIGHING

    @property
    def can_go_on(self) -> bool:
        """Whether there is a search that has not come to its end."""
        return self.standing in ("paused", "stopped", "failed")

    @property
    def usual(self) -> Budget:
        """What is asked for where nothing was asked for before."""
        return Budget(time=600.0, trials=None)

    def size(self, budget: Budget, then: Callable[[SearchSized], None]) -> None:
        """Asks what there is to choose; the newest question takes the place of those before it."""
        request = SizeSearch(
            self._document.snapshot, self.with_data(budget), self._document.recipe, "", settings().read(THREADS)
        )
        self._work.ask_first(Task(request, tr("Counting what there is to choose"), then, quiet=True))

    def start(self, budget: Budget) -> None:
        """Searches; what an earlier search for the same has judged is taken up."""
        self._forget()
        self.budget, self._base = self.with_data(budget), self._document.recipe
        self.candidates.forget(budget.limits)
        self._ask(self.budget)
        self.started.emit()

    def pause(self) -> None:
        """Stops, so that the same search can be gone on with."""
        self._cancel("paused")

    def go_on(self) -> None:
        """Goes on with a search that was paused or stopped."""
        budget = self.budget
        if budget is None:
            return
        if self._measuring:
            self._ask_to_end(budget)
        elif budget.time is not None and self.standing == "paused":
            self._ask(replace(budget, time=max(budget.time - self._spent, LEAST_SECONDS)))
        else:
            self._spent = 0.0
            self._ask(budget)

    def finish(self) -> None:
        """Judges no more candidates: the best are measured whole. Where that goes on, it is left alone."""
        if self.ending:
            return
        if self.working:
            self._cancel("finish")
        elif self.budget is not None:
            self._ask_to_end(self.budget)

    def recipe(self, judged: Judged) -> Recipe:
        """What a candidate asks for, with the training that the budget grants the best."""
        recipe = self.candidates.recipe(judged)
        steps = self.budget.recover if self.budget is not None else 0
        if not steps or not any(judged.genes):
            return recipe
        recover = replace(recipe.methods.recover, steps=steps)
        return replace(recipe, methods=replace(recipe.methods, recover=recover))

    def with_data(self, budget: Budget) -> Budget:
        """The budget with the user's data, prepared as it is known by now."""
        data, known = self._document.recipe.data, self._document.data
        if data.preprocess is None and known is not None and known.preprocess is not None:
            data = replace(data, preprocess=known.preprocess)
        return replace(budget, data=data)

    def _ask_to_end(self, budget: Budget) -> None:
        """Has the best measured, without another candidate."""
        self._ask(replace(budget, time=None, trials=max(self.candidates.judged, 1)), ending=True)

    def _ask(self, budget: Budget, ending: bool = False) -> None:
        """Always goes on where there is something to go on with: nothing is judged twice."""
        self.standing, self._then, self.found, self._ending, self._judging = "working", "", None, ending, False
        self._began = monotonic()
        request = SearchModel(
            self._document.snapshot,
            budget,
            self._base,
            tempfile.mkdtemp(prefix="search-", dir=self._runner.host.session),
            resume=True,
            measuring=chosen_measuring(),
            history=self._past.folder,
            language=current().code,
        )
        self._work.ask_first(Task(request, tr("Searching"), self._on_finished))
        self.changed.emit()

    def _cancel(self, then: Literal["paused", "finish"]) -> None:
        if self.working and not self._then:
            self._then = then
            self._work.cancel()

    def _on_opened(self) -> None:
        self._forget()
        self.candidates.forget()
        self.changed.emit()

    def _on_searched(self, event: SearchBegun | Judged | Importance) -> None:
        if not self.working:
            return
        match event:
            case SearchBegun():
                self.candidates.begin(event)
            case Judged():
                self._measuring = self._measuring or event.measured
                self.candidates.add(event)
            case Importance():
                self.candidates.weigh(event)

    def _on_progress(self, progress: Progress) -> None:
        task = self._work.current
        if task is None or not self._is_mine(task):
            return
        judging, ending = self._judging or progress.stage == JUDGING, self._ending or progress.stage == FINALS
        if (judging, ending) != (self._judging, self._ending):
            self._judging, self._ending = judging, ending
            self.changed.emit()

    def _on_finished(self, found: SearchFinished) -> None:
        self.candidates.end(found.best)
        self.found, self._measuring = found, False
        self._stand("finished")
        if found.kept is not None:
            self._past.take(found.kept)
        self.told.emit(self._sentence(found))

    def _sentence(self, found: SearchFinished) -> str:
        told = (
            tr("The search is done: the budget is not met.")
            if found.missed
            else tr("The search is done: the budget is met.")
        )
        if found.kept is not None:
            told += " " + tr("The best is kept as run #{number}.").format(number=found.kept.number)
        return told

    def _on_failed(self, task: Task, failure: Failed) -> None:
        if self._is_mine(task):
            self.candidates.take_up_all()
            self._stand("failed")

    def _on_stopped(self, task: Task) -> None:
        if not self._is_mine(task):
            return
        self.candidates.take_up_all()
        then, budget = self._then, self.budget
        if then == "finish" and budget is not None and self.candidates.judged:
            self._ask_to_end(budget)
            return
        self._stand("paused" if then == "paused" else "stopped")
        self.told.emit(tr("The search has stopped; what was judged is kept, and Go on goes on from there."))

    def _is_mine(self, task: Task) -> bool:
        return isinstance(task.request, SearchModel) and self.working

    def _stand(self, standing: Standing) -> None:
        self._spent += monotonic() - self._began
        self.standing, self._then = standing, ""
        self.changed.emit()
