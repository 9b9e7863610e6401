"""What the tabs of runs and of candidates share: two pictures and a table with one selection, and commands below."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.actions import Actions
from desktop_app.ui.plots.parallel import ParallelPlot
from desktop_app.ui.plots.scatter import ScatterPlot
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import tr
from desktop_app.ui.trial_list import TrialList
from desktop_app.ui.views.one_by_one import OneByOne
from desktop_app.ui.views.trial_table import TrialTable

EMPTY, FULL = 0, 1


class TrialView(QWidget):
    """Shows a list of trials, a part at a time when it changes; what is chosen in the pictures is kept there.

    Args:
        trials: The list.
        scatter: The upper picture.
        parallel: The picture below it.
        table: The table below them.
        title: What the user calls the tab.
        commands: The object name of the row of commands.
    """

    def __init__(
        self,
        trials: TrialList,
        scatter: ScatterPlot,
        parallel: ParallelPlot,
        table: TrialTable,
        *,
        title: str,
        commands: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._list, self._title = trials, title
        self.scatter, self.parallel, self.table = scatter, parallel, table
        self._commands = CommandRow(commands)
        self._heights = QSplitter(Qt.Orientation.Vertical)
        self._heights.setChildrenCollapsible(False)
        self._pages = QStackedLayout(self)
        Savable(self, title, picture=scatter, table=table.view, menus_on=(scatter.canvas,))
        Savable(parallel, tr("All figures side by side"), picture=parallel.canvas, table=table.view)
        for plot in (scatter, parallel):
            plot.chosen.connect(self._choose)
        self._drawing = OneByOne(self)
        trials.changed.connect(self.refresh)
        trials.picture_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Draws anew what has changed, soon, and only while somebody sees it."""
        if self.isVisible():
            self._drawing.begin(self._parts())

    def draw(self) -> None:
        """Draws everything at once."""
        self._drawing.at_once(self._parts())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _parts(self) -> Iterator[None]:
        """Draws all, a part at a time."""
        raise NotImplementedError

    def _arrangement(self) -> tuple[QByteArray, QByteArray]:
        """How high the parts are, and how the table is sorted."""
        return self._heights.saveState(), self.table.view.horizontalHeader().saveState()

    def _arrange(self, heights: QByteArray, columns: QByteArray) -> None:
        """Takes heights and order over."""
        self._heights.restoreState(heights)
        self.table.view.horizontalHeader().restoreState(columns)
        self.table.resort()

    def _add_commands(self, actions: Actions, names: Sequence[str]) -> None:
        """Offers commands on trials below the table, and in its menu."""
        self._commands.add(actions, names)
        self.table.view.addActions([actions[name] for name in names])

    def _lay_out(
        self, nothing: QWidget, above: Sequence[QWidget], below: QWidget, shares: Sequence[int], spacing: int
    ) -> None:
        """Makes the two pages.

        Args:
            nothing: Shown while there are no trials.
            above: What stands above the pictures.
            below: What has the table, and stands below them.
            shares: How high pictures and table are, in pixels, as far as there is room.
            spacing: Pixels between the rows.
        """
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(spacing)
        parts: tuple[QWidget, ...] = (self.scatter, self.parallel, below)
        for place, (part, share) in enumerate(zip(parts, shares, strict=True)):
            self._heights.addWidget(part)
            self._heights.setStretchFactor(place, share)
        self._heights.setSizes(list(shares))
        for widget in above:
            layout.addWidget(widget)
        layout.addWidget(scrolled(self._heights, self._title), 1)
        layout.addWidget(self._commands)
        self._pages.addWidget(nothing)
        self._pages.addWidget(page)

    def _choose(self, trial_id: str, add: bool) -> None:
        """A click selects a trial; with Ctrl or Shift one more."""
        if add:
            self._list.toggle(trial_id)
        else:
            self._list.select([trial_id])


class CommandRow(QWidget):
    """Commands as buttons, side by side."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._row.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def add(self, actions: Actions, names: Sequence[str]) -> None:
        """Puts a button for each command into the row."""
        for name in names:
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setObjectName(f"{name}.button")
            self._row.addWidget(button)


def scrolled(parts: QWidget, name: str) -> QScrollArea:
    """Lets the window be low: what does not fit is scrolled."""
    area = QScrollArea()
    area.setAccessibleName(name)
    area.setWidget(parts)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
