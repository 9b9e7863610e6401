"""The parts of the window that F6 walks through, so that nobody has to press Tab fifty times."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def step_focus(parts: Sequence[QWidget | None], step: int) -> QWidget | None:
    """Gives the focus to the part after (or before) the one that has it; parts that are hidden are passed over.

    Returns:
        The widget that has the focus now; None where no part takes it.
    """
    shown = [part for part in parts if part is not None and part.isVisible()]
    focused = QApplication.focusWidget()
    at = next((place for place, part in enumerate(shown) if _holds(part, focused)), None)
    start = (-1 if step > 0 else 0) if at is None else at
    for distance in range(1, len(shown) + 1):
        target = _first(shown[(start + step * distance) % len(shown)])
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return target
    return None


def _first(part: QWidget) -> QWidget | None:
    """The first widget in a part that Tab would stop at."""
    widget: QWidget | None = part
    seen: set[QWidget] = set()
    while widget is not None and widget not in seen:
        seen.add(widget)
        if (
            _holds(part, widget)
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisible()
            and widget.isEnabled()
        ):
            return widget
        widget = widget.nextInFocusChain()
    return None


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))
