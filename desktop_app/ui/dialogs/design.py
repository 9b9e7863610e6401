"""The dialog in which a student is designed: asked for, watched, and looked at."""

from pathlib import Path

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.summary import ModelSummary
from desktop_app.jobs.conversions import MemberSized, SizeMember
from desktop_app.ui.announcing import announce
from desktop_app.ui.designing.asked import ASKED, Asked
from desktop_app.ui.designing.designing import Designing
from desktop_app.ui.designing.words import sheet_of
from desktop_app.ui.dialogs.design_form import USUAL, DesignFacts, DesignForm
from desktop_app.ui.dialogs.design_progress import DesignProgress
from desktop_app.ui.dialogs.design_sheet import DesignSheet
from desktop_app.ui.dialogs.export_formats import FORMATS, ExportFacts, refusal
from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.reveal import reveal
from desktop_app.ui.text import as_tooltip, tell, tr
from desktop_app.ui.views.boxes import FOLDER_THERE, ask_to_replace
from desktop_app.ui.views.labels import breakable, label

WIDTH = 640
FOLDER = next(one for one in FORMATS if not one.suffix)
"""Where the student goes must do for a folder that is exported, too."""


class DesignDialog(FittedDialog):
    """Shows a design as it stands: the fields to ask for one, how far it is, or what has come of it.

    It may be closed while the design goes on, and be made anew to look at it.

    Args:
        designing: The design.
        summary: The model that teaches.
        facts: What else is known of it.

    Signals:
        size_wanted: A `SizeMember`.
        open_wanted: The path of the student.
    """

    size_wanted = Signal(SizeMember)
    open_wanted = Signal(str)

    def __init__(
        self, designing: Designing, summary: ModelSummary, facts: DesignFacts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("designDialog")
        self.setWindowTitle(tr("Design a student"))
        self.setMinimumWidth(WIDTH)
        self._designing, self._summary = designing, summary
        self._was_working = False
        self.form = DesignForm(self._asked(), facts)
        self.form.edited.connect(self._switch)
        self.form.size_wanted.connect(self.size_wanted)
        self._sheet: DesignSheet | None = None
        self._state = label(wrap=True)
        self._state.setObjectName("designState")
        self._working = DesignProgress(designing)
        self._buttons = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        self._leave = self._button("designLeave", "", roles.RejectRole)
        self._reveal = self._button("showInFolder", tr("Show in folder"), roles.ActionRole)
        self._stop = self._button("designStop", tr("Stop"), roles.ActionRole)
        self._confirm = self._button("designConfirm", "", roles.ActionRole)
        self._confirm.setProperty("primary", True)
        self._leave.clicked.connect(self.reject)
        self._reveal.clicked.connect(self._show_folder)
        self._stop.clicked.connect(designing.stop)
        self._confirm.clicked.connect(self._on_confirm)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(18, 16, 18, 14)
        self._layout.setSpacing(10)
        for part in (self.form, self._working, self._state, self._buttons):
            self._layout.addWidget(part)
        self._confirm.setDefault(True)
        designing.changed.connect(self._show)
        self._show()

    def show_size(self, sized: MemberSized) -> None:
        """Shows what the family's own model would cost."""
        self.form.show_size(sized)

    def show_failure(self, sentence: str) -> None:
        """Says why that cannot be told."""
        self.form.show_failure(sentence)

    def look(self) -> None:
        """Asks what the family's own model would cost, where something is asked for."""
        if self.form.isVisibleTo(self):
            self.form.look()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show()  # lists of limits are made anew; all else is told again

    def _demand(self) -> None:
        """Nor does it let it be narrower than the fields need."""
        if self.form.isVisibleTo(self):
            margins = self._layout.contentsMargins()
            self.setMinimumWidth(max(WIDTH, self.form.minimumSizeHint().width() + margins.left() + margins.right()))
        super()._demand()

    def _asked(self) -> Asked:
        """What was asked for last, or what is usual."""
        if self._designing.design is not None:
            return Asked(self._designing.design, self._designing.folder)
        folder = str(Path.home() / f"{Path(self._summary.name).stem}-designed")
        return ASKED.of(self._summary.sha256) or Asked(USUAL, folder)

    def _button(self, name: str, text: str, role: QDialogButtonBox.ButtonRole) -> QPushButton:
        button = self._buttons.addButton(text, role)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button

    def _show(self) -> None:
        """Shows the design as it stands now."""
        one = self._designing
        working, finished = one.working, one.found is not None
        self.form.setVisible(not working and not finished)
        self._working.setVisible(working)
        self._show_sheet()
        self._state.setText(breakable(tell(one.sentence)))
        self._state.setVisible(bool(one.sentence))
        if one.sentence:
            announce(self, tell(one.sentence))
        self._leave.setText(tr("Hide") if working else tr("Close") if finished else tr("Cancel"))
        self._confirm.setVisible(not working)
        self._stop.setVisible(working)
        self._reveal.setVisible(finished)
        self._switch()
        (self._leave if working else self._confirm).setFocus()
        self.refit()
        if self._was_working and self.form.isVisibleTo(self):
            QTimer.singleShot(0, self, self.look)  # the work has taken the place of that question
        self._was_working = working

    def _show_sheet(self) -> None:
        one = self._designing
        if self._sheet is not None:
            self._layout.removeWidget(self._sheet)
            self._sheet.hide()
            self._sheet.deleteLater()
            self._sheet = None
        if one.found is not None and one.design is not None:
            sheet = sheet_of(one.found, one.design, self._summary)
            self._sheet = DesignSheet(sheet)
            self._layout.insertWidget(0, self._sheet)
            self._sheet.show()  # the layout would do so later, and the dialog takes its height now
            announce(self, " ".join(sheet.verdict))

    def _switch(self) -> None:
        """Switches the button that begins, and says why it is off."""
        one = self._designing
        same = one.left and (one.design, one.left) == (self.form.design(), self.form.folder())
        self._confirm.setText(tr("Open it") if one.found is not None else tr("Go on") if same else tr("Design it"))
        why_not = "" if one.found is not None else self.form.why_not()
        self._confirm.setEnabled(not why_not)
        self._confirm.setToolTip(as_tooltip(why_not))

    def _on_confirm(self) -> None:
        found = self._designing.found
        if found is not None:
            self.accept()
            self.open_wanted.emit(found.path)
            return
        folder = self.form.folder()
        problem = refusal(folder, FOLDER, ExportFacts())
        if problem:
            self._state.setText(breakable(problem))
            self._state.show()
            announce(self, problem)
        elif folder != self._designing.left and _has_files(Path(folder)):
            ask_to_replace(self, FOLDER_THERE, Path(folder).name, self._start)
        else:
            self._start()

    def _start(self) -> None:
        asked = Asked(self.form.design(), self.form.folder())
        ASKED.remember(self._summary.sha256, asked)
        self._designing.start(asked.design, asked.folder)

    def _show_folder(self) -> None:
        if self._designing.found is not None:
            reveal(Path(self._designing.found.path))


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
