"""Two or more runs side by side."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.layer import Layer
from desktop_app.core.summary import LayerProfile
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui import comparison
from desktop_app.ui import format as fmt
from desktop_app.ui.comparison import LayerFate, Row
from desktop_app.ui.document import Document
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import Words, as_tooltip, tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.labels import label

WIDTH, HEIGHT, NAME_WIDTH = 900, 600, 300
ABOUT: tuple[tuple[Words, Callable[[Layer, LayerFate], str], Callable[[Layer], str]], ...] = (
    ("Size", comparison.size_text, lambda layer: fmt.size(layer.bytes)),
    ("Bits", comparison.bits_text, lambda layer: str(layer.bits)),
    ("MACs", comparison.macs_text, lambda layer: fmt.amount(layer.macs)),
    ("Time", comparison.time_text, lambda layer: fmt.UNKNOWN),
    ("Output error", comparison.error_text, lambda layer: fmt.UNKNOWN),
)
TIME = 3
"""What the table of layers can tell: its title, the text of a layer in a run, and of the layer as it was."""


class CompareRunsDialog(QDialog):
    """Figures, settings that differ, layers, and what came and went, a tab each.

    Signals:
        times_wanted: The time of every layer in every run is to be measured.

    Args:
        document: The model, as it was opened.
        titles: What the user calls the runs.
        runs: The runs, in the same order.
        parent: The window.
    """

    times_wanted = Signal()

    def __init__(
        self, document: Document, titles: Sequence[str], runs: Sequence[RunFinished], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("compareRuns")
        self.setWindowTitle(tr("Compare {runs}").format(runs=", ".join(titles)))
        self.resize(WIDTH, HEIGHT)
        self._layers = document.layers
        self._titles, self._runs = tuple(titles), tuple(runs)
        self._before = document.profile
        self._profiles: list[LayerProfile | None] = [None] * len(runs)
        tabs = QTabWidget()
        tabs.setObjectName("compareTabs")
        tabs.setDocumentMode(True)
        tabs.addTab(self._figures(), tr("Figures"))
        tabs.addTab(self._settings(), tr("Settings that differ"))
        tabs.addTab(self._layer_page(), tr("Layers"))
        tabs.addTab(self._changes(), tr("Removed and added"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.setContentsMargins(16, 0, 16, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)

    def show_times(self, place: int, profile: LayerProfile) -> None:
        """Takes the measured time of every layer of a run."""
        self._profiles[place] = profile
        self._about.setCurrentIndex(TIME)
        self._show_layers()

    def _want_times(self) -> None:
        self._measure.setEnabled(False)
        self._measure.setToolTip(
            as_tooltip(tr("The layers are being measured; the times appear one run after another."))
        )
        self.times_wanted.emit()

    def _figures(self) -> QWidget:
        rows = comparison.figure_rows(self._runs)
        return _table(tr("Figures of the runs"), "figureRows", "Figure", (tr("Original"), *self._titles), rows)

    def _settings(self) -> QWidget:
        rows = comparison.setting_rows(self._layers, [run.recipe for run in self._runs])
        if not rows:
            return _note(tr("The recipes of these runs are the same."))
        return _table(tr("Settings that differ"), "settingRows", "Setting", self._titles, rows, numeric=False)

    def _layer_page(self) -> QWidget:
        page = QWidget()
        self._about = QComboBox()
        self._about.setObjectName("layerFigure")
        self._about.setAccessibleName(tr("What the table tells of the layers"))
        self._about.addItems([tr(title) for title, _, _ in ABOUT])
        self._only = QCheckBox(tr("Only layers that differ"))
        self._only.setObjectName("onlyDifferent")
        self._rows = _rows_model("Layer", (tr("Original"), *self._titles), self)
        view = _view(self._rows, tr("Layers in the runs"), "layerRows")
        line = QHBoxLayout()
        line.setContentsMargins(12, 10, 12, 6)
        line.addWidget(label(tr("Tell"), quiet=True))
        line.addWidget(self._about)
        line.addSpacing(12)
        line.addWidget(self._only)
        line.addStretch(1)
        self._measure = QPushButton(tr("Measure times"))
        self._measure.setObjectName("measureTimes")
        self._measure.setAutoDefault(False)
        self._measure.setToolTip(as_tooltip(tr("Measure how long every layer takes in each of these runs")))
        self._measure.clicked.connect(self._want_times)
        line.addWidget(self._measure)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(view, 1)
        self._about.currentIndexChanged.connect(self._show_layers)
        self._only.toggled.connect(self._show_layers)
        self._show_layers()
        return page

    def _show_layers(self) -> None:
        _, text, before = ABOUT[self._about.currentIndex()]
        if self._about.currentIndex() == TIME and self._before is not None:
            times = self._before.milliseconds
            rows = comparison.layer_rows(
                self._layers, self._runs, text, lambda layer: fmt.milliseconds(times.get(layer.name)), self._profiles
            )
        else:
            rows = comparison.layer_rows(self._layers, self._runs, text, before, self._profiles)
        self._rows.show([_entries(row) for row in rows if not self._only.isChecked() or len(set(row.cells[1:])) > 1])

    def _changes(self) -> QWidget:
        rows = [
            Row(title, (row.title, *row.cells))
            for title, run in zip(self._titles, self._runs, strict=True)
            for row in comparison.came_and_went(self._layers, run)
        ]
        if not rows:
            return _note(tr("No layer was removed, split or added in these runs."))
        headings = (tr("Layer"), tr("What happened"), tr("Now"))
        return _table(tr("Removed and added layers"), "changeRows", "Run", headings, rows, numeric=False)


def _note(text: str) -> QWidget:
    note = label(text, quiet=True, wrap=True)
    note.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return note


def _table(name: str, object_name: str, first: Words, titles: Sequence[str], rows: Sequence[Row],
           numeric: bool = True) -> QWidget:  # fmt: skip
    model = _rows_model(first, titles, None, numeric)
    view = _view(model, name, object_name)
    model.setParent(view)
    model.show([_entries(row) for row in rows])
    return view


def _rows_model(first: Words, titles: Sequence[str], parent: QWidget | None, numeric: bool = True) -> RowsModel:
    return RowsModel((Heading(first, False), *(Heading(title, numeric) for title in titles)), parent)


def _view(model: RowsModel, name: str, object_name: str) -> QWidget:
    view = table_view(model, name)
    view.setObjectName(object_name)
    view.setFont(numbers_font(view.font()))
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    header = view.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    header.resizeSection(0, NAME_WIDTH)
    Savable(view, name, table=view)
    return view


def _entries(row: Row) -> tuple[Entry, ...]:
    tips = row.tips or ("",) * len(row.cells)
    return (
        Entry(row.title, row.title, row.tip),
        *(Entry(cell, cell, tip) for cell, tip in zip(row.cells, tips, strict=True)),
    )
