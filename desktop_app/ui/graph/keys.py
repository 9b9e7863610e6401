"""What the keys do in the graph."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from desktop_app.ui import operations
from desktop_app.ui.graph.state import GraphState

if TYPE_CHECKING:
    from desktop_app.ui.graph.canvas import GraphCanvas

ZOOM_STEP = 1.25
"""Of one press, of a key or a button."""

PAN_STEP = 90
"""Pixels."""

ARROWS = {
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}


def press(canvas: "GraphCanvas", state: GraphState, event: QKeyEvent) -> bool:
    """Does what a key does on the canvas; whether it does anything."""
    key = Qt.Key(event.key()) if event.key() in set(Qt.Key) else Qt.Key.Key_unknown
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key in ARROWS:
        _arrow(canvas, state, *ARROWS[key], pan=bool(modifiers & Qt.KeyboardModifier.ControlModifier))
        return True
    return not modifiers & ~Qt.KeyboardModifier.ShiftModifier and _plain(canvas, state, key, event.text())


def _plain(canvas: "GraphCanvas", state: GraphState, key: Qt.Key, text: str) -> bool:
    """Does what a key without others does; whether it does anything."""
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        state.toggle(state.current)
    elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
        return state.close_around()
    elif key == Qt.Key.Key_Space:
        operations.toggle_locked(state.document, state.document.selection.layers)
    elif text in ("+", "="):
        canvas.zoom(ZOOM_STEP)
    elif text == "-":
        canvas.zoom(1 / ZOOM_STEP)
    elif text in ("0", "f", "F"):
        canvas.fit()
    elif text == "/":
        canvas.find_wanted.emit()
    elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and canvas.stage is not None:
        state.choose(canvas.stage.picture.scene.boxes[0 if key == Qt.Key.Key_Home else -1])
    else:
        return False
    return True


def _arrow(canvas: "GraphCanvas", state: GraphState, x: int, y: int, pan: bool) -> None:
    """Goes to the next box, or moves the graph."""
    if pan or canvas.stage is None or canvas.walk is None:
        canvas.pan(x * PAN_STEP, y * PAN_STEP)
        return
    if state.current not in canvas.stage.boxes:
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        found = canvas.walk.first_in(seen)
    else:
        found = canvas.walk.next(state.current, x, y)
    if found is not None:
        state.choose(found)
