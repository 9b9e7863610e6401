"""Training back what compression costs, switched on and off: a choice for the whole model."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.extras import why_no_torch
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.text import clean_name
from desktop_app.ui import operations
from desktop_app.ui.dialogs.recover import MAX_STEPS
from desktop_app.ui.document import Document
from desktop_app.ui.text import as_tooltip, plural, tell, tr
from desktop_app.ui.views.count_box import CountBox
from desktop_app.ui.views.labels import label

USUAL_STEPS = 500


class RecoverPanel(QFrame):
    """Shows and edits the recipe's `methods.recover`.

    Signals:
        details_wanted: The user wants to see every key.
    """

    details_wanted = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recoverPanel")
        self._document = document
        self._last = USUAL_STEPS
        self._why_not = why_no_torch()
        self._on = QCheckBox(tr("Recover accuracy"))
        self._on.setObjectName("recoverOn")
        self._steps = CountBox(" batch", " batches")
        self._steps.setObjectName("recoverSteps")
        self._steps.setAccessibleName(tr("Batches to train on"))
        self._steps.setRange(1, MAX_STEPS)
        self._steps.setSingleStep(100)
        self._steps.setKeyboardTracking(False)
        self._labels = QCheckBox(tr("Labels teach, too"))
        self._labels.setObjectName("recoverLabels")
        self._more = QPushButton(tr("More…"))
        self._more.setObjectName("recoverMore")
        self._more.setToolTip(as_tooltip(tr("Temperature, learning rate and all other choices")))
        self._note = label(quiet=True, wrap=True)
        self._note.setObjectName("recoverNote")
        self._lay_out()
        self._on.clicked.connect(lambda on: self._set(steps=self._last if on else 0))
        self._steps.valueChanged.connect(lambda steps: self._set("recover steps", steps=steps))
        self._labels.clicked.connect(lambda on: self._set(labels=on))
        self._more.clicked.connect(self.details_wanted)
        for signal in (document.recipe_changed, document.data_changed, document.opened):
            signal.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._steps, 1)
        row.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(7)
        layout.addWidget(self._on)
        layout.addLayout(row)
        layout.addWidget(self._labels)
        layout.addWidget(self._note)

    def _set(self, merge: str = "", **changes: int | bool) -> None:
        operations.set_recover(self._document, replace(self._document.recipe.methods.recover, **changes), merge)

    def _show(self) -> None:
        method, opened = self._document.recipe.methods.recover, self._document.summary is not None
        self._last = method.steps or self._last
        blocked = self._steps.blockSignals(True)
        self._on.setChecked(method.steps > 0)
        self._steps.setValue(self._last)
        self._labels.setChecked(method.labels)
        self._steps.blockSignals(blocked)
        first = "" if opened else tr("Open a model first.")
        first_on = tr("Switch on Recover accuracy first.")
        off = "" if method.steps else first_on
        _switch(
            self._on, first or self._why_not, tr("Trains the compressed model to give the original's outputs again")
        )
        _switch(self._steps, first or self._why_not or off, tr("So many batches of samples at most"))
        untrained = "" if self._document.recipe.trains else first_on
        _switch(self._labels, first or self._why_not or untrained or labels_why_not(self._document), "")
        _switch(self._more, first, tr("Temperature, learning rate and all other choices"))
        self._note.setText(tell(self._why_not) or note(self._document, method))
        self._note.setVisible(bool(self._note.text()))


def labels_why_not(document: Document) -> str:
    """Why labels cannot teach, a sentence; empty where they can, or where it is not known yet."""
    if document.recipe.data.path is None:
        return tr("Made-up samples have no labels: choose data.")
    if document.data is not None and not document.data.labelled:
        return tr("The data has no labels.")
    return ""


def note(document: Document, method: RecoverMethod) -> str:
    """What should be known of a training before it begins; empty where there is nothing."""
    if not document.recipe.trains:
        return ""
    lines = (
        [plural(method.quantised_steps, "one batch once rounded", "{count} batches once rounded")]
        if method.quantised_steps
        else []
    )
    if method.teacher is not None:
        lines.append(tr("Teacher: {name}").format(name=clean_name(Path(method.teacher).name)))
    if document.recipe.data.path is None:
        lines.append(tr("Made-up inputs would teach: choose data to train on real ones."))
    elif method.labels:
        lines.append(labels_why_not(document))
    return "\n".join(line for line in lines if line)


def _switch(widget: QWidget, why_not: str, tip: str) -> None:
    widget.setEnabled(not why_not)
    widget.setToolTip(as_tooltip("\n".join(line for line in (tip, why_not) if line)))
