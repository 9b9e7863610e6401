"""A part of the inspector that folds: a title, a small picture with what it says, and its table instead."""

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTableView, QToolButton, QVBoxLayout, QWidget

from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.plots.mini import MiniPicture, Note, Shown, Table
from desktop_app.ui.plots.mini_plot import MiniPlot
from desktop_app.ui.saving import Savable
from desktop_app.ui.tables import Rows
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.theme import numbers_font, scaled
from desktop_app.ui.views.labels import label

GROUP = "inspector"
MOST_ROWS = 12
"""More rows are scrolled."""
WIDEST, SCROLL_BAR, FRAME = 84, 11, 4


class Section(QWidget):
    """Folds at a click on its title; whether it is open, and shows its table, is kept for the next time.

    Args:
        name: Under which that is kept.
        title: What the user reads.
        tip: What the picture shows, in a sentence.

    Signals:
        folded: It was opened or closed.
    """

    folded = Signal()

    def __init__(self, name: str, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"section_{name}")
        self._name = name
        self._shown: Shown = Note("")
        self._fold = QToolButton()
        self._fold.setObjectName("sectionTitle")
        self._fold.setText(title)
        self._fold.setToolTip(as_tooltip(tip))
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setChecked(_kept(f"{name}/open", usual=True))
        self._as_table = QToolButton()
        self._as_table.setObjectName("sectionTable")
        self._as_table.setText(tr("Table"))
        self._as_table.setAccessibleName(tr("{title} as a table").format(title=title))
        self._as_table.setToolTip(as_tooltip(tr("Show the figures in place of the picture")))
        self._as_table.setCheckable(True)
        self._as_table.setChecked(_kept(f"{name}/table", usual=False))
        self.plot = MiniPlot(title)
        self._words = label(quiet=True, wrap=True)
        self._words.setObjectName("sectionWords")
        self._table: QTableView | None = None
        self._rows = RowsModel((), self)
        self._title = title
        self._lay_out()
        self._fold.toggled.connect(self._on_fold)
        self._as_table.toggled.connect(self._on_table)
        self.plot.addAction(self._table_action())
        Savable(self, title, picture=self.plot, table=self._figures)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    @property
    def open(self) -> bool:
        """Whether its picture is shown: nobody need compute it otherwise."""
        return self._fold.isChecked()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def add(self, widget: QWidget) -> None:
        """Adds something below the words."""
        self._below.addWidget(widget)

    def show_picture(self, shown: Shown) -> None:
        """Shows another picture, or a sentence in its place."""
        if shown == self._shown:
            return
        self._shown = shown
        self._words.setText(shown.words)
        if isinstance(shown, MiniPicture):
            self.plot.show_picture(shown)
        self._fill_table()
        self._arrange()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._fold)
        top.addStretch(1)
        top.addWidget(self._as_table)
        self._below = QVBoxLayout()
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(4)
        self._below.addWidget(self.plot)
        self._below.addWidget(self._words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(top)
        self._body = QWidget()
        self._body.setLayout(self._below)
        layout.addWidget(self._body)

    def _arrange(self) -> None:
        """Shows the picture or the table, or neither."""
        drawn, table = isinstance(self._shown, MiniPicture), self._as_table.isChecked()
        self._fold.setArrowType(Qt.ArrowType.DownArrow if self.open else Qt.ArrowType.RightArrow)
        self._body.setVisible(self.open)
        self._as_table.setVisible(self.open and drawn)
        self.plot.setVisible(drawn and not table)
        self._words.setVisible(bool(self._shown.words))
        if self._table is not None:
            self._table.setVisible(drawn and table)

    def _fill_table(self) -> None:
        if not self._as_table.isChecked() or not isinstance(self._shown, MiniPicture):
            return
        table = self._shown.table
        if self._table is None:
            self._table = self._made(table)
        self._rows.show([tuple(Entry(cell, tip=cell) for cell in row) for row in table.rows])
        view = self._table
        self._fit_columns()
        height = min(len(table.rows), MOST_ROWS) * (view.fontMetrics().height() + 8)
        view.setFixedHeight(height + view.fontMetrics().height() + 18 + SCROLL_BAR)

    def _fit_columns(self) -> None:
        """A sentence in one column does not push the others out of sight; it is whole in its tooltip."""
        view = self._table
        if view is None:
            return
        header, places = view.horizontalHeader(), range(self._rows.columnCount())
        wanted = [max(view.sizeHintForColumn(place), header.sectionSizeHint(place)) for place in places]
        room = self._body.width() - FRAME
        if sum(wanted) > room:
            wanted = [min(width, scaled(WIDEST)) for width in wanted]
        wanted[0] = max(wanted[0], room - sum(wanted[1:]))
        for place, width in enumerate(wanted):
            header.resizeSection(place, width)

    def _made(self, table: Table) -> QTableView:
        self._rows = RowsModel([Heading(one, place > 0) for place, one in enumerate(table.headings)], self)
        view = table_view(self._rows, tr("{title} in figures").format(title=self._title))
        view.setObjectName("sectionFigures")
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        view.setFont(numbers_font(view.font()))
        self._below.insertWidget(1, view)
        return view

    def _on_fold(self, opened: bool) -> None:
        _keep(f"{self._name}/open", opened)
        self._arrange()
        self.folded.emit()

    def _on_table(self, shown: bool) -> None:
        _keep(f"{self._name}/table", shown)
        self._fill_table()
        self._arrange()

    def _table_action(self) -> QAction:
        action = QAction(tr("Show as table"), self)
        action.setObjectName("showAsTable")
        action.triggered.connect(self._as_table.toggle)
        return action

    def _figures(self) -> Rows:
        """The table of what is shown, the headings first."""
        if not isinstance(self._shown, MiniPicture):
            return [[self._title], [self._shown.words]]
        return [list(row) for row in (self._shown.table.headings, *self._shown.table.rows)]


def _kept(key: str, *, usual: bool) -> bool:
    return str(QSettings().value(f"{GROUP}/{key}", usual)).lower() == "true"


def _keep(key: str, value: bool) -> None:
    QSettings().setValue(f"{GROUP}/{key}", value)
