"""The dialog for a student: family and size, what it will cost here, and where to."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QWidget

from desktop_app.core.summary import ModelSummary
from desktop_app.jobs.conversions import ConvertModel, MemberSized, SizeMember
from desktop_app.ui import format as fmt
from desktop_app.ui.dialogs.convert import ConvertDialog, size_text
from desktop_app.ui.text import Words, as_tooltip, tell, tr
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox, IntBox
from desktop_app.zoo.families import FAMILIES, Family

WAIT_MS = 500
FIRST = "mobilenet_v2"
LEAST, MOST, MAX_PIXELS = 0.05, 8.0, 2048
ABOUT: Words = (
    "A small model of another kind that takes and gives what {name} does, and learns from it on your samples. "
    "It opens in a window of its own, ready to be trained (Run)."
)


class StudentDialog(ConvertDialog):
    """Asks which student is wanted; predictions are asked for and handed in from outside.

    Args:
        summary: The model that teaches.
        snapshot: Its private copy.

    Signals:
        size_wanted: A `SizeMember`.
    """

    size_wanted = Signal(SizeMember)

    def __init__(self, summary: ModelSummary, snapshot: str, parent: QWidget | None = None) -> None:
        stem = Path(summary.name).stem
        super().__init__(tr("New student"), tr("Make it"), str(Path.home() / f"{stem}-student.onnx"), parent)
        self.setObjectName("studentDialog")
        self._summary, self._snapshot = summary, snapshot
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.look)
        self._family = family_box()
        self._family.setCurrentIndex(self._family.findData(FIRST))
        self._width, self._depth = _factor("studentWidth"), _factor("studentDepth")
        self._resolution = IntBox()
        self._resolution.setObjectName("studentResolution")
        self._resolution.setRange(1, MAX_PIXELS)
        self._resolution.setSuffix(" px")
        self._predicted = label(tr("Looking at the size …"), wrap=True)
        self._predicted.setObjectName("studentPredicted")
        self._fill()
        self._show_family()
        self._family.activated.connect(self._take_family)
        for field in (self._width, self._depth, self._resolution):
            field.valueChanged.connect(lambda _: self._timer.start())

    def request(self) -> ConvertModel:
        """What the fields ask for."""
        size = self._size()
        return ConvertModel(
            self._path.text().strip(),
            family=size.family,
            width=size.width,
            depth=size.depth,
            resolution=size.resolution,
            like=self._snapshot,
        )

    def look(self) -> None:
        """Asks what the student will cost."""
        self._predicted.setText(tr("Looking at the size …"))
        self.size_wanted.emit(self._size())

    def show_size(self, sized: MemberSized, latency_ms: float | None = None) -> None:
        """Shows what it will cost, beside what the teacher does; `latency_ms` is the teacher's, where it is known."""
        lines = (
            tr("Student:  {figures}").format(figures=size_text(sized.bytes, sized.macs, sized.latency_ms)),
            f"{self._summary.name}:  {size_text(self._summary.bytes, self._summary.cost.macs, latency_ms)}",
            tr("{count} parameters; the latency is the sum over its operators, timed here.").format(
                count=fmt.amount(sized.params)
            ),
        )
        self._predicted.setText("\n".join(lines))

    def show_failure(self, sentence: str) -> None:
        """Says why it cannot be told."""
        self._predicted.setText(tell(sentence))

    def _fill(self) -> None:
        fixed = fixed_image(self._summary)
        self._resolution.setSpecialValueText(fixed)
        self._resolution.setEnabled(not fixed)
        self._resolution.setToolTip(as_tooltip(tr("{name} takes {shape}.").format(name=self._summary.name, shape=fixed)
                                               if fixed else tr("Side of the input images")))  # fmt: skip
        self._form.addRow(tr("Family"), self._family)
        rows = ((tr("Width"), self._width, tr("Factor on the numbers of channels")),
                (tr("Depth"), self._depth, tr("Factor on the numbers of blocks")))  # fmt: skip
        for title, field, tip in rows:
            field.setToolTip(as_tooltip(tip))
            field.setAccessibleName(title)
            self._form.addRow(title, field)
        self._resolution.setAccessibleName(tr("Resolution"))
        self._form.addRow(tr("Resolution"), self._resolution)
        self._form.addRow(tr("Predicted"), self._predicted)
        self._lay_out(label(tr(ABOUT).format(name=self._summary.name), wrap=True))

    def _size(self) -> SizeMember:
        free = self._resolution.isEnabled()
        return SizeMember(
            self._family.currentData(),
            round(self._width.value(), 4),
            round(self._depth.value(), 4),
            self._resolution.value() if free else None,
            like=self._snapshot,
        )

    def _take_family(self) -> None:
        """Takes the published size of another family, and looks at it soon."""
        self._show_family()
        self._timer.start()

    def _show_family(self) -> None:
        family: Family = FAMILIES[self._family.currentData()]
        self._width.setValue(family.width)
        self._depth.setValue(family.depth)
        if self._resolution.isEnabled():
            self._resolution.setValue(family.resolution)

    def _fields(self) -> tuple[QWidget, ...]:
        return self._family, self._width, self._depth


def family_box(nothing: str = "", families: Iterable[Family] = FAMILIES.values()) -> QComboBox:
    """A choice of families; `nothing` is what the user reads where none is chosen, if that may be."""
    box = QComboBox()
    box.setObjectName("familyChoice")
    box.setAccessibleName(tr("Family"))
    if nothing:
        box.addItem(nothing, "")
    for family in families:
        text = tr("{title}  ({params} parameters as published)")
        box.addItem(text.format(title=family.title, params=fmt.amount(family.params)), family.name)
    return box


def fixed_image(summary: ModelSummary) -> str:
    """The sizes of one sample where the model takes no other; empty where it does."""
    shape = summary.inputs[0].shape if summary.inputs else None
    sizes = [one for one in (shape or ())[1:] if isinstance(one, int)]
    return fmt.shape(tuple(sizes)) if shape and len(sizes) == len(shape) - 1 else ""


def _factor(name: str) -> QDoubleSpinBox:
    field = DecimalBox()
    field.setObjectName(name)
    field.setRange(LEAST, MOST)
    field.setDecimals(2)
    field.setSingleStep(0.05)
    return field
