"""A tab whose view is made when it is first wanted: most starts want none of them before the first picture is drawn."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QTabWidget, QWidget

from desktop_app.ui.memory import Remembers

V = TypeVar("V", bound=QWidget)


class LateTab(Generic[V]):
    """Adds a tab with nothing in it, and puts the view into its place once somebody opens it or asks for the view.

    Args:
        tabs: Where it stands.
        name: The object name that the view will have, by which what it is to remember is found.
        title: What stands on the tab.
        make: Makes the view.
    """

    def __init__(self, tabs: QTabWidget, name: str, title: str, make: Callable[[], V]) -> None:
        self.name = name
        self._tabs, self._title, self._make = tabs, title, make
        self._then: list[Callable[[V], None]] = []
        self._view: V | None = None
        self.memory: Any = None
        """What the view is to remember once it is made; None for nothing."""
        self._place = QWidget()
        tabs.addTab(self._place, title)

    @property
    def made(self) -> bool:
        """Whether the view is there."""
        return self._view is not None

    @property
    def view(self) -> V:
        """The view; made now where it is not there."""
        if self._view is None:
            self._view = view = self._make()
            self._put(view)
            for furnish in self._then:
                furnish(view)
            if self.memory is not None:
                cast("Remembers", view).recall(self.memory)
        return self._view

    def when_made(self, furnish: Callable[[V], None]) -> None:
        """Has something done to the view as soon as it is there."""
        self._then.append(furnish)
        if self._view is not None:
            furnish(self._view)

    def open(self) -> None:
        """Shows the tab."""
        self._tabs.setCurrentWidget(self.view)

    def on_opened(self, page: QWidget | None) -> None:
        """Makes the view if that is its tab: to be told which page the tabs show now."""
        if self._view is None and page is self._place:
            _ = self.view

    def _put(self, view: QWidget) -> None:
        """Exchanges the pages; for all others it is the same tab as before."""
        tabs, place = self._tabs, self._tabs.indexOf(self._place)
        shown = tabs.currentIndex() == place
        with QSignalBlocker(tabs):
            tabs.insertTab(place, view, self._title)
            if shown:
                tabs.setCurrentIndex(place)
            tabs.removeTab(place + 1)
        self._place.deleteLater()
