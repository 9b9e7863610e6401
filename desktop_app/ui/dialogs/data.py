"""The data dialog: where samples come from, how they are prepared, and what the model will see."""

from itertools import pairwise

from msgspec.structs import replace
from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.data import DataSettings
from desktop_app.core.language import current
from desktop_app.core.text import clean_name
from desktop_app.jobs.previews import DataPreview, SamplePreview
from desktop_app.ui.dialogs.preprocess_form import PreprocessForm
from desktop_app.ui.explanations import rich
from desktop_app.ui.text import as_tooltip, plural, tell, tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.count_box import CountBox
from desktop_app.ui.views.labels import label

PREVIEW_SIZE = 96
WAIT_MS = 600
SIZE = (800, 560)
"""Room for four samples side by side."""


class DataDialog(QDialog):
    """Edits `DataSettings`; previews are asked for and handed in from outside.

    Signals:
        preview_wanted: `DataSettings` to look at.
    """

    preview_wanted = Signal(DataSettings)

    def __init__(self, settings: DataSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataDialog")
        self.setWindowTitle(tr("Data"))
        self.resize(*map(scaled, SIZE))
        self._settings = settings
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.look)
        self._path, self._labels = _path_field(tr("Made-up samples")), _path_field(tr("Found beside the images"))
        self._path.setAccessibleName(tr("Samples"))
        self._labels.setAccessibleName(tr("Labels"))
        self._path.setObjectName("dataPath")
        self._labels.setObjectName("dataLabels")
        self._calibration = CountBox(" sample", " samples")
        self._calibration.setObjectName("dataCalibration")
        self._calibration.setRange(1, 100_000)
        self._preprocess = PreprocessForm()
        self._facts, self._notes = label(tr("Looking at the data …"), wrap=True), label(quiet=True, wrap=True)
        self._facts.setObjectName("dataFacts")
        self._notes.setObjectName("dataNotes")
        self._images = QListWidget()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self._lay_out()
        self._show_settings()
        self._path.setFocus()
        self._preprocess.edited.connect(self._on_preprocess)
        self._path.textEdited.connect(lambda: self._on_source())
        self._labels.textEdited.connect(lambda: self._on_source())
        self._calibration.valueChanged.connect(lambda: self._timer.start())

    def settings(self) -> DataSettings:
        """What stands in the fields. Preprocessing that nobody touched stays to be guessed."""
        return replace(
            self._settings,
            path=self._path.text().strip() or None,
            labels=self._labels.text().strip() or None,
            calibration=self._calibration.value(),
        )

    def look(self) -> None:
        """Asks for a preview of what stands in the fields."""
        self._facts.setText(tr("Looking at the data …"))
        self.preview_wanted.emit(self.settings())

    def show_preview(self, preview: DataPreview) -> None:
        """Shows what the data source holds."""
        self._preprocess.setVisible(preview.preprocess is not None)
        if preview.preprocess is not None and self._settings.preprocess is None:
            self._preprocess.show_value(preview.preprocess)
        self._facts.setText(facts_text(preview))
        self._notes.setText("\n".join(map(tell, preview.notes)))
        self._images.clear()
        for sample in preview.previews:
            self._images.addItem(_preview_item(sample))
        self._images.setVisible(any(sample.png for sample in preview.previews))

    def show_failure(self, sentence: str) -> None:
        """Says why there is no preview."""
        self._facts.setText(tell(sentence))
        self._notes.setText("")
        self._images.clear()

    def _lay_out(self) -> None:
        self._images.setAccessibleName(tr("Samples as the model will see them"))
        self._images.setViewMode(QListWidget.ViewMode.IconMode)
        self._images.setIconSize(QPixmap(PREVIEW_SIZE, PREVIEW_SIZE).size())
        self._images.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._images.setMovement(QListWidget.Movement.Static)
        self._images.setSpacing(6)
        source = QFormLayout()
        source.addRow(tr("Samples"), _with_buttons(self._path, self._choose_folder, self._choose_file))
        source.addRow(tr("Labels"), _with_buttons(self._labels, None, self._choose_labels))
        source.addRow(tr("Calibrate with"), self._calibration)
        first = tr("The first so many in a seeded order; the others evaluate.")
        self._calibration.setToolTip(rich("calibration", first))
        self._calibration.setWhatsThis(rich("calibration"))
        middle = QHBoxLayout()
        middle.addWidget(self._preprocess)
        middle.addWidget(self._images, 1)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(source)
        layout.addWidget(self._facts)
        layout.addLayout(middle, 1)
        layout.addWidget(self._notes)
        layout.addWidget(self._buttons)
        for before, after in pairwise(self._in_tab_order()):
            QWidget.setTabOrder(before, after)

    def _in_tab_order(self) -> list[QWidget]:
        """Every field with the buttons beside it, from top to bottom."""
        choosers = {field: self.findChildren(QPushButton, f"{field.objectName()}Choose") for field in self._paths()}
        fields = [widget for field, buttons in choosers.items() for widget in (field, *buttons)]
        return [*fields, self._calibration, self._preprocess, self._images, self._buttons]

    def _paths(self) -> tuple[QLineEdit, QLineEdit]:
        return self._path, self._labels

    def _show_settings(self) -> None:
        self._path.setText(self._settings.path or "")
        self._labels.setText(self._settings.labels or "")
        self._calibration.setValue(self._settings.calibration)
        if self._settings.preprocess is not None:
            self._preprocess.show_value(self._settings.preprocess)

    def _on_preprocess(self) -> None:
        self._settings = replace(self._settings, preprocess=self._preprocess.value())
        self._timer.start()

    def _on_source(self) -> None:
        """Another source is guessed anew."""
        self._settings = replace(self._settings, preprocess=None)
        self._timer.start()

    def _choose_folder(self) -> None:
        self._take(self._path, QFileDialog.getExistingDirectory(self, tr("Folder of images"), self._path.text()))

    def _choose_file(self) -> None:
        self._take(self._path, QFileDialog.getOpenFileName(self, tr("Arrays"), self._path.text(), "NumPy (*.npz)")[0])

    def _choose_labels(self) -> None:
        self._take(self._labels, QFileDialog.getOpenFileName(self, tr("Labels"), self._labels.text(), "CSV (*.csv)")[0])

    def _take(self, field: QLineEdit, path: str) -> None:
        if path:
            field.setText(path)
            self._on_source()


def facts_text(preview: DataPreview) -> str:
    """What a data source holds, in a sentence."""
    parts = [plural(preview.samples, "one sample ({kind})", "{count} samples ({kind})", kind=tell(preview.kind))]
    if preview.labelled:
        parts.append(plural(preview.classes, "one class", "{count} classes"))
    parts.append(
        tr("{calibration} calibrate, {evaluation} evaluate").format(
            calibration=preview.calibration, evaluation=preview.evaluation
        )
    )
    if preview.guessed:
        parts.append(tr("the preprocessing is guessed from the model: check the pictures"))
    return current().sentence(parts)


def _preview_item(sample: SamplePreview) -> QListWidgetItem:
    item = QListWidgetItem(clean_name(sample.label or sample.file, 24))
    item.setToolTip(as_tooltip(clean_name(sample.file)))
    picture = QPixmap()
    if sample.png and picture.loadFromData(QByteArray.fromBase64(sample.png.encode()), "PNG"):
        ratio = Qt.AspectRatioMode.KeepAspectRatio
        item.setIcon(QIcon(picture.scaled(PREVIEW_SIZE, PREVIEW_SIZE, ratio)))
    return item


def _path_field(nothing: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(nothing)
    field.setClearButtonEnabled(True)
    return field


def _with_buttons(field: QLineEdit, folder: object, file: object) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(field, 1)
    for text, handler in ((tr("Folder…"), folder), (tr("File…"), file)):
        if handler is not None:
            button = QPushButton(text)
            button.setObjectName(f"{field.objectName()}Choose")
            button.setAccessibleName(
                tr("{what}: choose {kind}").format(what=field.accessibleName(), kind=text.rstrip("…"))
            )
            button.setAutoDefault(False)
            button.clicked.connect(handler)
            row.addWidget(button)
    return row
