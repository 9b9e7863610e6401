"""A run or a trial in words: what was asked, what it gave, when, and whether its file is still there."""

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale

from desktop_app.core.layer import Layer
from desktop_app.core.trial import Trial
from desktop_app.jobs.history.record import KeptRun
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.plots.axes import AXES
from desktop_app.ui.recipe_words import in_one_line, recipe_words
from desktop_app.ui.text import tr

TOLD = ("size", "speedup", "accuracy", "agreement", "sqnr", "macs")


class Wording:
    """Recipes in words, each found once for a model: a picture asks for all of them whenever it is drawn."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._layers: Sequence[Layer] = ()
        self._known: dict[str, str] = {}

    def recipe(self, trial: Trial) -> str:
        """What a trial asked of the layers, in one line."""
        if self._layers is not self._document.layers:
            self._layers, self._known = self._document.layers, {}
        if trial.id not in self._known:
            self._known[trial.id] = in_one_line(recipe_words(trial.recipe, self._layers))
        return self._known[trial.id]

    def trial(self, trial: Trial) -> str:
        """All that is told of a trial, in several lines."""
        return trial_words(trial, self.recipe(trial), self._document.runs.get(trial.id))


def trial_words(trial: Trial, recipe: str, run: KeptRun | None = None) -> str:
    """Several lines: the title and when, the recipe, the figures with what they were, and what is left of it."""
    title = trial.title if run is None else tr("{run}, {when}").format(run=trial.title, when=when(run))
    lines = [title, recipe]
    for axis in AXES:
        value, before = axis.value(trial, trial.original), axis.original(trial.original)
        if axis.id in TOLD and value is not None:
            plain = before is None or axis.id in ("speedup", "agreement")
            text = axis.text(value) if plain or before is None else fmt.change(axis.text(before), axis.text(value))
            interval = axis.interval(trial, trial.original)
            if interval is not None:
                text = tr("{value} [{low}, {high}]").format(
                    value=text, low=fmt.figures(interval[0]), high=fmt.figures(interval[1])
                )
            lines.append(tr("{figure}: {value}").format(figure=tr(axis.title), value=text))
    if run is not None:
        lines.append(file_words(run))
    return "\n".join(lines)


def when(run: KeptRun) -> str:
    """Day and time at which a run was over, as the user's system writes them."""
    moment = QDateTime.fromSecsSinceEpoch(round(run.finished))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def file_words(run: KeptRun) -> str:
    """Whether the model of a run is still there."""
    if not run.has_file:
        return tr("Its file was removed to save space: run its recipe to have it again.")
    return tr("Its file is kept for good.") if run.pinned else tr("Its file is kept while there is room.")
