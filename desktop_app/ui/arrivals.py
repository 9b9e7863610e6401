"""What becomes of files that come to a window: dropped on it, named on the command line, or chosen from a list."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui import operations
from desktop_app.ui.files import Files, sort_files
from desktop_app.ui.session import Session
from desktop_app.ui.settings.rows import SECOND_MODEL
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import tr
from desktop_app.ui.views.boxes import question

Deed = Callable[[], None]


class Arrivals(QObject):
    """Gives every file its place: a model is opened, a recipe and data are taken, the rest gets a sentence.

    Signals:
        another_wanted: The path of a model for a window of its own.
        refused: A sentence: what is not done, and why.

    Args:
        window: Whose questions these are.
        session: What takes recipes and data.
        show: Opens a model in this window, and then does what it is given.
    """

    another_wanted = Signal(str)
    refused = Signal(str)

    def __init__(self, window: QWidget, session: Session, show: Callable[[str, Deed | None], None]) -> None:
        super().__init__(window)
        self.leave: Callable[[Deed], None] = _at_once
        """Lets the opened model go: does what it is given once nothing is lost by it."""
        self._window = window
        self._session = session
        self._document = session.document
        self._show = show

    def take(self, paths: Sequence[str]) -> None:
        """Takes files of any kind; a recipe or data among them is for the model that comes with them."""
        files = sort_files(paths)
        for sentence in self._refusals(files):
            self.refused.emit(sentence)
        if files.models:
            self.open(files.models, lambda: self._set_up(files))
        elif self._document.summary is not None and not self._busy():
            self._set_up(files)

    def open(self, paths: Sequence[str], then: Deed | None = None) -> None:
        """Opens models: one here if the window shows none, every other in a window of its own.

        A single one that comes to an opened one is asked about.
        """
        here, others = (paths[:1], paths[1:]) if self._document.summary is None else ((), paths)
        if here:
            self._show(here[0], then)
        elif len(others) == 1 and not self._busy():
            self._place(others[0], then)
            return
        for path in others:
            self.another_wanted.emit(path)

    def _refusals(self, files: Files) -> list[str]:
        """A sentence for each thing that cannot be done with what came."""
        sentences = [
            tr("{file} is no model (.onnx or PyTorch), recipe (.yaml) or data (a folder, .npz).").format(
                file=_name(one)
            )
            for one in files.others
        ]
        waiting = files.recipes[:1] + files.data[:1]
        if waiting and not files.models:
            if self._document.summary is None:
                kind = (
                    tr("Open a model first: {file} is a recipe.")
                    if files.recipes
                    else tr("Open a model first: {file} is data.")
                )
                sentences.append(kind.format(file=_name(waiting[0])))
            elif self._busy():
                sentences.append(tr("Wait until this is done: {task}.").format(task=self._busy()))
        if len(files.recipes) > 1 or len(files.data) > 1:
            sentences.append(tr("Only the first of several recipes, and of several data sources, is taken."))
        return sentences

    def _set_up(self, files: Files) -> None:
        """Gives the opened model the recipe and the data; the recipe goes first: it may name data of its own."""
        data = files.data[:1]
        if files.recipes:
            self._session.read_recipe(files.recipes[0], lambda: self._set_data(data))
        else:
            self._set_data(data)

    def _set_data(self, paths: Sequence[str]) -> None:
        for path in paths:
            operations.set_data(self._document, replace(self._document.recipe.data, path=path, labels=None))
            self._session.told.emit(tr("The data is {name} now.").format(name=_name(path)))

    def _place(self, path: str, then: Deed | None) -> None:
        """Opens one more model where the settings say, or asks."""
        where = settings().read(SECOND_MODEL)
        if where == "ask":
            self._ask(path, then)
        elif where == "here":
            self._replace(path, then)
        else:
            self.another_wanted.emit(path)

    def _ask(self, path: str, then: Deed | None) -> None:
        text = tr("Where do you want {name}?").format(name=_name(path))
        more = tr("Each window has one model; this window has one already.")
        box = question(self._window, "placeQuestion", tr("A second model"), text, more)
        again = QCheckBox(tr("Do not ask again (see Settings)"))
        box.setCheckBox(again)
        window = box.addButton(tr("In a new window"), QMessageBox.ButtonRole.AcceptRole)
        here = box.addButton(tr("In this window"), QMessageBox.ButtonRole.ActionRole)
        box.setEscapeButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
        box.setDefaultButton(window)

        def decide(where: str, deed: Deed) -> None:
            if again.isChecked():
                settings().write(SECOND_MODEL, where)
            deed()

        window.clicked.connect(lambda: decide("window", lambda: self.another_wanted.emit(path)))
        here.clicked.connect(lambda: decide("here", lambda: self._replace(path, then)))
        box.open()

    def _replace(self, path: str, then: Deed | None) -> None:
        self.leave(lambda: self._show(path, then))

    def _busy(self) -> str:
        """What the user has asked for and is being done; empty where nothing is."""
        task = self._session.work.wanted
        return task.title if task is not None else ""


def _at_once(deed: Deed) -> None:
    deed()


def _name(path: str) -> str:
    return clean_name(Path(path).name)
