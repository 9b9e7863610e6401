"""What stands around an opened model: tree, results, inspector, and the predicted line below them.

What the tabs behind the results show is made when it is wanted.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.inspector import Inspector
from desktop_app.ui.views.late import LateTab
from desktop_app.ui.views.predicted import PredictedBar
from desktop_app.ui.views.recover import RecoverPanel
from desktop_app.ui.views.results import ResultsView
from desktop_app.ui.views.tree_panel import TreePanel

if TYPE_CHECKING:
    from desktop_app.ui.graph.panel import GraphView
    from desktop_app.ui.views.compare import CompareView
    from desktop_app.ui.views.search import SearchView
    from desktop_app.ui.views.tradeoff import TradeOffView

SPLIT = (528, 504, 248)
LEAST_RIGHT = 220
"""What the knobs of a layer and their titles need side by side."""


class Workspace(QWidget):
    """Lays the views out side by side; the tree's selection is the inspector's."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace")
        self._session = session
        # The parts from the outside in: whatever gets another parent, its style is asked for again, and that of all
        # that is in it.
        self.splitter = QSplitter(self)
        self.splitter.setChildrenCollapsible(False)
        self.tree_panel = TreePanel(session.document, self.splitter)
        self.tree = self.tree_panel.tree
        self.tabs = QTabWidget(self.splitter)
        right = QWidget(self.splitter)
        self.inspector = Inspector(session.document, session.looks, right)
        self.recover = RecoverPanel(session.document, right)
        self.results = ResultsView(session.live, self.tabs)
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName(tr("Results and comparison"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.results, tr("Results"))
        self.late_tradeoff = LateTab(self.tabs, "tradeOff", tr("Trade-off"), self._make_tradeoff)
        self.late_compare = LateTab(self.tabs, "compare", tr("Compare"), self._make_compare)
        self.late_graph = LateTab(self.tabs, "graphView", tr("Graph"), self._make_graph)
        self.late_search = LateTab(self.tabs, "search", tr("Search"), self._make_search)
        self.tabs.currentChanged.connect(self._on_tab)
        for widget, width in zip((self.tree_panel, self.tabs, right), map(scaled, SPLIT), strict=True):
            self.splitter.addWidget(widget)
            widget.setMinimumWidth(width // 2)
        right.setMinimumWidth(scaled(LEAST_RIGHT))
        self.splitter.setSizes([scaled(width) for width in SPLIT])
        self.splitter.setStretchFactor(1, 1)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.inspector, 1)
        column.addWidget(self.recover)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(PredictedBar(session))
        session.document.selection.changed.connect(self.inspector.show_layers)
        self.inspector.show_layers(session.document.selection.layers)
        session.live.started.connect(self._show_results)
        self._search = session.search
        self._search.started.connect(self._show_search)

    @property
    def tradeoff(self) -> "TradeOffView":
        """The tab on which runs are weighed."""
        return self.late_tradeoff.view

    @property
    def compare(self) -> "CompareView":
        """The tab on which layers are compared."""
        return self.late_compare.view

    @property
    def graph(self) -> "GraphView":
        """The tab with the model's graph."""
        return self.late_graph.view

    @property
    def search(self) -> "SearchView":
        """The tab on which a search is watched."""
        return self.late_search.view

    def make_late(self, names: Iterable[str]) -> None:
        """Makes the views of these names, if they are late ones."""
        for tab in self._late():
            if tab.name in names:
                _ = tab.view

    def late_memories(self) -> dict[str, Any]:
        """What views that are not made yet are to remember."""
        return {tab.name: tab.memory for tab in self._late() if not tab.made and tab.memory is not None}

    def recall_late(self, memories: Mapping[str, Any]) -> None:
        """Gives views that are not made yet something to remember."""
        for tab in self._late():
            if not tab.made:
                tab.memory = memories.get(tab.name)

    def memory(self) -> tuple[QByteArray, int]:
        """How wide the parts are, and which tab is shown."""
        return self.splitter.saveState(), self.tabs.currentIndex()

    def recall(self, memory: tuple[QByteArray, int]) -> None:
        """Takes widths and tab over."""
        state, tab = memory
        self.splitter.restoreState(state)
        self.tabs.setCurrentIndex(tab)

    def _show_search(self) -> None:
        self.late_search.open()

    def _show_results(self) -> None:
        self.tabs.setCurrentWidget(self.results)

    def _late(self) -> tuple[LateTab[Any], ...]:
        return self.late_tradeoff, self.late_compare, self.late_graph, self.late_search

    def _on_tab(self) -> None:
        for tab in self._late():
            tab.on_opened(self.tabs.currentWidget())

    def _make_tradeoff(self) -> "TradeOffView":
        from desktop_app.ui.views.tradeoff import TradeOffView

        return TradeOffView(self._session)

    def _make_compare(self) -> "CompareView":
        from desktop_app.ui.views.compare import CompareView

        return CompareView(self._session.document)

    def _make_graph(self) -> "GraphView":
        from desktop_app.ui.graph.panel import GraphView

        return GraphView(self._session)

    def _make_search(self) -> "SearchView":
        from desktop_app.ui.views.search import SearchView

        return SearchView(self._session)
