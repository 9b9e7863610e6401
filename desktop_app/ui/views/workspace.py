"""What stands around an opened model: tree, results, inspector, and the predicted line below them."""

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop_app.ui.graph.panel import GraphView
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.compare import CompareView
from desktop_app.ui.views.inspector import Inspector
from desktop_app.ui.views.predicted import PredictedBar
from desktop_app.ui.views.recover import RecoverPanel
from desktop_app.ui.views.results import ResultsView
from desktop_app.ui.views.search import SearchView
from desktop_app.ui.views.tradeoff import TradeOffView
from desktop_app.ui.views.tree_panel import TreePanel

SPLIT = (528, 504, 248)
LEAST_RIGHT = 220
"""What the knobs of a layer and their titles need side by side."""


class Workspace(QWidget):
    """Lays the views out side by side; the tree's selection is the inspector's."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace")
        self.tree_panel = TreePanel(session.document)
        self.tree = self.tree_panel.tree
        self.inspector = Inspector(session.document, session.looks)
        self.recover = RecoverPanel(session.document)
        self.results = ResultsView(session.live)
        self.tradeoff = TradeOffView(session)
        self.compare = CompareView(session.document)
        self.graph = GraphView(session)
        self.search = SearchView(session)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName(tr("Results and comparison"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.results, tr("Results"))
        self.tabs.addTab(self.tradeoff, tr("Trade-off"))
        self.tabs.addTab(self.compare, tr("Compare"))
        self.tabs.addTab(self.graph, tr("Graph"))
        self.tabs.addTab(self.search, tr("Search"))
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        right = QWidget()
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

    def memory(self) -> tuple[QByteArray, int]:
        """How wide the parts are, and which tab is shown."""
        return self.splitter.saveState(), self.tabs.currentIndex()

    def recall(self, memory: tuple[QByteArray, int]) -> None:
        """Takes widths and tab over."""
        state, tab = memory
        self.splitter.restoreState(state)
        self.tabs.setCurrentIndex(tab)

    def _show_search(self) -> None:
        self.tabs.setCurrentWidget(self.search)

    def _show_results(self) -> None:
        self.tabs.setCurrentWidget(self.results)
