"""How images become inputs, as fields to edit."""

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from desktop_app.core.data import Preprocess
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.views.number_boxes import DecimalBox, IntBox

NUMBERS = r"\s*-?\d+(\.\d+)?(\s*[,; ]\s*-?\d+(\.\d+)?)*\s*"
MAX_PIXELS = 8192


class PreprocessForm(QWidget):
    """The fields of a `Preprocess`.

    Signals:
        edited: The user changed a field.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resize = _pixels(tr("as it is"))
        self._crop_height, self._crop_width = _pixels(tr("all")), _pixels(tr("as high"))
        self._scale = DecimalBox()
        self._scale.setRange(0.001, 65535.0)
        self._scale.setDecimals(3)
        self._mean, self._std = _numbers(), _numbers()
        self._color, self._layout = _choice("rgb", "bgr", "gray"), _choice("nchw", "nhwc")
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        rows = (
            (tr("Resize short side to"), self._resize, tr("In pixels, before the crop")),
            (tr("Crop height"), self._crop_height, tr("Of the middle of the image, in pixels")),
            (tr("Crop width"), self._crop_width, tr("Of the middle of the image, in pixels")),
            (tr("Divide pixels by"), self._scale, tr("255 makes values from 0 to 1")),
            (tr("Subtract mean"), self._mean, tr("One number, or one for each channel")),
            (tr("Divide by std"), self._std, tr("One number, or one for each channel")),
            (tr("Colour order"), self._color, tr("In which order the model reads the channels")),
            (tr("Layout"), self._layout, tr("Whether channels come before or after height and width")),
        )
        for title, field, tip in rows:
            field.setToolTip(as_tooltip(tip))
            field.setAccessibleName(title)
            form.addRow(title, field)
        for spin in (self._resize, self._crop_height, self._crop_width, self._scale):
            spin.valueChanged.connect(self.edited)
        for line in (self._mean, self._std):
            line.textEdited.connect(self.edited)
        for box in (self._color, self._layout):
            box.activated.connect(self.edited)

    def show_value(self, value: Preprocess) -> None:
        """Fills the fields without telling anybody."""
        blocked = self.blockSignals(True)
        height, width = value.crop if isinstance(value.crop, tuple) else (value.crop, None)
        self._resize.setValue(value.resize or 0)
        self._crop_height.setValue(height or 0)
        self._crop_width.setValue(width or 0)
        self._scale.setValue(value.scale)
        self._mean.setText(_joined(value.mean))
        self._std.setText(_joined(value.std))
        self._color.setCurrentText(value.color)
        self._layout.setCurrentText(value.layout)
        self.blockSignals(blocked)

    def value(self) -> Preprocess:
        """What stands in the fields."""
        height, width = self._crop_height.value(), self._crop_width.value()
        return Preprocess(
            resize=self._resize.value() or None,
            crop=None if not height else (height, width) if width and width != height else height,
            scale=self._scale.value(),
            mean=_parsed(self._mean.text(), (0.0,)),
            std=_parsed(self._std.text(), (1.0,)),
            color=self._color.currentText(),  # type: ignore[arg-type]  # one of the texts given to the box
            layout=self._layout.currentText(),  # type: ignore[arg-type]
        )


def _pixels(nothing: str) -> QSpinBox:
    field = IntBox()
    field.setRange(0, MAX_PIXELS)
    field.setSpecialValueText(nothing)
    field.setSuffix(" px")
    return field


def _numbers() -> QLineEdit:
    field = QLineEdit()
    field.setValidator(QRegularExpressionValidator(QRegularExpression(NUMBERS), field))
    return field


def _choice(*texts: str) -> QComboBox:
    box = QComboBox()
    box.addItems(texts)
    return box


def _joined(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _parsed(text: str, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    numbers = text.replace(",", " ").replace(";", " ").split()
    return tuple(float(number) for number in numbers) or otherwise
