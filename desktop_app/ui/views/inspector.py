"""The pane on the right: what the selected layers are, and their knobs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.core.layer import Layer
from desktop_app.core.settings import Knob as KnobName
from desktop_app.core.text import clean_name
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.items.cells import knob_cell
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.looks import Looks
from desktop_app.ui.text import plural, tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.facts import KNOB_TITLES, facts, refusals
from desktop_app.ui.views.knobs import BitsKnob, Knob, PruneKnob, RankKnob, StructureKnob, knob_grid
from desktop_app.ui.views.labels import breakable, label
from desktop_app.ui.views.sections import LayerSections


class Inspector(QScrollArea):
    """Follows the selection and every edit."""

    def __init__(self, document: Document, looks: Looks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Inspector"))
        self._document = document
        self._layers: tuple[Layer, ...] = ()
        self._page = QWidget(self.viewport())
        self._knobs: dict[KnobName, Knob] = {
            "structure": StructureKnob(),
            "prune": PruneKnob(),
            "rank": RankKnob(),
            "bits": BitsKnob(),
        }
        self._title, self._scope = label(heading=True, wrap=True), label(quiet=True, wrap=True)
        self._title.setObjectName("inspectorTitle")
        self._hint = label(tr("Select some layers first."), quiet=True, wrap=True)
        self._facts = QGridLayout()
        self.sections = LayerSections(document, looks, self._page)
        self._refusals = label(wrap=True)
        self._refusals.setObjectName("inspectorRefusals")
        self._refusals_title = label(tr("What it does not take"), heading=True)
        self._lay_out()
        for name, knob in self._knobs.items():
            knob.turned.connect(lambda value, dragging, name=name: self._turn(name, value, dragging))
        document.prediction_changed.connect(self._refresh)
        document.profile_changed.connect(self._refresh)
        self._refresh()

    def show_layers(self, names: tuple[str, ...]) -> None:
        """Shows other layers."""
        self._layers = tuple(self._document.layer(name) for name in names)
        self._refresh()

    def _lay_out(self) -> None:
        page = self._page
        page.setObjectName("inspector")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._scope)
        layout.addWidget(self._hint)
        titles = {tr(KNOB_TITLES[name]): knob for name, knob in self._knobs.items()}
        layout.addSpacing(4)
        self._set = (knob_grid(titles), _line())
        for part in self._set:
            layout.addWidget(part)
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(12)
        layout.addLayout(self._facts)
        for widget in (self._refusals_title, self._refusals, self.sections):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _turn(self, knob: KnobName, value: object, dragging: bool) -> None:
        names = [layer.name for layer in self._layers]
        if knob in ("bits", "structure"):
            operations.SETTERS[knob](self._document, names, value)
        else:
            merge = f"{knob} {hash(tuple(names))}" if dragging else ""
            setter = operations.set_prune if knob == "prune" else operations.set_rank
            setter(self._document, names, value, merge)  # type: ignore[arg-type]  # a knob gives its own kind of value

    def _refresh(self) -> None:
        self._layers = tuple(layer for layer in self._layers if self._document.has(layer))
        single = self._layers[0] if len(self._layers) == 1 else None
        self._title.setText(breakable(self._heading()))
        self._scope.setText(breakable("/".join(clean_name(part) for part in single.scope)) if single else "")
        self._scope.setVisible(bool(self._scope.text()))
        for part in self._set:
            part.setVisible(bool(self._layers))
        self._hint.setVisible(not self._layers)
        node = Node("", (), layer=single, layers=list(self._layers))
        for name, knob in self._knobs.items():
            if self._layers:
                knob.show_cell(knob_cell(self._document, node, name))
        _fill(self._facts, facts(self._document, self._layers) if self._layers else [])
        _tell(self._refusals_title, self._refusals, refusals(self._document, single) if single else [])
        self.sections.show_layer(single)

    def _heading(self) -> str:
        if not self._layers:
            return tr("No layer selected")
        if len(self._layers) == 1:
            return clean_name(self._layers[0].name)
        return plural(len(self._layers), "one layer", "{count} layers")


def _tell(title: QLabel, text: QLabel, lines: list[str]) -> None:
    title.setVisible(bool(lines))
    text.setVisible(bool(lines))
    text.setText(breakable("\n".join(lines)))


def _fill(grid: QGridLayout, rows: list[tuple[str, str]]) -> None:
    """Shows rows of title and text; labels that are there are used again, because this follows every slider."""
    while grid.count() < 2 * len(rows):
        row = grid.count() // 2
        value = label(wrap=True)
        value.setFont(numbers_font(value.font()))
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label(quiet=True), row, 0)
        grid.addWidget(value, row, 1)
    for place in range(grid.count()):
        item = grid.itemAt(place)
        widget = item.widget() if item else None
        if isinstance(widget, QLabel):
            widget.setVisible(place < 2 * len(rows))
            widget.setText(rows[place // 2][place % 2] if place < 2 * len(rows) else "")


def _line() -> QFrame:
    line = QFrame()
    line.setObjectName("line")
    line.setFixedHeight(1)
    return line
