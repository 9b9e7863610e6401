"""How cells are drawn and edited: each knob has its editor, and a number may have a bar behind it."""

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QRegularExpression,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QRegularExpressionValidator, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.core.language import current
from desktop_app.core.settings import BITS, STRUCTURES
from desktop_app.ui.items.cells import Cell, rank_text, structure_text
from desktop_app.ui.items.roles import BAR_ROLE, CELL_ROLE, HEAT_ROLE
from desktop_app.ui.items.tree_model import LayerTreeModel
from desktop_app.ui.text import as_tooltip, tell, tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.number_boxes import DecimalBox, indent

Index = QModelIndex | QPersistentModelIndex

MAX_PRUNE = 0.95
RANK_PATTERN = r"\s*|[1-9]\d{0,5}|0?\.\d{1,4}|1\.0|\d{1,2}(\.\d)?\s?%"


class CellDelegate(QStyledItemDelegate):
    """Asks the model once for all that is drawn of a cell: Qt asks six times, which is most of what scrolling costs."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, LayerTreeModel):
            super().initStyleOption(option, index)
            return
        drawn = model.drawn(index)
        if isinstance(index, QModelIndex):
            option.index = index
        option.displayAlignment = drawn.alignment
        if drawn.text:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDisplay
            option.text = drawn.text
        if drawn.font is not None:
            option.font = drawn.font
            option.fontMetrics = QFontMetrics(drawn.font)
        if drawn.quiet:
            option.palette.setBrush(QPalette.ColorRole.Text, option.palette.brush(QPalette.ColorRole.PlaceholderText))
        if drawn.icon is not None:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.icon = drawn.icon
            option.decorationSize = drawn.icon.actualSize(option.decorationSize)


class KnobDelegate(CellDelegate):
    """Base of the editors: tells the view which value the user entered at which row.

    Signals:
        entered: Index and value; the view applies it to every selected row.
    """

    entered = Signal(object, object)

    def value_of(self, editor: QWidget) -> object:
        """What stands in the editor, as a setting."""
        raise NotImplementedError

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        self.entered.emit(index, self.value_of(editor))


class PruneDelegate(KnobDelegate):
    """A percentage of channels to remove."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = prune_editor(parent)
        indent(editor, 0)
        editor.setFrame(False)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QDoubleSpinBox):
            value = index.data(Qt.ItemDataRole.EditRole)
            editor.setValue(100 * value if isinstance(value, (int, float)) else 0.0)
            editor.selectAll()

    def value_of(self, editor: QWidget) -> object:
        if not isinstance(editor, QDoubleSpinBox):
            raise TypeError(editor)
        editor.interpretText()
        return round(editor.value() / 100, 4)


class RankDelegate(KnobDelegate):
    """A rank: a number, a share, or nothing."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = rank_editor(parent)
        editor.setFrame(False)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(rank_text(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def value_of(self, editor: QWidget) -> object:
        if not isinstance(editor, QLineEdit):
            raise TypeError(editor)
        return parse_rank(editor.text())


class ChoiceDelegate(KnobDelegate):
    """One of a few values."""

    choices: tuple[object, ...]

    def text_of(self, choice: object) -> str:
        """How the user reads a value."""
        return str(choice)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QComboBox(parent)
        editor.setFrame(False)
        editor.addItems([self.text_of(choice) for choice in self.choices])
        editor.activated.connect(lambda: self._done(editor))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            cell = index.data(CELL_ROLE)
            if isinstance(cell, Cell):
                switch_choices(editor, [cell.choices.get(choice, "") for choice in self.choices])
            editor.setCurrentText(self.text_of(index.data(Qt.ItemDataRole.EditRole)))

    def value_of(self, editor: QWidget) -> object:
        if not isinstance(editor, QComboBox):
            raise TypeError(editor)
        return self.choices[editor.currentIndex()]

    def _done(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)


class BitsDelegate(ChoiceDelegate):
    """One of the widths in which weights can be stored."""

    choices = BITS


class StructureDelegate(ChoiceDelegate):
    """What a layer can become."""

    choices = STRUCTURES

    def text_of(self, choice: object) -> str:
        """How the user reads a structure."""
        return structure_text(choice)


class BarDelegate(CellDelegate):
    """A share drawn as a bar behind its number, so that the costly rows catch the eye."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        share = index.data(BAR_ROLE) or 0.0
        if share > 0:
            colour = QColor(QApplication.palette().color(QPalette.ColorRole.Accent))
            colour.setAlpha(60)
            area = QRectF(option.rect).adjusted(3, 4, -3, -4)
            area.setWidth(area.width() * min(share, 1.0))
            painter.fillRect(area, colour)
        super().paint(painter, option, index)


def switch_choices(box: QComboBox, why_not: Sequence[str]) -> None:
    """Switches those entries off that cannot be chosen, each with the reason as its tooltip."""
    model = box.model()
    if isinstance(model, QStandardItemModel):
        for place, reason in enumerate(why_not):
            model.item(place).setEnabled(not reason)
            model.item(place).setToolTip(as_tooltip(tell(reason)))


class HeatDelegate(CellDelegate):
    """A figure on a ground that is the warmer the hotter the row is; the width of the ground tells it, too."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        share = index.data(HEAT_ROLE)
        if share is None:
            super().paint(painter, option, index)
            return
        plain = QStyleOptionViewItem(option)
        if option.state & QStyle.StateFlag.State_Selected:  # its own ground would cover the heat
            painter.fillRect(option.rect, option.palette.brush(QPalette.ColorRole.Highlight))
            colour = option.palette.color(QPalette.ColorRole.HighlightedText)
            plain.palette.setColor(QPalette.ColorRole.Text, colour)
            plain.state &= ~QStyle.StateFlag.State_Selected
        area = QRectF(option.rect).adjusted(2, 1, -2, -1)
        area.setLeft(area.right() - area.width() * max(share, 0.04))
        painter.fillRect(area, heat_colour(share))
        super().paint(painter, plain, index)


def heat_colour(share: float) -> QColor:
    """The ground behind a figure: faint where it is cold, the warm colour of the theme where it is hot."""
    colour = QColor(signal_colour("bad"))
    colour.setAlpha(round(24 + 126 * min(max(share, 0.0), 1.0)))
    return colour


def prune_editor(parent: QWidget) -> QDoubleSpinBox:
    """A field for the share of channels to remove, in percent."""
    editor = DecimalBox(parent)
    editor.setRange(0.0, 100 * MAX_PRUNE)
    editor.setDecimals(1)
    editor.setSingleStep(5.0)
    editor.setSuffix(current().percent)
    editor.setAccessibleName(tr("Share of channels to remove"))
    return editor


def rank_editor(parent: QWidget) -> QLineEdit:
    """A field for a rank."""
    editor = QLineEdit(parent)
    editor.setValidator(QRegularExpressionValidator(QRegularExpression(RANK_PATTERN), editor))
    editor.setPlaceholderText(tr("whole"))
    editor.setAccessibleName(tr("Rank"))
    return editor


def parse_rank(text: str) -> float | int | None:
    """A rank as typed: blank is None, `12` the rank itself, `0.5` or `50 %` a share of the full rank."""
    text = text.strip()
    if not text:
        return None
    if text.endswith("%"):
        share = float(text[:-1]) / 100
        return share if share > 0 else None
    if re.fullmatch(r"\d+", text):
        return int(text)
    share = float(text)
    return share if share > 0 else None
