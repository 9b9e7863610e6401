"""The graph as a file of the user: asked for, written while the window stays awake, and told."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui.graph.export import write_picture
from desktop_app.ui.graph.slices import Slices
from desktop_app.ui.graph.stage import Stage
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr

PICTURES = "SVG (*.svg);;PNG (*.png)"


class Writing(QObject):
    """Writes one picture at a time.

    Args:
        session: Of the model; tells how it went.
        parent: Above which the user is asked for a file.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._above = session, parent
        self._path = ""
        self._slices = Slices(self)
        self._slices.done.connect(self._on_written)

    def ask(self) -> str:
        """Asks for a file; nothing where the user wants none."""
        name = self._title().rpartition(".")[0]
        return QFileDialog.getSaveFileName(self._above, tr("Export the graph"), f"{name}.svg", PICTURES)[0]

    def write(self, stage: Stage, path: str) -> None:
        """Writes all of a stage."""
        self._path = path
        self._slices.start(write_picture(stage, path, self._title()))

    def stop(self) -> None:
        """Leaves what is not written yet."""
        self._slices.stop()

    def _title(self) -> str:
        summary = self._session.document.summary
        return clean_name(summary.name) if summary else ""

    def _on_written(self, problem: str) -> None:
        self._session.told.emit(problem or tr("The graph is written to {path}.").format(path=self._path))
