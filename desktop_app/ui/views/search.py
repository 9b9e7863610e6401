"""The tab on which a search is watched: what is found so far, two pictures and a table with one selection."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QStackedLayout,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.trial import Trial
from desktop_app.ui import format as fmt
from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.plots.tradeoff import Parallel, TradeOff
from desktop_app.ui.recipe_words import in_one_line, recipe_words
from desktop_app.ui.saving import Savable
from desktop_app.ui.searching.pictures import lines_of, picture_of
from desktop_app.ui.searching.words import best_words, budget_words, candidate_words, counted, in_lines, without_words
from desktop_app.ui.session import Session
from desktop_app.ui.text import Words, as_tooltip, stage_title, tell, tr
from desktop_app.ui.views.candidate_table import CandidateTable
from desktop_app.ui.views.labels import ElidedLabel, label
from desktop_app.ui.views.limits import AxesRow
from desktop_app.ui.views.tradeoff import scrolled
from desktop_app.ui.views.weights_table import WeightsTable

CONTROLS = ("run.search", "run.pause", "run.go_on", "run.finish")
COMMANDS = ("run.use", "run.export_candidate")
NO_COSTS: Words = (
    "Where there are several limits, it is told here which candidate would keep all others, if one of them fell."
)
EMPTY, FULL = 0, 1
BETWEEN_MS = 15
"""Between two parts of a picture: what the user does meanwhile comes first."""
EMPTY_TEXT: Words = (
    "Say what you need: at most so many MB, so much faster, so few points lost. The settings of the layers are "
    "searched for, and every candidate becomes a point here."
)
SHARES = (230, 120, 180)


class SearchView(QWidget):
    """Follows the search of a session; what is chosen in it is kept there.

    What came in is drawn a part at a time, so that the window never waits for all of it.

    Signals:
        use_wanted: The recipe of the selected candidate is to be taken.
    """

    use_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._session, self._search = session, session.search
        self._candidates = candidates = session.search.candidates
        self._axes = AxesRow(candidates, "search_")
        self.scatter = ScatterPlot(
            self._words,
            name="searchScatter",
            title="Candidates by two figures",
            keys="Arrow keys go through the candidates, Enter selects one, Space one more",
            crowded=True,
        )
        self.parallel = ParallelPlot(
            self._words, name="searchParallel", title="Candidates by all figures, side by side"
        )
        self.table, self.weights = CandidateTable(candidates), WeightsTable(candidates)
        self._title, self._asked = label(heading=True, wrap=True), ElidedLabel("", quiet=True)
        self._verdict, self._costs = label(wrap=True), label(wrap=True)
        for widget, name in (
            (self._title, "searchTitle"),
            (self._asked, "searchAsked"),
            (self._verdict, "verdict"),
            (self._costs, "limitCosts"),
        ):
            widget.setObjectName(name)
        self._controls, self._commands = QWidget(), QWidget()
        self._controls.setObjectName("searchControls")
        self._commands.setObjectName("searchCommands")
        self._picture: TradeOff | None = None
        self._lines = Parallel()
        self._parts: list[Callable[[], None]] = []
        self._next = QTimer(self)
        self._next.setInterval(BETWEEN_MS)
        self._next.timeout.connect(self._draw_part)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(self._laid_out())
        Savable(self, tr("Search"), picture=self.scatter, table=self.table.view, menus_on=(self.scatter.canvas,))
        Savable(self.parallel, tr("All figures side by side"), picture=self.parallel.canvas, table=self.table.view)
        Savable(self.weights, tr("What matters most"), table=self.weights.view)
        for plot in (self.scatter, self.parallel):
            plot.chosen.connect(self._choose)
        self.table.recipe_wanted.connect(self.use_wanted)
        candidates.changed.connect(self.refresh)
        candidates.picture_changed.connect(self.refresh)
        candidates.selection_changed.connect(self._show_selection)
        self._search.changed.connect(self._show_words)
        session.long_work.changed.connect(self._show_title)
        self.draw()

    def add_commands(self, actions: Actions) -> None:
        """Puts a button for each command on the search above the pictures, on candidates below the table."""
        self._start.setDefaultAction(actions["run.search"])
        for names, place in ((CONTROLS, self._controls), (COMMANDS, self._commands)):
            row = place.layout()
            for name in names:
                button = QToolButton()
                button.setDefaultAction(actions[name])
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
                button.setObjectName(f"{name}.button")
                if row is not None:
                    row.addWidget(button)
        self.table.view.addActions([actions[name] for name in COMMANDS])

    def memory(self) -> tuple[QByteArray, QByteArray, int]:
        """How high the parts are, how the table is sorted, and which table is shown."""
        return self._heights.saveState(), self.table.view.horizontalHeader().saveState(), self._tables.currentIndex()

    def recall(self, memory: tuple[QByteArray, QByteArray, int]) -> None:
        """Takes heights, order and choice over."""
        heights, columns, shown = memory
        self._heights.restoreState(heights)
        self.table.view.horizontalHeader().restoreState(columns)
        self.table.resort()
        self._tables.setCurrentIndex(shown)

    def refresh(self) -> None:
        """Draws anew what has changed, soon, and only while somebody sees it."""
        if self.isVisible():
            self._parts = self._all_parts()
            self._next.start()

    def draw(self) -> None:
        """Draws everything at once."""
        self._next.stop()
        for part in self._all_parts():
            part()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _all_parts(self) -> list[Callable[[], None]]:
        return [
            self._show_words,
            self._compute,
            self._show_axes,
            self._show_scatter,
            self.scatter.draw_crowd,
            self._compute_lines,
            self._show_parallel,
            self._show_table,
            self.weights.refresh,
        ]

    def _draw_part(self) -> None:
        if self._parts:
            self._parts.pop(0)()
        if not self._parts:
            self._next.stop()

    def _compute(self) -> None:
        self._picture = picture_of(self._candidates)

    def _show_axes(self) -> None:
        if self._picture is not None:
            self._axes.show_axes(self._picture.x, self._picture.y)

    def _show_scatter(self) -> None:
        if self._picture is not None:
            self.scatter.show_picture(self._picture, self._candidates.selected)

    def _compute_lines(self) -> None:
        if self._picture is not None:
            self._lines = lines_of(self._candidates, self._picture)

    def _show_parallel(self) -> None:
        if self._picture is not None:
            self.parallel.show_picture(self._lines, self._candidates.selected)

    def _show_table(self) -> None:
        if self._picture is not None:
            self.table.show_picture(self._picture)

    def _show_selection(self) -> None:
        """What is selected is marked a part at a time, behind what is still to be drawn."""
        self._parts += [self._show_scatter, self._compute_lines, self._show_parallel, self.table.select]
        self._next.start()

    def _show_words(self) -> None:
        search = self._search
        self._pages.setCurrentIndex(EMPTY if search.standing == "none" else FULL)
        self._show_title()
        budget = search.budget
        self._asked.setText("" if budget is None else tr("Asked for: {limits}").format(limits=budget_words(budget)))
        self._asked.setToolTip(as_tooltip(self._asked.text()))
        self._costs.setText(self._costs_words())
        self._verdict.setText(self._verdict_words())
        self._verdict.setVisible(bool(self._verdict.text()))

    def _show_title(self) -> None:
        self._title.setText(self._title_words())

    def _title_words(self) -> str:
        """How the search stands, and how much it has judged."""
        search, standing = self._search, self._session.long_work.standing
        found = self._candidates
        count = counted(found.judged, found.kept, found.failed) if found.judged else ""
        if search.working:
            stage = stage_title(standing.stage) if standing is not None and standing.stage else tr("It begins")
            told = [stage, count]
            if standing is not None and standing.left is not None:
                told.append(tr("{time} left").format(time=fmt.duration(standing.left)))
            return "  ·  ".join(one for one in told if one)
        stands = {
            "paused": tr("Paused"),
            "stopped": tr("Stopped"),
            "failed": tr("Failed"),
            "finished": tr("Done"),
        }.get(search.standing, "")
        return "  ·  ".join(one for one in (stands, count) if one)

    def _verdict_words(self) -> str:
        found, limits = self._candidates, self._candidates.limits
        if found.best is None:
            return ""
        told = list(best_words(found.best, limits))
        done = self._search.found
        told += [tell(one) for one in done.warnings] if done is not None else []
        return in_lines(told)

    def _costs_words(self) -> str:
        """What each limit costs."""
        done, found = self._search.found, self._candidates
        told = without_words(found.limits, done.without if done is not None else found.without)
        return in_lines(told) or tr(NO_COSTS)

    def _words(self, trial: Trial) -> str:
        """All that is told of a candidate under the pointer."""
        found = self._candidates.found(trial.id)
        if found is None:
            return trial.title
        recipe = in_one_line(recipe_words(self._search.recipe(found), self._session.document.layers))
        return candidate_words(found, self._candidates.draft(found.number), self._candidates.limits, recipe)

    def _choose(self, trial_id: str, add: bool) -> None:
        """A click selects a candidate; with Ctrl or Shift one more."""
        selected = self._candidates.selected
        if not add:
            self._candidates.select([trial_id])
        elif trial_id in selected:
            self._candidates.select([one for one in selected if one != trial_id])
        else:
            self._candidates.select([*selected, trial_id])

    def _nothing(self) -> QWidget:
        page = QWidget()
        text = tr(EMPTY_TEXT)
        empty = label(text, quiet=True, wrap=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._start = QToolButton()
        self._start.setObjectName("search.start")
        self._start.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(40, 0, 40, 0)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(empty)
        layout.addWidget(self._start, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        return page

    def _laid_out(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(6)
        self._tables = QTabWidget()
        self._tables.setObjectName("searchTables")
        self._tables.setAccessibleName(tr("Candidates, and what matters"))
        self._tables.setDocumentMode(True)
        self._tables.addTab(self.table, tr("Candidates"))
        self._tables.addTab(self.weights, tr("What matters"))
        self._costs.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._costs.setContentsMargins(6, 6, 6, 6)
        self._tables.addTab(scrolled(self._costs, tr("What limits cost")), tr("What limits cost"))
        self._heights = parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        shown: tuple[QWidget, ...] = (self.scatter, self.parallel, self._tables)
        for place, (part, share) in enumerate(zip(shown, SHARES, strict=True)):
            parts.addWidget(part)
            parts.setStretchFactor(place, share)
        parts.setSizes(list(SHARES))
        for row in (self._controls, self._commands):
            _as_row(row)
        for widget in (self._title, self._asked, self._verdict, self._controls, self._axes):
            layout.addWidget(widget)
        layout.addWidget(scrolled(parts, tr("Search")), 1)
        layout.addWidget(self._commands)
        return page


def _as_row(place: QWidget) -> None:
    row = QHBoxLayout(place)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    row.setAlignment(Qt.AlignmentFlag.AlignLeft)
