"""The export dialog: which format, where to, then how it went."""

from pathlib import Path

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.progress import Progress
from desktop_app.jobs.exports import Exported
from desktop_app.ui import format as fmt
from desktop_app.ui.announcing import announce
from desktop_app.ui.dialogs.buttons import verb_or_cancel
from desktop_app.ui.dialogs.export_formats import FORMATS, ExportFacts, Format, cost, refusal, why_not
from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.reveal import reveal
from desktop_app.ui.text import as_tooltip, stage_title, tell, tr
from desktop_app.ui.views.boxes import FILE_THERE, FOLDER_THERE, ask_to_replace
from desktop_app.ui.views.labels import breakable, label

NOTHING_KNOWN = ExportFacts()
INDENT = 24
FOLDER = "export/folder"
"""Where the last export went: the key of a setting."""


class ExportDialog(FittedDialog):
    """Asks for format and path, then stays until the file is written and checked.

    Args:
        model_name: Of the model that was opened.
        folder: Where to write, unless an export went somewhere before.
        facts: What is known of the result.
        parent: The window.

    Signals:
        export_wanted: Path and format.
        stop_wanted: The user does not want to wait.
    """

    export_wanted = Signal(str, str)
    stop_wanted = Signal()

    def __init__(
        self, model_name: str, folder: Path, facts: ExportFacts = NOTHING_KNOWN, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("exportDialog")
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(640)
        self._written = ""
        self._busy = False
        self._replaced = ""
        self._facts = facts
        self._stem = _folder(folder) / f"{Path(model_name).stem}-compressed"
        self._formats = QButtonGroup(self)
        self._path = QLineEdit(str(self._stem) + FORMATS[0].suffix)
        self._path.setObjectName("exportPath")
        self._path.setAccessibleName(tr("Where to"))
        self._choose = QPushButton(tr("Choose…"))
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(self._choose_path)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(tr("Progress of the export"))
        self._state = label(wrap=True)
        self._state.setObjectName("exportState")
        self._show_folder = QPushButton(tr("Show in folder"))
        self._show_folder.setObjectName("showInFolder")
        self._show_folder.setAutoDefault(False)
        self._show_folder.clicked.connect(self._open_folder)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self._buttons, self._export = verb_or_cancel(self, tr("Export"), "exportConfirm", role)
        self._export.clicked.connect(self._start)
        self._lay_out()
        self._export.setDefault(True)  # before it stands in the dialog, the dialog would choose another
        self._path.setFocus()
        self._path.selectAll()

    def report(self, event: Progress) -> None:
        """Shows how far the export is."""
        if self._busy:
            self._progress.setValue(round(100 * event.done))
            self._state.setText(tell(event.text) or stage_title(event.stage))

    def finish(self, exported: Exported) -> None:
        """Shows what was written."""
        self._written = exported.path
        QSettings().setValue(FOLDER, str(Path(exported.path).parent))
        self._set_busy(False)
        self._progress.setVisible(False)
        self._export.setVisible(False)
        self._show_folder.setVisible(True)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Close"))
        written = tr("Written: {path}, {size}.").format(path=exported.path, size=fmt.size(exported.bytes))
        announce(self, written)
        self._state.setText(breakable(f"{written}\n{tell(exported.checked)}"))

    def fail(self, sentence: str) -> None:
        """Shows why nothing was written; the user may try another path."""
        self._set_busy(False)
        self._progress.setVisible(False)
        told = tell(sentence)
        announce(self, told)
        self._state.setText(breakable(told))
        self._path.setFocus()

    def reject(self) -> None:
        if self._busy:
            self.stop_wanted.emit()
        super().reject()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(6)
        for place, one in enumerate(FORMATS):
            button = QRadioButton(tr(one.title))
            button.setObjectName(f"format_{one.id}")
            button.setChecked(place == 0)
            button.toggled.connect(self._on_format)
            self._formats.addButton(button, place)
            layout.addWidget(button)
            self._describe(layout, button, one)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(self._choose)
        layout.addSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._progress)
        layout.addWidget(self._state)
        layout.addWidget(self._show_folder)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        self._progress.setVisible(False)
        self._show_folder.setVisible(False)

    def _describe(self, layout: QVBoxLayout, button: QRadioButton, one: Format) -> None:
        """What a format is for and what it costs; where it cannot be had, the reason."""
        reason = why_not(one, self._facts)
        button.setEnabled(not reason)
        about, costs = label(tr(one.about), wrap=True), label(reason or cost(one, self._facts), quiet=True, wrap=True)
        button.setAccessibleDescription(f"{about.text()}\n{costs.text()}")
        button.setToolTip(as_tooltip(reason))
        lines = QVBoxLayout()
        lines.setContentsMargins(INDENT, 0, 0, 8)
        lines.setSpacing(2)
        for line in (about, costs):
            lines.addWidget(line)
        layout.addLayout(lines)

    def _format(self) -> Format:
        return FORMATS[self._formats.checkedId()]

    def _on_format(self) -> None:
        path = self._path.text()
        for one in FORMATS:
            path = path.removesuffix(one.suffix) if one.suffix else path
        self._path.setText(path + self._format().suffix)

    def _choose_path(self) -> None:
        one = self._format()
        if one.suffix:
            chosen = QFileDialog.getSaveFileName(self, tr("Export to"), self._path.text(), f"*{one.suffix}")[0]
        else:
            chosen = QFileDialog.getExistingDirectory(self, tr("Export to"), str(self._stem.parent))
        if chosen:
            self._replaced = chosen if one.suffix else ""  # the system's dialog has asked already
            self._path.setText(chosen)

    def _start(self) -> None:
        """Begins, unless it cannot be written there; what is there already is replaced only if the user says so."""
        path = self._path.text().strip()
        problem = refusal(path, self._format(), self._facts)
        if problem:
            self.fail(problem)
        elif Path(path).exists() and path != self._replaced:
            self._ask_to_replace(path)
        else:
            self._write(path)

    def _ask_to_replace(self, path: str) -> None:
        text = FILE_THERE if self._format().suffix else FOLDER_THERE
        ask_to_replace(self, text, Path(path).name, lambda: self._write(path))

    def _write(self, path: str) -> None:
        self._set_busy(True)
        self._progress.setValue(0)
        self._progress.setVisible(True)
        self._state.setText(tr("Writing, then comparing in a fresh process with what was shown …"))
        self.export_wanted.emit(path, self._format().id)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for widget in (self._path, self._choose, self._export, *self._formats.buttons()):
            widget.setEnabled(not busy)
            widget.setToolTip(as_tooltip(tr("The file is being written.")) if busy else "")
        for place, one in enumerate(FORMATS):
            if reason := why_not(one, self._facts):
                self._formats.button(place).setEnabled(False)
                self._formats.button(place).setToolTip(as_tooltip(reason))

    def _open_folder(self) -> None:
        reveal(Path(self._written))


def _folder(otherwise: Path) -> Path:
    """Where the last export went, if that is there still."""
    stored = QSettings().value(FOLDER)
    return Path(stored) if isinstance(stored, str) and Path(stored).is_dir() else otherwise
