"""The settings of the selected layers, to be turned: a slider each, and a field for the exact value."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QSlider, QWidget

from desktop_app.core.settings import BITS, STRUCTURES
from desktop_app.ui.explanations import explained
from desktop_app.ui.items.cells import Cell, rank_text, structure_text
from desktop_app.ui.items.delegates import MAX_PRUNE, parse_rank, prune_editor, rank_editor, switch_choices
from desktop_app.ui.text import tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.labels import label

STEPS = 100


class Knob(QWidget):
    """A knob that shows one cell and says when the user turns it.

    Signals:
        turned: The new value, and whether more moves of the same drag may follow.
    """

    turned = Signal(object, bool)
    word = ""
    """What it turns, as the explanations call it."""

    def show_cell(self, cell: Cell) -> None:
        """Shows a value without telling anybody; where the knob cannot be turned, the tooltip says why."""
        self.setEnabled(not cell.unavailable)
        self.setToolTip(explained(self.word, cell.problem or cell.unavailable))
        for child in self.findChildren(QWidget):
            child.blockSignals(True)
        self._show_value(cell)
        for child in self.findChildren(QWidget):
            child.blockSignals(False)

    def _show_value(self, cell: Cell) -> None:
        raise NotImplementedError

    def _lay_out(self, *widgets: QWidget) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            layout.addWidget(widget)
            widget.setWhatsThis(explained(self.word))


class PruneKnob(Knob):
    """The share of channels to remove."""

    word = "prune"

    def __init__(self) -> None:
        super().__init__()
        self._slider = _slider(tr("Share of channels to remove"), "pruneSlider", round(STEPS * MAX_PRUNE))
        self._field = prune_editor(self)
        self._field.setObjectName("pruneField")
        self._field.setFixedWidth(scaled(84))
        self._field.setSpecialValueText("")
        self._field.setKeyboardTracking(False)
        self._lay_out(self._slider, self._field)
        self._slider.valueChanged.connect(self._on_slider)
        self._field.valueChanged.connect(lambda value: self.turned.emit(round(value / 100, 4), False))

    def _on_slider(self, position: int) -> None:
        self._field.blockSignals(True)
        self._field.setValue(100 * position / STEPS)
        self._field.blockSignals(False)
        self.turned.emit(position / STEPS, True)

    def _show_value(self, cell: Cell) -> None:
        share = cell.value if isinstance(cell.value, (int, float)) else 0.0
        self._field.setValue(100 * share)
        if not self._slider.isSliderDown():
            self._slider.setValue(round(STEPS * share))


class RankKnob(Knob):
    """The rank: the slider sets a share of the full rank, the field takes a number, too; right is the whole layer."""

    word = "rank"

    def __init__(self) -> None:
        super().__init__()
        self._slider = _slider(tr("Share of the full rank"), "rankSlider", STEPS)
        self._slider.setMinimum(1)
        self._field = rank_editor(self)
        self._field.setObjectName("rankField")
        self._field.setFixedWidth(scaled(84))
        self._lay_out(self._slider, self._field)
        self._slider.valueChanged.connect(self._on_slider)
        self._field.editingFinished.connect(self._on_field)

    def _on_slider(self, position: int) -> None:
        rank = None if position == STEPS else position / STEPS
        self._field.setText(rank_text(rank))
        self.turned.emit(rank, True)

    def _on_field(self) -> None:
        if self._field.isModified():
            self._field.setModified(False)
            self.turned.emit(parse_rank(self._field.text()), False)

    def _show_value(self, cell: Cell) -> None:
        self._field.setPlaceholderText(cell.text if cell.mixed else tr("whole"))
        self._field.setText(rank_text(cell.value))
        if not self._slider.isSliderDown():
            self._slider.setValue(round(STEPS * cell.value) if isinstance(cell.value, float) else STEPS)


class BitsKnob(Knob):
    """The bits that store a weight."""

    word = "bits"

    def __init__(self) -> None:
        super().__init__()
        self._choice = QComboBox()
        self._choice.setObjectName("bitsChoice")
        self._choice.setAccessibleName(tr("Bits that store one weight"))
        self._choice.addItems([str(bits) for bits in BITS])
        self._lay_out(self._choice)
        self._choice.activated.connect(lambda place: self.turned.emit(BITS[place], False))

    def _show_value(self, cell: Cell) -> None:
        self._choice.setPlaceholderText(cell.text)
        self._choice.setCurrentIndex(-1 if cell.mixed else self._choice.findText(str(cell.value)))


class StructureKnob(Knob):
    """What the layer becomes."""

    word = "structure"

    def __init__(self) -> None:
        super().__init__()
        self._choice = QComboBox()
        self._choice.setObjectName("structureChoice")
        self._choice.setAccessibleName(tr("What the layer becomes"))
        self._choice.addItems([tr("as it is"), *(structure_text(one) for one in STRUCTURES[1:])])
        self._lay_out(self._choice)
        self._choice.activated.connect(lambda place: self.turned.emit(STRUCTURES[place], False))

    def _show_value(self, cell: Cell) -> None:
        self._choice.setPlaceholderText(cell.text)
        self._choice.setCurrentIndex(-1 if cell.mixed else STRUCTURES.index(cell.value))
        switch_choices(self._choice, [cell.choices.get(structure, "") for structure in STRUCTURES])


def knob_grid(knobs: dict[str, Knob]) -> QWidget:
    """The knobs below one another, each with its title."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnStretch(1, 1)
    grid.setHorizontalSpacing(12)
    for row, (title, knob) in enumerate(knobs.items()):
        grid.addWidget(label(title), row, 0)
        grid.addWidget(knob, row, 1)
    return made


def _slider(name: str, object_name: str, maximum: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setObjectName(object_name)
    slider.setAccessibleName(name)
    slider.setRange(0, maximum)
    slider.setPageStep(5)
    return slider
