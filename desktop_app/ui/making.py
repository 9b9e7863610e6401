"""Commands that have a model made: a student of the opened one, or an ONNX model of a torch file."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.conversions import ConvertModel, MemberSized, SizeMember, TorchFile
from desktop_app.ui import operations
from desktop_app.ui.following import Following
from desktop_app.ui.session import Session
from desktop_app.ui.work import Task

if TYPE_CHECKING:
    from desktop_app.ui.dialogs.convert import ConvertDialog


class Making(QObject):
    """Opens the dialogs and ties them to the worker.

    Signals:
        model_made: The path of a model that was made of a torch file.
        student_made: The path of a student, and the recipe that teaches it.
    """

    model_made = Signal(str)
    student_made = Signal(str, Recipe)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._document = session.document

    def new_student(self) -> None:
        """Asks for a family and a size, and has the student made."""
        from desktop_app.ui.dialogs.student import StudentDialog

        summary = self._document.summary
        if summary is None:
            return
        dialog = StudentDialog(summary, self._document.snapshot, self._window)

        def show(sized: MemberSized) -> None:
            if isValid(dialog):  # who is quick has closed it before the worker answers
                profile = self._document.profile
                dialog.show_size(sized, profile.total_ms if profile else None)

        def own(task: Task) -> bool:
            return isinstance(task.request, SizeMember)

        dialog.size_wanted.connect(lambda request: self._session.size_member(request, show))
        dialog.open_wanted.connect(lambda path: self.student_made.emit(path, operations.taught_by(self._document)))
        Following(dialog, self._session.work, own, dialog.show_failure)
        self._open(dialog)
        dialog.look()

    def open_torch_file(self, path: str) -> None:
        """Looks at a torch file, asks what is missing, and has the ONNX model made that is opened then."""
        from desktop_app.ui.dialogs.torch_file import TorchFileDialog

        def ask(found: TorchFile) -> None:
            dialog = TorchFileDialog(path, found, self._window)
            dialog.open_wanted.connect(self.model_made)
            self._open(dialog)

        self._session.inspect_torch_file(path, ask)

    def _open(self, dialog: "ConvertDialog") -> None:
        """Shows a dialog that follows what it has asked the worker for."""

        def own(task: Task) -> bool:
            return isinstance(task.request, ConvertModel)

        dialog.convert_wanted.connect(self._session.convert)
        dialog.stop_wanted.connect(self._session.stop)
        Following(dialog, self._session.work, own, dialog.fail, dialog.report)
        self._session.converted.connect(dialog.finish)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
