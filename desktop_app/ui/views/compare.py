"""Original and compressed side by side, layer by layer."""

from collections.abc import Sequence
from itertools import takewhile
from math import inf

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.language import current
from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost, Outcome
from desktop_app.core.report import LayerErrors
from desktop_app.core.summary import LayerProfile
from desktop_app.core.text import clean_name
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui import format as fmt
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.saving import Savable
from desktop_app.ui.text import as_tooltip, plural, stage_title, tell, tr
from desktop_app.ui.theme import numbers_font, scaled
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import IntBox

HEADINGS = (
    Heading("Layer", False, "The layers of the opened model, in execution order"),
    Heading("Size", True, "What the layer takes in the file: before and after"),
    Heading("Bits", True, "Bits that store one weight: before and after"),
    Heading(
        "Error",
        True,
        "Signal to noise of the layer's own output against the original's, with all changes before it: the less, the "
        "farther from what it was",
    ),
    Heading("What happened", False, "The steps that changed the layer, and why others did not"),
    Heading("Time", True, "Measured time of the original layer, for one sample"),
    Heading("MACs", True, "Multiply-accumulates for one sample: before and after"),
    Heading("Params", True, "Weights and what is folded into the layer: before and after"),
)
NAME_WIDTH, WIDEST_NAME, NAME_MARGIN = 112, 260, 4
WIDTHS = (NAME_WIDTH, 118, 52, 68, 180, 68, 104, 104)
NAME, STORY = 0, 4
CLEAN = "clean"
SCROLL_BAR, FRAME = 14, 2
LEAST_STORY = 140
PLACEHOLDER, TABLE = 0, 1


class CompareView(QWidget):
    """The tab that tells what became of every layer in the run that is shown."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._rows = RowsModel(HEADINGS, self)
        table = table_view(self._rows, tr("Layers before and after"))
        table.setObjectName("compareTable")
        table.setFont(numbers_font(table.font()))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setItemDelegateForColumn(STORY, _StoryDelegate(table))
        table.setSortingEnabled(True)
        self._table = table
        Savable(self, tr("Layers before and after"), table=table)
        header = table.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, scaled(width))
        empty = label(tr("After a run, every layer stands here as it was and as it is now."), quiet=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._exclude = _Exclude(document)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(empty)
        self._pages.addWidget(table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(pages, 1)
        layout.addWidget(self._exclude)
        document.runs.shown_changed.connect(self._show)
        document.opened.connect(self._show)
        document.profile_changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Names get the room that they need, within reason; what happened gets what the other columns leave."""
        wanted = self._table.sizeHintForColumn(NAME) + NAME_MARGIN
        self._table.setColumnWidth(NAME, min(max(scaled(NAME_WIDTH), wanted), scaled(WIDEST_NAME)))
        others = sum(self._table.columnWidth(place) for place in range(len(WIDTHS)) if place != STORY)
        room = self.width() - (SCROLL_BAR if self._table.verticalScrollBar().isVisible() else FRAME)
        before = sum(self._table.columnWidth(place) for place in range(STORY))
        least = max(scaled(LEAST_STORY), min(scaled(WIDTHS[STORY]), room - before))  # seen without scrolling
        self._table.setColumnWidth(STORY, max(least, room - others))

    def _show(self) -> None:
        run = self._document.run
        self._pages.setCurrentIndex(PLACEHOLDER if run is None else TABLE)
        self._exclude.setVisible(run is not None)
        self._rows.show([] if run is None else compare_rows(self._document.layers, run, self._document.profile))
        self._fit_columns()


class _StoryDelegate(QStyledItemDelegate):
    """A story is cut at its end: it begins with what matters."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class _Exclude(QWidget):
    """How many layers stay in float: those whose quantisation costs the outputs most."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._count = IntBox()
        self._count.setObjectName("excludeWorst")
        self._count.setAccessibleName(tr("Layers to leave in float"))
        self._count.setSpecialValueText(tr("none"))
        self._count.setKeyboardTracking(False)
        tip = tr("Those whose quantisation costs the outputs most; which they are is found by the next run.")
        self._count.setToolTip(as_tooltip(tip))
        self._count.valueChanged.connect(lambda count: operations.set_excluded(document, count))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        for widget in (
            label(tr("Exclude the worst")),
            self._count,
            label(tr("layers: they stay in float"), quiet=True),
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        document.recipe_changed.connect(self._show)
        document.opened.connect(self._show)
        self._show()

    def _show(self) -> None:
        blocked = self._count.blockSignals(True)
        self._count.setRange(0, max(len(self._document.layers), self._document.recipe.methods.quantize.exclude))
        self._count.setValue(self._document.recipe.methods.quantize.exclude)
        self._count.blockSignals(blocked)


def compare_rows(
    layers: Sequence[Layer], run: RunFinished, profile: LayerProfile | None = None
) -> list[tuple[Entry, ...]]:
    """A row for each layer of the opened model; what a step split is added up again."""
    now: dict[str, Cost] = {}
    bits: dict[str, int] = {}
    for one in run.summary.layers:
        name = one.origin or one.name
        now[name] = now.get(name, Cost()) + Cost(one.bytes, one.params, one.macs)
        bits[name] = min(bits.get(name, 64), one.bits)
    outcomes: dict[str, list[Outcome]] = {}
    for outcome in run.report.layers:
        outcomes.setdefault(outcome.layer, []).append(outcome)
    times = profile.milliseconds if profile else {}
    scope = common_scope([one.name for one in layers])
    return [
        (
            Entry(clean_name(one.name.removeprefix(scope)), one.name, clean_name(one.name)),
            *_cells(
                one,
                now.get(one.name, Cost()),
                bits.get(one.name),
                error_entry(run.report.layer_errors, one.name),
                times.get(one.name),
                outcomes.get(one.name, ()),
            ),
        )
        for one in layers
    ]


def error_entry(errors: LayerErrors | None, layer: str) -> Entry:
    """The error of a layer's output, and how it was measured; what is not known sorts behind the best."""
    found = errors.layers.get(layer) if errors is not None else None
    if errors is None or found is None:
        return Entry(fmt.UNKNOWN, inf, tell(errors.reason if errors else "") or tr("This run did not measure it."))
    if found.sqnr_db is None:
        return Entry(fmt.UNKNOWN, inf, tell(found.reason))
    tip = plural(
        errors.samples,
        "{noise} of signal to noise: this layer's output against the original's, behind its activation, on one sample",
        "{noise} of signal to noise: this layer's output against the original's, behind its activation, on {count} "
        "samples",
        noise=fmt.decibel(found.sqnr_db),
    )
    made_up = tr("The samples are made up: with data of yours the figure is another.") if errors.synthetic else ""
    return Entry(fmt.decibel(found.sqnr_db), found.sqnr_db, "\n".join(line for line in (tip, made_up) if line))


def common_scope(names: Sequence[str]) -> str:
    """The scopes that all names begin with: they tell nothing, and would push the rest out of a narrow column."""
    if len(names) < 2:
        return ""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False))
    shared = "".join(letter for letter, _ in same)
    end = max(shared.rfind("/"), shared.rfind("."))
    return shared[: end + 1] if end > 0 else ""


def _cells(
    layer: Layer, now: Cost, bits: int | None, error: Entry, time: float | None, outcomes: Sequence[Outcome]
) -> tuple[Entry, ...]:
    told, full = _story(outcomes)
    return (
        Entry(fmt.change(fmt.size(layer.bytes), fmt.size(now.bytes)), layer.bytes),
        Entry(fmt.change(str(layer.bits), fmt.UNKNOWN if bits is None else str(bits)), bits or 0),
        error,
        Entry(told, told, full),
        Entry(fmt.milliseconds(time), time or 0.0),
        Entry(fmt.change(fmt.amount(layer.macs), fmt.amount(now.macs)), layer.macs),
        Entry(fmt.change(fmt.amount(layer.params), fmt.amount(now.params)), layer.params),
    )


def _story(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    """What the steps did to a layer: in a few words, without the cleaning that every run does, and in full."""
    changed = [stage_title(one.step) for one in outcomes if one.changed and one.step != CLEAN]
    refused = [one for one in outcomes if not one.changed]
    short = current().comma.join(changed + [f"(!) {clean_name(tell(one.reason))}" for one in refused])
    full = "\n".join(f"{stage_title(one.step)}: {tell(one.reason) or tr('done')}" for one in outcomes)
    return short or fmt.UNKNOWN, full
