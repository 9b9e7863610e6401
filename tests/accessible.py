"""Walks the widgets of a window or dialog and tells what a screen reader or a keyboard could not use."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from desktop_app.ui.saving import Savable

INTERACTIVE = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
               QProgressBar, QTabBar, QTextEdit, QAbstractScrollArea)  # fmt: skip


def problems(top: QWidget) -> list[str]:
    """Sentences on what is not accessible in a window: nothing, if all is well."""
    found = []
    for widget in interactive(top):
        name = name_of(widget)
        if not name:
            found.append(f"{_told(widget)} has no name")
        if isinstance(widget, QAbstractButton) and not widget.text() and not widget.accessibleName():
            found.append(f"{_told(widget)} has an icon only")
    found += [f"two controls of {scope} are called {name}" for scope, name in duplicates(top)]
    return found


def interactive(top: QWidget) -> Iterator[QWidget]:
    """The widgets on show that a user can do something with; not the parts that Qt makes of one of them."""
    for widget in top.findChildren(QWidget):
        if isinstance(widget, INTERACTIVE) and not _is_part(widget) and widget.isVisibleTo(top):
            yield widget


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a widget; on Linux, Qt tells a choice's name by its label alone."""
    if isinstance(widget, QComboBox):
        return widget.accessibleName() or _label_of(widget)
    face = QAccessible.queryAccessibleInterface(widget)
    return face.text(QAccessible.Text.Name).strip() if face is not None else widget.accessibleName()


def _label_of(widget: QWidget) -> str:
    return next((one.text() for one in widget.window().findChildren(QLabel) if one.buddy() is widget), "")


def duplicates(top: QWidget) -> list[tuple[str, str]]:
    """Names that several controls of the same kind below the same parent have."""
    counted: Counter[tuple[int, str, str, str]] = Counter()
    for widget in interactive(top):
        parent = widget.parentWidget()
        if parent is not None and widget.isVisibleTo(parent):
            counted[id(parent), _told(parent), type(widget).__name__, name_of(widget)] += 1
    return [(scope, name) for (_, scope, _, name), count in counted.items() if count > 1 and name]


def without_visible_focus(top: QWidget) -> list[str]:
    """Controls whose picture is the same with the focus and without it."""
    found = []
    top.activateWindow()
    for widget in interactive(top):
        shown = widget.isVisible() and widget.isEnabled() and not widget.visibleRegion().isEmpty()
        if not shown or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        top.setFocus()
        QApplication.processEvents()
        focused = QApplication.focusWidget()
        if focused is not None:
            focused.clearFocus()
        before = _picture(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if widget.hasFocus() and _picture(widget) == before:
            found.append(_told(widget))
    return found


def out_of_order(top: QWidget) -> list[str]:
    """Pairs of controls of which Tab reaches the first before the other, though it is read after it.

    Reading goes by lines from the top, and within a line from the left; a control that is beside several lines belongs
    to where it begins. Parts that scroll or fold, and columns beside each other, are read each for itself.
    """
    stops = tab_stops(top)
    return [f"{_told(one)} before {_told(other)}" for one, other in pairwise(stops) if _is_above(other, one)]


def tab_stops(top: QWidget) -> list[QWidget]:
    """The controls of a window that Tab reaches, in its order, the first of them the one that is read first."""
    found, widget = list[QWidget](), top.nextInFocusChain()
    while widget is not top and widget is not None:
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        if reached and widget.window() is top and not _is_part(widget) and widget.focusProxy() is None:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def _is_above(one: QWidget, other: QWidget) -> bool:
    """Whether a control is read before another: it ends above it, or stands left of it in the same line."""
    first, second = _area(one), _area(other)
    if first.left() >= second.right() or second.left() >= first.right():
        in_line = first.top() < second.bottom() and second.top() < first.bottom()
        return in_line and first.right() <= second.left()
    return first.bottom() <= second.top()


def _area(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def has_table(plot: QWidget) -> bool:
    """Whether what a plot draws can be had as a table: that of the nearest view around it that can be saved."""
    widget: QWidget | None = plot
    while widget is not None:
        known = [one for one in widget.children() if isinstance(one, Savable)]
        if known:
            return any(one.has_table for one in known)
        widget = widget.parentWidget()
    return False


def _picture(widget: QWidget) -> bytes:
    """The widget as it is painted; a line without its blinking cursor."""
    QApplication.processEvents()
    grabbed: QPixmap = widget.grab()
    return bytes(grabbed.toImage().constBits())


def _is_part(widget: QWidget) -> bool:
    """Whether Qt made the widget as a part of another: scroll bars, viewports, fields of spin boxes, tool buttons."""
    if widget.objectName().startswith("qt_") or isinstance(widget, (QScrollBar, QHeaderView, QDialogButtonBox)):
        return True
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QComboBox, QAbstractSpinBox, QLineEdit, QTabBar)):
            return True
        parent = parent.parentWidget()
    above = widget.parentWidget()
    return isinstance(above, QAbstractItemView) and not isinstance(widget, QAbstractItemView)


def _told(widget: QWidget) -> str:
    parent = widget.parentWidget()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    names = f"{type(widget).__name__} {widget.objectName()} {text}".strip()
    return f"{names} in {type(parent).__name__} {parent.objectName()}".strip() if parent is not None else names
