"""Fields for numbers, with the room before the text that other fields have: style sheets cannot give it to these."""

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

INDENT = 6
"""Pixels between the frame and the text."""


class IntBox(QSpinBox):
    """A field for an integer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        indent(self)


class DecimalBox(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        indent(self)


def indent(box: QAbstractSpinBox, pixels: int = INDENT) -> None:
    """Gives the text of a field another distance from the frame."""
    box.lineEdit().setTextMargins(pixels, 0, 0, 0)
