"""What the dialogs share that have a model made: fields, where to, how far it is, and what came of it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress
from desktop_app.core.text import clean_name
from desktop_app.jobs.conversions import Converted, ConvertModel
from desktop_app.ui import format as fmt
from desktop_app.ui.dialogs.buttons import verb_or_cancel
from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.text import as_tooltip, plural, stage_title, tell, tr
from desktop_app.ui.views.labels import breakable, label

MAX_NAMED = 5


class ConvertDialog(FittedDialog):
    """Asks, then stays until the model is written; stays on where something is to be read about it.

    Signals:
        convert_wanted: A `ConvertModel`.
        stop_wanted: The user does not want to wait.
        open_wanted: The path of the model that was made.
    """

    convert_wanted = Signal(ConvertModel)
    stop_wanted = Signal()
    open_wanted = Signal(str)

    def __init__(self, title: str, verb: str, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(560)
        self._busy, self._made = False, ""
        self._path = QLineEdit(path)
        self._path.setObjectName("convertPath")
        self._path.setAccessibleName(tr("Save as"))
        self._choose = QPushButton(tr("Choose…"))
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(self._choose_path)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(tr("Progress"))
        self._progress.hide()
        self._state = label(wrap=True)
        self._state.setObjectName("convertState")
        role = QDialogButtonBox.ButtonRole.ActionRole
        self._buttons, self._confirm = verb_or_cancel(self, verb, "convertConfirm", role)
        self._confirm.clicked.connect(self._on_confirm)
        self._form = QFormLayout()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(18, 16, 18, 14)
        self._layout.setSpacing(10)

    def request(self) -> ConvertModel:
        """What the fields ask for. Raises StudioError when one of them cannot be understood."""
        raise NotImplementedError

    def report(self, event: Progress) -> None:
        """Shows how far it is."""
        if self._busy:
            self._progress.setValue(round(100 * event.done))
            self._state.setText(tell(event.text) or stage_title(event.stage))

    def finish(self, made: Converted) -> None:
        """Goes on to the model; first shows what should be known of it, where there is something."""
        self._made = made.path
        self._set_busy(False)
        lines = told(made)
        self._state.setText(breakable("\n".join((tr("Written: {path}.").format(path=made.path), *lines))))
        self._confirm.setText(tr("Open it"))
        if not lines:
            self._on_confirm()

    def fail(self, sentence: str) -> None:
        """Shows why nothing was made; the user may try again."""
        self._set_busy(False)
        self._state.setText(breakable(tell(sentence)))

    def reject(self) -> None:
        if self._busy:
            self.stop_wanted.emit()
        super().reject()

    def _lay_out(self, *above: QWidget) -> None:
        for widget in above:
            self._layout.addWidget(widget)
        self._layout.addLayout(self._form)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(self._choose)
        self._form.addRow(tr("Save as"), row)
        for part in (self._progress, self._state, self._buttons):
            self._layout.addWidget(part)
        self._confirm.setDefault(True)

    def _update(self) -> None:
        """Switches the button that begins, and says why it is off."""
        why_not = tr("The model is being made.") if self._busy else "" if self._made else self._why_not()
        self._confirm.setEnabled(not why_not)
        self._confirm.setToolTip(as_tooltip(why_not))

    def _on_confirm(self) -> None:
        if self._made:
            self.accept()
            self.open_wanted.emit(self._made)
            return
        try:
            request = self.request()
        except StudioError as error:
            self._state.setText(tell(str(error)))
            return
        self._set_busy(True)
        self._progress.setValue(0)
        self._state.setText(tr("Working …"))
        self.convert_wanted.emit(request)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._progress.setVisible(busy)
        for place in range(self._form.rowCount()):
            self._form.setRowVisible(place, not self._made)
        for widget in (self._path, self._choose, *self._fields()):
            widget.setEnabled(not busy)
        self._update()

    def _why_not(self) -> str:
        """Why it cannot begin yet, a sentence; empty where it can."""
        return ""

    def _fields(self) -> Sequence[QWidget]:
        """What is off while a model is made."""
        return ()

    def _choose_path(self) -> None:
        chosen = QFileDialog.getSaveFileName(self, tr("Save as"), self._path.text(), "ONNX (*.onnx)")[0]
        if chosen:
            self._path.setText(chosen)


def told(made: Converted) -> list[str]:
    """What should be known of a model that was made: what did not fit, a sentence each."""
    groups = (
        (tr("The file lacks, so they stay random: {names}."), made.missing),
        (tr("The file has, and the model has no place for: {names}."), made.unexpected),
        (tr("Of another shape, so they stay random: {names}."), made.misshapen),
    )
    lines = [text.format(names=_named(names)) for text, names in groups if names]
    if lines:
        lines.insert(
            0,
            plural(
                made.loaded,
                "One weight of the file fits by name and shape.",
                "{count} weights of the file fit by name and shape.",
            ),
        )
    return [*lines, *map(tell, made.notes)]


def size_text(size: int, macs: int, milliseconds: float | None) -> str:
    """Size, multiply-accumulates and latency in a row."""
    parts = [fmt.size(size), fmt.macs(macs)]
    return "   ".join(parts if milliseconds is None else [*parts, fmt.milliseconds(milliseconds)])


def _named(names: Sequence[str]) -> str:
    shown = [clean_name(name) for name in names[:MAX_NAMED]]
    more = len(names) - MAX_NAMED
    return ", ".join([*shown, tr("{count} more").format(count=more)] if more > 0 else shown)
