"""What the views hold that the document does not know, carried over when they are made anew.

A view that has something to keep (what is open, scrolled, typed) has the two methods of `Remembers` and an object name
of its own; nobody has to register it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow, QWidget


class Remembers(Protocol):
    """A view that carries something over to the view that takes its place."""

    def memory(self) -> Any:
        """What to keep: a value, nothing that belongs to the view."""

    def recall(self, memory: Any) -> None:
        """Takes over what the view before this one kept."""


class MakesLate(Protocol):
    """What holds views that are made when they are first wanted."""

    def make_late(self, names: Iterable[str]) -> None:
        """Makes those of these names."""

    def late_memories(self) -> Mapping[str, Any]:
        """What those are to remember that are not made yet."""

    def recall_late(self, memories: Mapping[str, Any]) -> None:
        """Gives those that are not made yet something to remember."""


@dataclass(frozen=True)
class Memory:
    """What all views of a window keep, where bars and docks stand, and which widget has the keys (its name)."""

    views: Mapping[str, Any]
    places: QByteArray
    focus: str

    @classmethod
    def of(cls, window: QMainWindow) -> "Memory":
        """What is to be kept of a window's views."""
        focused = window.focusWidget()
        views = {name: view.memory() for name, view in remembering(window)}
        for holder in _late(window):
            views.update(holder.late_memories())
        return cls(views, window.saveState(), focused.objectName() if focused else "")

    def give_to(self, window: QMainWindow) -> None:
        """Gives it to the views that stand in the window now."""
        window.restoreState(self.places)
        for holder in _late(window):
            holder.recall_late(self.views)
        for name, view in remembering(window):
            if name in self.views:
                view.recall(self.views[name])
        focused = window.findChild(QWidget, self.focus) if self.focus else None
        if focused is not None:
            focused.setFocus()


def make_late(window: QMainWindow, names: Iterable[str]) -> None:
    """Has the views of these names made that would be made when they are first wanted: they are to take something."""
    for holder in _late(window):
        holder.make_late(names)


def remembering(window: QMainWindow) -> Iterator[tuple[str, Remembers]]:
    """The views that keep something, and their names."""
    for widget in _with(window, "memory", "recall"):
        yield widget.objectName(), cast("Remembers", widget)


def _late(window: QMainWindow) -> list[MakesLate]:
    return [cast("MakesLate", widget) for widget in _with(window, "make_late")]


def _with(window: QMainWindow, *methods: str) -> Iterator[QWidget]:
    """The widgets that have these methods; every class is asked once, for to ask every widget takes 5 ms."""
    has: dict[type[QWidget], bool] = {}
    for widget in window.findChildren(QWidget):
        kind = type(widget)
        if kind not in has:
            has[kind] = all(hasattr(kind, one) for one in methods)
        if has[kind]:
            yield widget
