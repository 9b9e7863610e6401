"""The command palette: a line to type in, and below it all that answers."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.announcing import announce
from desktop_app.ui.palette_items import Item, chosen
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.views.labels import label

Index = QModelIndex | QPersistentModelIndex

SIZE = QSize(640, 440)
ROW_HEIGHT, MARGIN = 30, 12
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class PaletteDialog(QDialog):
    """Finds by a few letters; Return does what is chosen, arrows choose another, Escape leaves.

    Args:
        items: What can be done; what cannot be done now is found as well, with the reason.
        parent: The window.
    """

    def __init__(self, items: Sequence[Item], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setWindowTitle(tr("All commands"))
        self.resize(SIZE)
        self._every = items
        self.line = QLineEdit()
        self.line.setObjectName("paletteLine")
        self.line.setPlaceholderText(tr("Type a few letters of a command, model, preset or layer"))
        self.line.setAccessibleName(tr("Find a command"))
        self.line.setClearButtonEnabled(True)
        self._items = _Items(self)
        self.list = QListView()
        self.list.setObjectName("paletteList")
        self.list.setAccessibleName(tr("Commands found"))
        self.list.setModel(self._items)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._reason = label(quiet=True, wrap=True)
        self._reason.setObjectName("paletteReason")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        for widget in (self.line, self.list, self._reason):
            layout.addWidget(widget)
        self.line.textChanged.connect(self._find)
        self.line.installEventFilter(self)
        self.list.activated.connect(self._choose)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self._find("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the line move in the list, Return chooses from it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is self.line:
            if event.key() in MOVES:
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def found(self) -> list[Item]:
        """What the list shows, the best first."""
        return self._items.items

    def _find(self, query: str) -> None:
        self._items.show(chosen(self._every, query))
        self.list.setCurrentIndex(self._items.index(0))
        self._tell()

    def _tell(self) -> None:
        """Says why what is chosen cannot be done, or that nothing answers."""
        item = self._items.at(self.list.currentIndex())
        if item is None:
            self._reason.setText(tr("Nothing answers to these letters."))
        else:
            self._reason.setText(item.why_not or tr("Return does it, Escape leaves."))

    def _choose(self, index: Index) -> None:
        item = self._items.at(index)
        if item is None:
            return
        if item.why_not:
            announce(self, item.why_not)
            return
        self.accept()
        item.act()


class _Items(QAbstractListModel):
    """The items that answer, in their order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: list[Item] = []

    def show(self, items: list[Item]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def at(self, index: Index) -> Item | None:
        return self.items[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.at(index)
        if item is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.title
            case Qt.ItemDataRole.ToolTipRole:
                return as_tooltip(item.why_not)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ". ".join(part for part in (item.title, item.group, item.keys, item.why_not) if part)
        return None


class _Line(QStyledItemDelegate):
    """The title on the left, kind and keys on the right; quiet where it cannot be done."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        item = model.at(index) if isinstance(model, _Items) else None
        if item is None:
            return
        painter.save()
        style = QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        area: QRect = option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        metrics = QFontMetrics(option.font)
        quiet = option.palette.color(QPalette.ColorRole.PlaceholderText)
        chosen_now = bool(option.state & QStyle.StateFlag.State_Selected)
        strong = option.palette.color(QPalette.ColorRole.HighlightedText if chosen_now else QPalette.ColorRole.Text)
        beside = "   ".join(part for part in (item.group, item.keys) if part)
        beside = metrics.elidedText(beside, Qt.TextElideMode.ElideMiddle, area.width() // 2)
        painter.setPen(strong if chosen_now else quiet)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, beside)
        area.setRight(area.right() - metrics.horizontalAdvance(beside) - MARGIN)
        title = f"{item.title}  –  {item.why_not}" if item.why_not else item.title
        painter.setPen(quiet if item.why_not and not chosen_now else strong)
        shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, max(ROW_HEIGHT, QFontMetrics(option.font).height() + 12))
