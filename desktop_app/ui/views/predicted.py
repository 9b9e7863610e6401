"""The line at the bottom: what the recipe will make of the model, before anything runs."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.core.predict import Prediction
from desktop_app.core.summary import ModelSummary
from desktop_app.ui import format as fmt
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.run_strip import RunStrip

ARROW = "→"


class PredictedBar(QFrame):
    """Follows every edit at once."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("predictedBar")
        self._document = document = session.document
        self._text = label()
        self._text.setObjectName("predictedText")
        self._text.setFont(numbers_font(self._text.font()))
        self._text.setAccessibleName(tr("Predicted costs"))
        self._problems = label(quiet=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 12, 7)
        layout.addWidget(label(tr("Predicted"), heading=True))
        layout.addSpacing(10)
        layout.addWidget(self._text)
        layout.addStretch(1)
        layout.addWidget(self._problems)
        layout.addSpacing(10)
        layout.addWidget(RunStrip(session))
        document.prediction_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        summary, prediction = self._document.summary, self._document.prediction
        if summary is None or prediction is None:
            return
        profile = self._document.profile
        self._text.setText(predicted_text(summary, prediction, profile.total_ms if profile else None))
        count = len(prediction.refusals)
        problem = tr("Not taken by {count} of {all} layers: see (!) in the tree") if count else ""
        self._problems.setText(problem.format(count=count, all=len(summary.layers)))


def predicted_text(summary: ModelSummary, prediction: Prediction, latency_ms: float | None) -> str:
    """The line in words: size, multiply-accumulates and latency, before and after."""
    parts = [
        _pair(fmt.size(summary.bytes), fmt.size(prediction.cost.bytes)),
        _pair(tr("{count} params").format(count=fmt.amount(summary.cost.params)), fmt.amount(prediction.cost.params)),
        _pair(fmt.macs(summary.cost.macs), fmt.macs(prediction.cost.macs)),
    ]
    if latency_ms is not None:
        parts.append(_pair(fmt.milliseconds(latency_ms), fmt.milliseconds(prediction.latency_ms)))
    return "     ".join(parts)


def _pair(before: str, after: str) -> str:
    return f"{before} {ARROW} {after}"
