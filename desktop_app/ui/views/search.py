"""The tab on which a search is watched: what is found so far, in words, pictures and tables."""

from collections.abc import Iterator

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QTabWidget, QToolButton, QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.plots.tradeoff import TradeOff
from desktop_app.ui.saving import Savable
from desktop_app.ui.searching.pictures import lines_of, picture_of
from desktop_app.ui.session import Session
from desktop_app.ui.text import Words, tr
from desktop_app.ui.views.candidate_table import CandidateTable
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.limits import AxesRow
from desktop_app.ui.views.search_words import CandidateWording, SearchWords
from desktop_app.ui.views.trial_view import EMPTY, FULL, CommandRow, TrialView, scrolled
from desktop_app.ui.views.weights_table import WeightsTable

CONTROLS = ("run.search", "run.pause", "run.go_on", "run.finish")
COMMANDS = ("run.use", "run.export_candidate")
EMPTY_TEXT: Words = (
    "Say what you need: at most so many MB, so much faster, so few points lost. The settings of the layers are "
    "searched for, and every candidate becomes a point here."
)
SHARES, SPACING = (230, 120, 180), 6


class SearchView(TrialView):
    """Follows the search of a session; what came in is drawn a part at a time.

    Signals:
        use_wanted: The recipe of the selected candidate is to be taken.
    """

    use_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        candidates = session.search.candidates
        wording = CandidateWording(session.search, session.document)
        super().__init__(
            candidates,
            ScatterPlot(
                wording.trial,
                name="searchScatter",
                title="Candidates by two figures",
                keys="Arrow keys go through the candidates, Enter selects one, Space one more",
                crowded=True,
            ),
            ParallelPlot(wording.trial, name="searchParallel", title="Candidates by all figures, side by side"),
            CandidateTable(candidates),
            title=tr("Search"),
            commands="searchCommands",
            parent=parent,
        )
        self.setObjectName("search")
        self._search, self._candidates = session.search, candidates
        self._axes, self.weights = AxesRow(candidates, "search_"), WeightsTable(candidates)
        self._words, self._controls = SearchWords(session, self), CommandRow("searchControls")
        self._start = QToolButton()
        self._start.setObjectName("search.start")
        self._start.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._tables = self._tabs()
        above = (self._words.title, self._words.asked, self._words.verdict, self._controls, self._axes)
        self._lay_out(_nothing(self._start), above, self._tables, SHARES, SPACING)
        Savable(self.weights, tr("What matters most"), table=self.weights.view)
        self._picture: TradeOff | None = None
        self.table.recipe_wanted.connect(self.use_wanted)
        candidates.selection_changed.connect(self._show_selection)
        self._search.changed.connect(self._tell)
        self.draw()

    def add_commands(self, actions: Actions) -> None:
        """Puts a button for each command on the search above the pictures, on candidates below the table."""
        self._start.setDefaultAction(actions["run.search"])
        self._controls.add(actions, CONTROLS)
        self._add_commands(actions, COMMANDS)

    def memory(self) -> tuple[QByteArray, QByteArray, int]:
        """How high the parts are, how the table is sorted, and which table is shown."""
        return *self._arrangement(), self._tables.currentIndex()

    def recall(self, memory: tuple[QByteArray, QByteArray, int]) -> None:
        """Takes heights, order and choice over."""
        heights, columns, shown = memory
        self._arrange(heights, columns)
        self._tables.setCurrentIndex(shown)

    def _parts(self) -> Iterator[None]:
        """Draws all, a part at a time."""
        self._tell()
        yield
        self._picture = picture = picture_of(self._candidates)
        yield
        if picture is not None:
            self._axes.show_axes(picture.x, picture.y)
            yield
            self.scatter.show_picture(picture, self._candidates.selected)
            yield
            self.scatter.draw_crowd()
            yield
            yield from self._lines(picture)
            self.table.show_picture(picture)
            yield
        else:
            self.parallel.hide()
        self.weights.refresh()

    def _lines(self, picture: TradeOff) -> Iterator[None]:
        lines = lines_of(self._candidates, picture)
        yield
        self.parallel.setVisible(bool(lines.lines))
        self.parallel.show_picture(lines, self._candidates.selected)
        yield

    def _marks(self) -> Iterator[None]:
        """Marks what is selected, a part at a time."""
        picture = self._picture
        if picture is not None:
            self.scatter.show_picture(picture, self._candidates.selected)
            yield
            yield from self._lines(picture)
        self.table.select()

    def _show_selection(self) -> None:
        self._drawing.add(self._marks())

    def _tell(self) -> None:
        self._pages.setCurrentIndex(EMPTY if self._search.standing == "none" else FULL)
        self._words.tell()

    def _tabs(self) -> QTabWidget:
        tables = QTabWidget()
        tables.setObjectName("searchTables")
        tables.setAccessibleName(tr("Candidates, and what matters"))
        tables.setDocumentMode(True)
        tables.addTab(self.table, tr("Candidates"))
        tables.addTab(self.weights, tr("What matters"))
        tables.addTab(scrolled(self._words.costs, tr("What limits cost")), tr("What limits cost"))
        return tables


def _nothing(start: QToolButton) -> QWidget:
    page = QWidget()
    empty = label(tr(EMPTY_TEXT), quiet=True, wrap=True)
    empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(40, 0, 40, 0)
    layout.setSpacing(12)
    layout.addStretch(1)
    layout.addWidget(empty)
    layout.addWidget(start, alignment=Qt.AlignmentFlag.AlignCenter)
    layout.addStretch(1)
    return page
