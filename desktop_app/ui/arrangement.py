"""How the user has arranged a window, as a value that can be written to a file, and a window arranged by it."""

import logging
from typing import Any, get_type_hints

import msgspec
from PySide6.QtCore import QByteArray, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from desktop_app.ui.memory import Memory, Remembers, make_late, remembering
from desktop_app.ui.recovery.kept import ViewState

GRIP = 120
"""So much of a window's title must be on a screen, to take hold of it."""
TITLE_HEIGHT = 20
PASSING = ("messageBar",)
"""Views whose memory is for a change of the language only."""


def arrangement(window: QMainWindow) -> ViewState:
    """How the window is arranged now."""
    views = {name: _encoded(memory) for name, memory in Memory.of(window).views.items() if name not in PASSING}
    return ViewState(views, _text(window.saveState()), _text(window.saveGeometry()))


def arrange(window: QMainWindow, state: ViewState) -> None:
    """Arranges the window as it was, as far as it has what there was."""
    if state.geometry:
        window.restoreGeometry(_bytes(state.geometry))
    bring_onto_a_screen(window)
    make_late(window, state.views)
    read = {name: _decoded(state.views[name], view) for name, view in remembering(window) if name in state.views}
    views = {name: value for name, value in read.items() if value is not None}
    Memory(views, _bytes(state.places), focus="").give_to(window)


def bring_onto_a_screen(window: QMainWindow) -> None:
    """Moves a window that no screen shows any more, since one was taken away, to the middle of the first."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    moved = placed(window.frameGeometry(), screens)
    if moved != window.frameGeometry():
        window.resize(moved.size())
        window.move(moved.topLeft())


def placed(frame: QRect, screens: list[QRect]) -> QRect:
    """Where a window's frame is to be: as it is if a hand can take its title, else in the middle of the first screen.

    Args:
        frame: The window with its frame.
        screens: The room for windows on every screen, the main one first.
    """
    title = QRect(frame.topLeft(), frame.topRight())
    title.setHeight(TITLE_HEIGHT)
    seen = (screen.intersected(title) for screen in screens)
    if not screens or any(one.isValid() and one.width() >= min(GRIP, frame.width()) for one in seen):
        return frame
    moved = QRect(frame.topLeft(), frame.size().boundedTo(screens[0].size()))
    moved.moveCenter(screens[0].center())
    return moved


def _encoded(memory: Any) -> str:
    return msgspec.json.encode(memory, enc_hook=_as_text).decode("utf-8")


def _decoded(text: str, view: Remembers) -> Any:
    """What a view kept, in the type that its `memory` returns; None where a program of another version wrote it."""
    kind = get_type_hints(type(view).memory)["return"]
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_from_text)
    except msgspec.DecodeError:
        logging.getLogger(__name__).info("%s was arranged by another version", type(view).__name__)
        return None


def _as_text(value: Any) -> str:
    if isinstance(value, QByteArray):
        return _text(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be kept")


def _from_text(kind: type, text: Any) -> Any:
    if kind is QByteArray and isinstance(text, str):
        return _bytes(text)
    raise NotImplementedError(f"{kind.__name__} cannot be kept")


def _text(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode("ascii", "ignore")))
