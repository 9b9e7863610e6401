"""A tab whose view is made when it is wanted is the same tab as before."""

import pytest
from PySide6.QtWidgets import QLabel, QTabWidget

from desktop_app.ui.views.late import LateTab


@pytest.fixture
def tabs(qtbot) -> QTabWidget:
    shown = QTabWidget()
    qtbot.addWidget(shown)
    shown.addTab(QLabel("first"), "First")
    shown.show()
    return shown


def late(tabs: QTabWidget, made: list[str]) -> LateTab[QLabel]:
    def make() -> QLabel:
        made.append("made")
        return QLabel("late")

    tab = LateTab(tabs, "late", "Late", make)
    tabs.currentChanged.connect(lambda: tab.on_opened(tabs.currentWidget()))
    tabs.addTab(QLabel("last"), "Last")
    return tab


def test_it_is_made_when_it_is_opened_and_stays_where_it_was(tabs):
    made: list[str] = []
    tab = late(tabs, made)
    tabs.setCurrentIndex(2)
    assert made == []
    tabs.setCurrentIndex(1)
    assert made == ["made"]
    assert tabs.currentWidget() is tab.view
    assert tab.view.isVisible()
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["First", "Late", "Last"]


def test_whoever_asks_for_the_view_changes_no_tab(tabs):
    made: list[str] = []
    tab, told = late(tabs, made), []
    tabs.currentChanged.connect(told.append)
    assert tab.view is tab.view
    assert (made, told, tabs.currentIndex(), tabs.count()) == (["made"], [], 0, 3)


def test_what_is_to_be_done_to_the_view_is_done_once_before_or_after(tabs):
    furnished: list[str] = []
    tab = late(tabs, [])
    tab.when_made(lambda view: furnished.append(f"before {view.text()}"))
    assert furnished == []
    tab.open()
    tab.when_made(lambda view: furnished.append(f"after {view.text()}"))
    assert furnished == ["before late", "after late"]
    assert tabs.currentWidget() is tab.view


class Remembering(QLabel):
    """A view that keeps something."""

    def memory(self) -> str:
        return self.text()

    def recall(self, memory: str) -> None:
        self.setText(memory)


def test_what_it_is_to_remember_waits_for_the_view(tabs):
    tab = LateTab(tabs, "late", "Late", Remembering)
    tab.memory = "as it was"
    assert not tab.made
    assert tab.view.text() == "as it was"
