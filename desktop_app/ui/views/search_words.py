"""How a search stands and what it has found, in words."""

from PySide6.QtCore import QObject, Qt

from desktop_app.core.trial import Trial
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.long_work import Standing
from desktop_app.ui.recipe_words import in_one_line, recipe_words
from desktop_app.ui.searching.searching import Searching
from desktop_app.ui.searching.words import best_words, budget_words, candidate_words, counted, in_lines, without_words
from desktop_app.ui.session import Session
from desktop_app.ui.text import Words, as_tooltip, stage_title, tell, tr
from desktop_app.ui.views.labels import ElidedLabel, label, unbroken

WEIGHED_FIRST: Words = (
    "What every change of every layer costs is measured first, which takes some minutes the first time; "
    "then candidates come."
)
JUDGED_FIRST: Words = "The model is judged as it is first; then candidates come."
NO_COSTS: Words = (
    "Where there are several limits, it is told here which candidate would keep all others, if one of them fell."
)


class SearchWords(QObject):
    """Labels that follow a search; whoever makes them lays them out.

    Attributes:
        title: How it stands, and how much it has judged.
        asked: What is asked for.
        verdict: What the best candidate is, or what is waited for; hidden where there is neither.
        costs: What each limit costs.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search, self._long_work = session.search, session.long_work
        self.title, self.asked = label(heading=True, wrap=True), ElidedLabel("", quiet=True)
        self.verdict, self.costs = label(wrap=True), label(wrap=True)
        self.costs.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.costs.setContentsMargins(6, 6, 6, 6)
        self.title.setObjectName("searchTitle")
        self.asked.setObjectName("searchAsked")
        self.verdict.setObjectName("verdict")
        self.costs.setObjectName("limitCosts")
        session.long_work.changed.connect(self.tell_title)

    def tell(self) -> None:
        """Says what is known now."""
        search = self._search
        self.tell_title()
        asked = tr("Asked for: {limits}").format(limits=budget_words(search.budget)) if search.budget else ""
        self.asked.setText(asked)
        self.asked.setToolTip(as_tooltip(asked))
        self.costs.setText(costs_words(search))
        self._tell_verdict()

    def tell_title(self) -> None:
        """Says how far it is."""
        self.title.setText(unbroken(title_words(self._search, self._long_work.standing)))
        if not self._search.candidates.trials:  # the verdict says then what is waited for
            self._tell_verdict()

    def _tell_verdict(self) -> None:
        self.verdict.setText(unbroken(verdict_words(self._search, self._long_work.standing)))
        self.verdict.setVisible(bool(self.verdict.text()))


def title_words(search: Searching, now: Standing | None) -> str:
    """How a search stands, and how much it has judged; `now` is what the worker does."""
    found = search.candidates
    told = [_stands(search, now), counted(found.judged, found.kept, found.failed) if found.judged > 1 else ""]
    if search.working and now is not None and now.left is not None:
        told.append(tr("{time} left").format(time=fmt.duration(now.left)))
    return "  ·  ".join(one for one in told if one)


def verdict_words(search: Searching, now: Standing | None) -> str:
    """What the best candidate is, and what the user should know of it; before there is one, what is waited for."""
    found, done = search.candidates, search.found
    if search.working and not found.trials:
        return tr(WEIGHED_FIRST if now is not None and now.stage == "sensitivity" else JUDGED_FIRST)
    if found.best is None:
        return ""
    warnings = [tell(one) for one in done.warnings] if done is not None else []
    return in_lines([*best_words(found.best, found.limits), *warnings])


def costs_words(search: Searching) -> str:
    """What each limit costs."""
    found, done = search.candidates, search.found
    told = without_words(found.limits, done.without if done is not None else found.without)
    return in_lines(told) or tr(NO_COSTS)


class CandidateWording:
    """Candidates in words."""

    def __init__(self, search: Searching, document: Document) -> None:
        self._search, self._document = search, document

    def trial(self, trial: Trial) -> str:
        """All that is told of a candidate under the pointer."""
        candidates = self._search.candidates
        found = candidates.found(trial.id)
        if found is None:
            return trial.title
        recipe = in_one_line(recipe_words(self._search.recipe(found), self._document.layers))
        return candidate_words(found, candidates.draft(found.number), candidates.limits, recipe)


def _stands(search: Searching, now: Standing | None) -> str:
    if search.working:
        return stage_title(now.stage) if now is not None and now.stage else tr("It begins")
    stands = {"paused": tr("Paused"), "stopped": tr("Stopped"), "failed": tr("Failed"), "finished": tr("Done")}
    return stands.get(search.standing, "")
