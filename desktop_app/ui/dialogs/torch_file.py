"""The dialog for a torch file: what it is, whether it may run, what it does not say itself, and where to."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.core.input_shape import parse_shape
from desktop_app.core.text import clean_name
from desktop_app.jobs.conversions import ConvertModel, TorchFile
from desktop_app.ui.dialogs.convert import ConvertDialog
from desktop_app.ui.dialogs.student import MOST, family_box
from desktop_app.ui.text import Words, as_tooltip, tell, tr
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox
from desktop_app.zoo.families import FAMILIES

KINDS: Mapping[str, Words] = {
    "checkpoint": "weights saved by PyTorch",
    "safetensors": "weights (safetensors)",
    "torchscript": "TorchScript",
    "exported_program": "an exported program (.pt2)",
}
QUESTION: Words = (
    "{file} is {kind}: a program, not only numbers. Once it is opened it can do anything that you can do on this "
    "computer: read, send or delete your files. Nothing of it has been run yet. Do you know who made it, and do you "
    "trust them?"
)


class TorchFileDialog(ConvertDialog):
    """Asks what is missing to make an ONNX model of a torch file.

    Args:
        path: The file.
        found: What the worker says of it.
    """

    def __init__(self, path: str, found: TorchFile, parent: QWidget | None = None) -> None:
        super().__init__(tr("Open a PyTorch file"), tr("Convert"), str(Path(path).with_suffix(".onnx")), parent)
        self.setObjectName("torchFileDialog")
        self._file, self._found = path, found
        self._trust = QCheckBox(tr("I trust this file: run it"))
        self._trust.setObjectName("trustFile")
        self._trust.toggled.connect(self._update)
        self._family = family_box(tr("choose one"))
        self._family.setCurrentIndex(max(self._family.findData(found.family), 0))
        self._family.activated.connect(self._update)
        self._width = DecimalBox()
        self._width.setObjectName("torchWidth")
        self._width.setAccessibleName(tr("Width"))
        self._width.setRange(0.0, MOST)
        self._width.setSingleStep(0.05)
        self._width.setSpecialValueText(tr("as published"))
        self._width.setToolTip(as_tooltip(tr("Factor on the numbers of channels")))
        self._inputs = QLineEdit()
        self._inputs.setObjectName("inputShapes")
        self._inputs.setAccessibleName(tr("Input shapes"))
        self._inputs.setPlaceholderText("1x3x224x224")
        tip = tr("With the batch, such as 1x3x224x224 or 1x128:int64; several are separated by spaces.")
        self._inputs.setToolTip(as_tooltip(tip))
        self._fill()
        self._update()

    def request(self) -> ConvertModel:
        """What the fields ask for. Raises StudioError when a shape cannot be understood."""
        found, family = self._found, self._family.currentData()
        told = family == found.family  # then the worker tells the size, too, from the weights
        return ConvertModel(
            self._path.text().strip(),
            file=self._file,
            family="" if found.program or told else family,
            width=None if found.program or told else round(self._width.value(), 4) or None,
            inputs=tuple(parse_shape(one) for one in self._inputs.text().split()),
            trust=found.sha256 if found.program and self._trust.isChecked() else "",
        )

    def _fill(self) -> None:
        found, name = self._found, clean_name(Path(self._file).name)
        kind = tr(KINDS.get(found.kind, found.kind))
        if found.program:
            hashed = label(f"SHA-256  {found.sha256}", quiet=True, wrap=True)
            self._form.addRow(tr("Input shapes"), self._inputs)
            self._lay_out(label(tr(QUESTION).format(file=name, kind=kind), wrap=True), hashed, self._trust)
            return
        self._form.addRow(tr("Family"), self._family)
        if found.family:
            told = tr("{file} holds {kind}. They are those of {family}.")
            known = told.format(file=name, kind=kind, family=FAMILIES[found.family].title)
            self._lay_out(label(known, wrap=True))
            return
        self._form.addRow(tr("Width"), self._width)
        told = tr("{file} holds {kind}.").format(file=name, kind=kind)
        self._lay_out(label(told, wrap=True), label(tell(found.unknown), quiet=True, wrap=True))

    def _why_not(self) -> str:
        if self._found.program:
            return "" if self._trust.isChecked() else tr("Say first that you trust the file.")
        return "" if self._family.currentData() else tr("Choose the family that the weights are of.")

    def _fields(self) -> tuple[QWidget, ...]:
        return self._trust, self._family, self._width, self._inputs
