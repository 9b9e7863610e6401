"""A language in which every text of the catalogue stands between marks: what stands outside of them was forgotten."""

import html
import re
from collections.abc import Iterator
from string import Formatter

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QTableView,
    QTabWidget,
    QTreeView,
    QWidget,
)

from desktop_app.core.language import Catalogue, catalogue_of

MARKED = re.compile(r"⟦[^⟦⟧]*(⟧|$)")
WORDS = re.compile(r"[^\W\d_]{2,}")
UNITS = frozenset(
    (
        *("MB", "kB", "GB", "MAC", "MMAC", "GMAC", "kMAC", "ms", "us", "dB", "px", "min", "nan"),
        *("CPU", "AVX", "VNNI", "NEON"),
    )
)
KEYS = re.compile(
    r"\b(Ctrl|Shift|Alt|Space|Esc|Del|Return|Enter|Tab|Ins|Home|End|Menu|PgUp|PgDown|Up|Down|Left|Right)\b"
)


def pseudo_language() -> Catalogue:
    """The catalogue of all texts that have an entry in Chinese."""
    return Catalogue("pseudo", {text: _marked(text) for text in catalogue_of("zh_CN").entries}, counts=False)


def _marked(text: str) -> str:
    """What a text says itself in marks, its placeholders outside."""
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        escaped = literal.replace("{", "{{").replace("}", "}}")
        parts.append(f"⟦{escaped}⟧" if any(letter.isalpha() for letter in literal) else escaped)
        parts.append("" if name is None else f"{{{name}}}")
    return "".join(parts)


def forgotten(text: str, data: frozenset[str]) -> list[str]:
    """The words of a text that stand outside of marks, and are neither data nor units nor keys."""
    plain = html.unescape(re.sub(r"<[^>]*>", " ", text)) if text.startswith("<qt>") else text
    plain = re.sub(r"\S*/\S*/\S*", "", plain)  # paths
    left = KEYS.sub("", MARKED.sub("", MARKED.sub("", plain)).replace("\u200b", "").replace("&", ""))
    return [word for word in WORDS.findall(left) if word not in UNITS and word not in data]


def shown_texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """Where a text is shown, and the text: everything in a window that a user reads or hears."""
    for widget in (one for one in (root, *root.findChildren(QWidget)) if not _is_of_qt(one)):
        where = f"{type(widget).__name__} {widget.objectName()}"
        named = (widget.windowTitle(), widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        yield from ((where, text) for text in (*named, *_content(widget)))
    for action in (one for one in root.findChildren(QAction) if one.associatedObjects()):
        yield from ((f"action {action.objectName()}", text) for text in (action.text(), action.toolTip()))


def _is_of_qt(widget: QWidget) -> bool:
    """Whether Qt, or who draws the plots, has made the widget and translates it."""
    box = widget.parent()
    if isinstance(box, QDialogButtonBox) and isinstance(widget, QAbstractButton):
        return box.standardButton(widget) != QDialogButtonBox.StandardButton.NoButton
    return widget.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))


def _content(widget: QWidget) -> Iterator[str]:
    match widget:
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QGroupBox() | QMenu():
            yield widget.title()
        case QTabWidget():
            yield from (widget.tabText(place) for place in range(widget.count()))
            yield from (widget.tabToolTip(place) for place in range(widget.count()))
        case QComboBox():
            yield widget.placeholderText()
            for place in range(widget.count()):
                yield widget.itemText(place)
                yield str(widget.itemData(place, Qt.ItemDataRole.ToolTipRole) or "")
        case QSpinBox() | QDoubleSpinBox():
            yield from (widget.suffix(), widget.prefix(), widget.specialValueText())
        case QAbstractSpinBox():
            yield widget.text()
        case QLineEdit():
            yield widget.placeholderText()
        case QPlainTextEdit():
            yield widget.toPlainText()
        case QTableView() | QTreeView():
            yield from _cells(widget)


def _cells(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    roles = (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
    for column in range(model.columnCount() if model else 0):
        for role in roles:
            yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
            for row in range(model.rowCount()):
                yield str(model.index(row, column).data(role) or "")
