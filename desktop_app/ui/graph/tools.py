"""What stands above and below the graph: colours, finding, groups, zoom, and what the colours mean."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QWidget

from desktop_app.ui.graph.inks import Inks
from desktop_app.ui.graph.keys import ZOOM_STEP
from desktop_app.ui.graph.legend import Legend
from desktop_app.ui.graph.measures import MEASURES, Measure
from desktop_app.ui.graph.search import find_boxes
from desktop_app.ui.graph.stage import Stage
from desktop_app.ui.graph.state import NONE, GraphState
from desktop_app.ui.icons import icon
from desktop_app.ui.text import as_tooltip, plural, tr
from desktop_app.ui.views.labels import label

ICON = QSize(16, 16)


class Tools(QWidget):
    """The line above the graph.

    Signals:
        fit_wanted: Show the whole graph.
        zoom_wanted: Draw so many times as large.
        found: A node or group to go to.
        left: The user goes from the find field back to the graph.
        export_wanted: Write the graph to a file.
        table_wanted: Show the table, or hide it.
    """

    fit_wanted = Signal()
    zoom_wanted = Signal(float)
    found = Signal(int)
    left = Signal()
    export_wanted = Signal()
    table_wanted = Signal(bool)

    def __init__(self, state: GraphState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphTools")
        self._state = state
        self._matches: tuple[int, ...] = ()
        self._match = NONE
        self._icons: dict[QToolButton, str] = {}
        self.colours = QComboBox()
        self.colours.setObjectName("graphColours")
        self.colours.setAccessibleName(tr("Colour by"))
        for measure in MEASURES:
            self.colours.addItem(tr(measure.title), measure.id)
        self.colours.activated.connect(self._on_colour)
        self.field = _FindField()
        self.field.setObjectName("graphFind")
        self.field.setPlaceholderText(tr("Find"))
        self.field.setAccessibleName(tr("Find in the graph"))
        self.field.setToolTip(as_tooltip(tr("Words in the name or the operator. Enter: next, Shift+Enter: previous.")))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._on_text)
        self.field.stepped.connect(self._step)
        self.field.left.connect(self.left)
        self._count = label(quiet=True)
        self._count.setObjectName("graphMatches")
        self._lay_out()
        self.show_state()

    def show_state(self) -> None:
        """Shows what is chosen, and what cannot be chosen yet."""
        state, model = self._state, cast("QStandardItemModel", self.colours.model())
        for place, measure in enumerate(MEASURES):
            why_not = measure.why_not(state.document) if state.document.summary else ""
            item = model.item(place)
            item.setEnabled(not why_not)
            item.setToolTip(as_tooltip(why_not or measure.explained(state.document)))
        self.colours.setCurrentIndex(next(i for i, one in enumerate(MEASURES) if one.id == state.measure))
        self.colours.setToolTip(as_tooltip(tr("What the colours of the boxes mean")))
        self._turn.setChecked(state.across)
        self._table.setChecked(state.listed)

    def reset(self) -> None:
        """Forgets what was looked for in another graph."""
        self._matches, self._match = (), NONE
        self._on_text(self.field.text())

    def refresh_icons(self) -> None:
        """Draws the icons anew in the colours of another palette."""
        for button, name in self._icons.items():
            button.setIcon(icon(name))

    def next_match(self) -> None:
        """Goes to the next of what was found."""
        self._step(1)

    def previous_match(self) -> None:
        """Goes to the one before."""
        self._step(-1)

    def _lay_out(self) -> None:
        state = self._state
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 8, 6)
        layout.setSpacing(2)
        layout.addWidget(self.colours)
        layout.addSpacing(6)
        layout.addWidget(self.field, 1)
        layout.addWidget(self._count)
        layout.addSpacing(6)
        self._button(layout, "open_all", tr("Open all groups"), state.open_all)
        self._button(layout, "close_all", tr("Close all groups"), state.close_all)
        self._button(layout, "fit", tr("Show all  (0)"), self.fit_wanted.emit)
        self._button(layout, "minus", tr("Smaller  (-)"), self._smaller)
        self._button(layout, "plus", tr("Larger  (+)"), self._larger)
        self._turn = self._button(layout, "turn", tr("From left to right"), None)
        self._turn.toggled.connect(state.turn)
        self._table = self._button(layout, "table", tr("Table of the boxes"), None)
        self._table.toggled.connect(self.table_wanted)
        self._button(layout, "export", tr("Export the graph as SVG or PNG"), self.export_wanted.emit)

    def _button(self, layout: QHBoxLayout, name: str, tip: str, call: Callable[[], object] | None) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"graph_{name}")
        button.setIcon(icon(name))
        button.setIconSize(ICON)
        button.setAutoRaise(True)
        button.setAccessibleName(tip.partition("  (")[0])
        button.setToolTip(as_tooltip(tip))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCheckable(call is None)
        if call is not None:
            button.clicked.connect(call)
        layout.addWidget(button)
        self._icons[button] = name
        return button

    def _smaller(self) -> None:
        self.zoom_wanted.emit(1 / ZOOM_STEP)

    def _larger(self) -> None:
        self.zoom_wanted.emit(ZOOM_STEP)

    def _on_colour(self, place: int) -> None:
        self._state.colour_by(MEASURES[place].id)

    def _on_text(self, text: str) -> None:
        self._matches, self._match = find_boxes(self._state, text), NONE
        self._tell()

    def _step(self, by: int) -> None:
        if self._matches:
            start = self._match if self._match != NONE else (-1 if by > 0 else 0)
            self._match = (start + by) % len(self._matches)
            self.found.emit(self._matches[self._match])
        self._tell()

    def _tell(self) -> None:
        count = len(self._matches)
        if not self.field.text().strip() or self._state.tree is None:
            text = ""
        elif not count:
            text = tr("nothing found")
        elif self._match == NONE:
            text = tr("{count} found").format(count=count)
        else:
            text = tr("{place} of {count}").format(place=self._match + 1, count=count)
        self._count.setText(text)
        self._count.setVisible(bool(text))


class _FindField(QLineEdit):
    """Tells Enter and Shift+Enter apart, and gives the keys back with Escape."""

    stepped = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Foot(QWidget):
    """The line below the graph: what the colours mean, and how much is to be seen."""

    def __init__(self, look: Inks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphFoot")
        self._title, self._count = label(quiet=True), label(quiet=True)
        self._legend = Legend(look)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.addWidget(self._title)
        layout.addWidget(self._legend)
        layout.addStretch(1)
        layout.addWidget(self._count)

    def tell(
        self, look: Inks, measure: Measure, ends: tuple[str, str], why_not: str, stage: Stage | None, state: GraphState
    ) -> None:
        """Tells what is to be seen."""
        self._title.setText(why_not or measure.told(state.document))
        self._legend.show_ends(look, tr(measure.title), ends, why_not if stage is not None else " ")
        if stage is None or state.tree is None:
            self._count.setText("")
            return
        boxes, nodes = len(stage.picture.scene.boxes), len(state.tree.graph.nodes)
        self._count.setText(plural(nodes, "one node", "{boxes} boxes for {count} nodes", boxes=boxes))
