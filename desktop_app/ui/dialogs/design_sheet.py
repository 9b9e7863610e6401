"""What has come of a design: the student's figures beside the original's, and what it looks like."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.ui.designing.words import LEGEND, Sheet
from desktop_app.ui.icons import tinted
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font, signal_colour
from desktop_app.ui.views.labels import breakable, label, unbroken

SIGN = 18
"""Pixels."""


class DesignSheet(QWidget):
    """Shows a `Sheet`."""

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        verdict = label("\n".join(map(unbroken, sheet.verdict)), heading=True, wrap=True)
        verdict.setObjectName("designVerdict")
        architecture = label(whole_stages(sheet.architecture), wrap=True)
        architecture.setObjectName("designArchitecture")
        architecture.setFont(numbers_font(architecture.font()))
        architecture.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        notes = label(breakable("\n".join(sheet.notes)), quiet=True, wrap=True)
        notes.setObjectName("designNotes")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        line = QHBoxLayout()
        line.addWidget(_Sign(sheet.kept), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(verdict, 1)
        layout.addLayout(line)
        layout.addWidget(_figures(sheet))
        layout.addWidget(label(tr("Architecture"), heading=True))
        layout.addWidget(architecture)
        layout.addWidget(label(tr(LEGEND), quiet=True, wrap=True))
        layout.addWidget(notes)


class _Sign(QLabel):
    """Whether the limits are kept."""

    def __init__(self, kept: bool) -> None:
        super().__init__()
        self._kept = kept
        self.setAccessibleName(tr("All limits are kept") if kept else tr("A limit is not kept"))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        name, colour = ("check", "good") if self._kept else ("warning", "warn")
        self.setPixmap(tinted(name, signal_colour(colour)).pixmap(SIGN, SIGN))


def _figures(sheet: Sheet) -> QFrame:
    """A line for each figure: what it is, the original's, the student's."""
    card = QFrame()
    card.setObjectName("card")
    grid = QGridLayout(card)
    grid.setContentsMargins(12, 10, 12, 10)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(3, 1)
    for column, title in enumerate((tr("Original"), tr("Student")), start=1):
        grid.addWidget(_right(label(title, quiet=True)), 0, column)
    for place, row in enumerate(sheet.rows, start=1):
        grid.addWidget(label(row.title, quiet=True), place, 0)
        for column, text in enumerate((row.original, row.student), start=1):
            grid.addWidget(_right(label(text)), place, column)
    return card


def _right(cell: QLabel) -> QLabel:
    cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    cell.setFont(numbers_font(cell.font()))
    return cell


def whole_stages(architecture: str) -> str:
    """The line, which is only broken between stages."""
    return " | ".join(part.replace(" ", "\u00a0").replace("/", "/\u2060") for part in architecture.split(" | "))
