"""The dialog that sets all layers by what was tried of them: how much each may cost, and what that comes to."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.predict import Prediction, predict
from desktop_app.core.settings import Knob
from desktop_app.ui import format as fmt
from desktop_app.ui import operations
from desktop_app.ui.dialogs.buttons import verb_or_cancel
from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.document import Document
from desktop_app.ui.strongest import FREE, Proposal, strongest, with_proposal
from desktop_app.ui.text import as_tooltip, plural, tr
from desktop_app.ui.views.facts import KNOB_TITLES
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox

LEAST_DB, MOST_DB, USUAL_DB = 5, 60, 30
WIDTH = 460


class BySensitivityDialog(FittedDialog):
    """Tells with every move of the slider what would change, and changes it once, when that is confirmed."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bySensitivityDialog")
        self.setWindowTitle(tr("Set by sensitivity"))
        self._document = document
        self.proposal = Proposal()
        self._slider, self._field = _slider(), _field()
        self._boxes: dict[Knob, QCheckBox] = {knob: self._box(knob) for knob in FREE}
        self._aim = QComboBox()
        self._aim.setObjectName("aim")
        self._aim.setAccessibleName(tr("What is aimed at"))
        self._aim.addItem(tr("the smallest size"), "size")
        self._aim.addItem(tr("the least time"), "time")
        tip = tr("Few bits make layers small; least time is often had with 8 bits, and with no rank at all.")
        self._aim.setToolTip(as_tooltip(tip))
        self._aim.currentIndexChanged.connect(self.refresh)
        self._count, self._noise, self._cost = label(heading=True, wrap=True), label(wrap=True), label(wrap=True)
        self._count.setObjectName("proposalCount")
        self._note = label(quiet=True, wrap=True)
        role = QDialogButtonBox.ButtonRole.AcceptRole
        self._buttons, self._apply = verb_or_cancel(self, tr("Set"), "setBySensitivity", role)
        self._buttons.accepted.connect(self.accept)
        self._lay_out()
        self._slider.valueChanged.connect(self._field.setValue)
        self._field.valueChanged.connect(self._on_field)
        document.sensitivity_changed.connect(self.refresh)
        document.recipe_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Computes anew what would change, and tells it."""
        knobs = [knob for knob, box in self._boxes.items() if box.isChecked()]
        self.proposal = strongest(self._document, self._field.value(), knobs, self._aim.currentData())
        count = len(self.proposal.settings)
        self._count.setText(plural(count, "One layer changes", "{count} layers change"))
        self._noise.setText(_noise_words(self.proposal))
        self._cost.setText(_cost_words(self._document, self.proposal))
        self._note.setText(_note_words(self._document, self.proposal))
        self._note.setVisible(bool(self._note.text()))
        self._apply.setEnabled(count > 0)
        self._apply.setToolTip("" if count else as_tooltip(tr("Nothing would change.")))

    def accept(self) -> None:
        """Sets it, in one edit."""
        operations.set_by_sensitivity(self._document, self.proposal)
        super().accept()

    def _lay_out(self) -> None:
        text = tr("Every layer gets the best setting that was tried and that, alone, keeps the outputs at")
        row = QHBoxLayout()
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        knobs = QHBoxLayout()
        knobs.addWidget(label(tr("Set")))
        for box in self._boxes.values():
            knobs.addWidget(box)
        knobs.addStretch(1)
        knobs.addWidget(label(tr("for")))
        knobs.addWidget(self._aim)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(label(text, wrap=True))
        layout.addLayout(row)
        layout.addLayout(knobs)
        layout.addSpacing(4)
        for widget in (self._count, self._noise, self._cost, self._note):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        self.setMinimumWidth(WIDTH)

    def _box(self, knob: Knob) -> QCheckBox:
        box = QCheckBox(tr(KNOB_TITLES[knob]))
        box.setObjectName(f"free_{knob}")
        box.setChecked(True)
        box.toggled.connect(self.refresh)
        return box

    def _on_field(self, value: float) -> None:
        blocked = self._slider.blockSignals(True)
        self._slider.setValue(round(value))
        self._slider.blockSignals(blocked)
        self.refresh()


def _noise_words(proposal: Proposal) -> str:
    counts = [
        tr("{knob} of {count}").format(knob=tr(KNOB_TITLES[knob]), count=count)
        for knob, count in proposal.changed.items()
        if count
    ]
    told = ", ".join(counts) or tr("Every layer stays as it is.")
    if proposal.together_db is None:
        return told
    text = tr("{changes}; if their errors add up, the outputs keep about {noise}")
    return text.format(changes=told, noise=fmt.decibel(proposal.together_db))


def _cost_words(document: Document, proposal: Proposal) -> str:
    """Size and time now, and with what is proposed."""
    if document.summary is None or document.prediction is None:
        return ""
    now = document.prediction
    then: Prediction = predict(document.summary, with_proposal(document, proposal), document.profile)
    told = [fmt.change(fmt.size(now.cost.bytes), fmt.size(then.cost.bytes))]
    if now.latency_ms is not None and then.latency_ms is not None:
        told.append(fmt.change(fmt.milliseconds(now.latency_ms), fmt.milliseconds(then.latency_ms)))
    return tr("Predicted: {figures}").format(figures="   ".join(told))


def _note_words(document: Document, proposal: Proposal) -> str:
    told = []
    if proposal.untried:
        told.append(
            plural(
                proposal.untried,
                "One layer was not tried and stays as it is.",
                "{count} layers were not tried and stay as they are.",
            )
        )
    if document.sensitivity is not None and document.sensitivity.synthetic:
        told.append(tr("The layers were tried on made-up samples: choose data and measure again for figures to trust."))
    return " ".join(told)


def _slider() -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setObjectName("limitSlider")
    slider.setAccessibleName(tr("Signal to noise that each layer keeps"))
    slider.setRange(LEAST_DB, MOST_DB)
    slider.setValue(USUAL_DB)
    return slider


def _field() -> QDoubleSpinBox:
    field = DecimalBox()
    field.setObjectName("limitField")
    field.setAccessibleName(tr("Signal to noise that each layer keeps"))
    field.setRange(LEAST_DB, MOST_DB)
    field.setDecimals(1)
    field.setSuffix(" dB")
    field.setValue(USUAL_DB)
    return field
