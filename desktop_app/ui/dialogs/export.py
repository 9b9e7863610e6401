"""The export dialog: which format, where to, then how it went."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
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
from desktop_app.jobs.messages import Exported
from desktop_app.ui import format as fmt
from desktop_app.ui.text import Words, stage_title, tell, tr
from desktop_app.ui.views.labels import breakable, label


@dataclass(frozen=True)
class Format:
    """A format: its name in messages, its title, what it costs in a sentence, and the end of its file's name."""

    id: str
    title: Words
    about: Words
    suffix: str


FORMATS = (
    Format("onnx", "ONNX model", "One file that any ONNX Runtime loads. The usual choice.", ".onnx"),
    Format(
        "ort", "ORT model", "Loads faster and in mobile builds, but only in the same version of ONNX Runtime.", ".ort"
    ),
    Format(
        "bundle",
        "Folder with everything",
        "The model, the recipe that replays it, the report, and a script that runs and checks it.",
        "",
    ),
)


class ExportDialog(QDialog):
    """Asks for format and path, then stays until the file is written and checked.

    Signals:
        export_wanted: Path and format.
        stop_wanted: The user does not want to wait.
    """

    export_wanted = Signal(str, str)
    stop_wanted = Signal()

    def __init__(self, model_name: str, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exportDialog")
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(560)
        self._written = ""
        self._busy = False
        self._stem = folder / f"{Path(model_name).stem}-compressed"
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
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._export = self._buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.ActionRole)
        self._export.setObjectName("exportConfirm")
        self._export.setProperty("primary", True)
        self._export.clicked.connect(self._start)
        self._buttons.rejected.connect(self.reject)
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
        self._set_busy(False)
        self._progress.setVisible(False)
        self._export.setVisible(False)
        self._show_folder.setVisible(True)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Close"))
        written = tr("Written: {path}, {size}.").format(path=exported.path, size=fmt.size(exported.bytes))
        self._state.setText(breakable(f"{written}\n{tell(exported.checked)}"))

    def fail(self, sentence: str) -> None:
        """Shows why nothing was written; the user may try another path."""
        self._set_busy(False)
        self._progress.setVisible(False)
        self._state.setText(breakable(tell(sentence)))
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
            about = label(tr(one.about), quiet=True, wrap=True)
            about.setIndent(24)
            layout.addWidget(button)
            layout.addWidget(about)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(self._choose)
        layout.addSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._progress)
        layout.addWidget(self._state)
        layout.addWidget(self._show_folder)
        layout.addWidget(self._buttons)
        self._progress.setVisible(False)
        self._show_folder.setVisible(False)

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
            self._path.setText(chosen)

    def _start(self) -> None:
        self._set_busy(True)
        self._progress.setValue(0)
        self._progress.setVisible(True)
        self._state.setText(tr("Writing, then comparing in a fresh process with what was shown …"))
        self.export_wanted.emit(self._path.text().strip(), self._format().id)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for widget in (self._path, self._choose, self._export, *self._formats.buttons()):
            widget.setEnabled(not busy)
            widget.setToolTip(tr("The file is being written.") if busy else "")

    def _open_folder(self) -> None:
        written = Path(self._written)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(written if written.is_dir() else written.parent)))
