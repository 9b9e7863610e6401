"""The recipes to begin with, those of the user among them: read once the worker is free, kept and deleted by it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.messages import Failed
from desktop_app.jobs.recipes import DeletePreset, ListPresets, Preset, Presets, SavePreset
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work


class KnownPresets(QObject):
    """Knows them as they were last read.

    Signals:
        changed: They are others; a tuple of `Preset`.
        troubled: Sentences on files of the user that are none; a tuple.
    """

    changed = Signal(tuple)
    troubled = Signal(tuple)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: tuple[Preset, ...] = ()
        self._work = work
        self._broken: tuple[str, ...] = ()
        self._asked = False
        work.changed.connect(self._ask_again)
        work.failed.connect(self._on_failed)

    def ask(self) -> None:
        """Asks for them."""
        self._asked = True
        self._work.ask(Task(ListPresets(), tr("Reading the presets"), self._take, quiet=True))

    def save(self, title: str, tip: str, recipe: Recipe, name: str, then: Callable[[], None]) -> None:
        """Keeps a recipe as a preset of the user: in the file `name`, else in one for the title."""

        def note(listed: Presets) -> None:
            self._take(listed)
            then()

        self._work.ask_first(Task(SavePreset(title, tip, recipe, name), tr("Saving the preset"), note))

    def delete(self, name: str) -> None:
        """Deletes the user's preset in the file `name`."""
        self._work.ask_first(Task(DeletePreset(name), tr("Deleting the preset"), self._take))

    def _ask_again(self) -> None:
        """Asks once more when the worker is free, if what the user wanted went before it."""
        if self._work.current is None and self._asked and not self.all:
            self.ask()

    def _take(self, listed: Presets) -> None:
        """Takes the presets as they are now, and tells of files that are none."""
        self.all = listed.presets
        self.changed.emit(listed.presets)
        if listed.broken != self._broken:
            self._broken = listed.broken
            self.troubled.emit(listed.broken)

    def _on_failed(self, task: Task, failure: Failed) -> None:
        """They are not asked for again."""
        if isinstance(task.request, ListPresets):
            self._asked = False
