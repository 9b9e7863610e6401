"""The user's errands with a design: the dialog in which a student is asked for, watched, and looked at."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop_app.core.recipe import Recipe
from desktop_app.core.text import clean_name
from desktop_app.jobs.conversions import MemberSized, SizeMember
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.following import Following
from desktop_app.ui.session import Session
from desktop_app.ui.work import Task

if TYPE_CHECKING:
    from desktop_app.ui.dialogs.design import DesignDialog
    from desktop_app.ui.dialogs.design_form import DesignFacts


class DesignErrands(QObject):
    """Opens the dialog, and ties it to the worker; it comes back by itself when a design has ended.

    Args:
        window: Over which it is shown.
        session: Whose design it is.

    Signals:
        student_made: The path of a student, and the recipe that goes on with it.
    """

    student_made = Signal(str, Recipe)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._document = window, session, session.document
        self._dialog: DesignDialog | None = None
        session.design.ended.connect(self.ask)
        session.document.opened.connect(self._close)

    def ask(self) -> None:
        """Opens the dialog on the design as it stands; one that is open shows it already."""
        from desktop_app.ui.dialogs.design import DesignDialog

        summary, designing = self._document.summary, self._session.design
        if summary is None or self._shown is not None:
            return
        dialog = self._dialog = DesignDialog(designing, summary, facts_of(self._document), self._window)

        def show(sized: MemberSized) -> None:
            if isValid(dialog):  # who is quick has closed it before the worker answers
                dialog.show_size(sized)

        def own(task: Task) -> bool:
            return isinstance(task.request, SizeMember)

        dialog.size_wanted.connect(lambda request: self._session.size_member(request, show))
        dialog.open_wanted.connect(self._open)
        Following(dialog, self._session.work, own, dialog.show_failure)
        dialog.finished.connect(designing.put_away)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        dialog.look()

    @property
    def _shown(self) -> "DesignDialog | None":
        dialog = self._dialog
        return dialog if dialog is not None and isValid(dialog) and dialog.isVisible() else None

    def _open(self, path: str) -> None:
        """Has the student opened, with its teacher's data; it is taught already."""
        self.student_made.emit(path, operations.taught_by(self._document, 0))

    def _close(self) -> None:
        """Another model is shown: it has other students."""
        if self._shown is not None:
            self._shown.reject()


def facts_of(document: Document) -> "DesignFacts":
    """What the dialog must know of the opened model."""
    from desktop_app.ui.designing.words import data_words
    from desktop_app.ui.dialogs.design_form import DesignFacts
    from desktop_app.ui.views.recover import labels_why_not  # late: its file brings a dialog along

    summary, profile = document.summary, document.profile
    if summary is None:
        return DesignFacts("")
    return DesignFacts(
        clean_name(summary.name, 40),
        document.snapshot,
        summary.bytes,
        summary.cost.macs,
        None if profile is None else profile.total_ms,
        labels_why_not(document),
        data_words(document),
    )
