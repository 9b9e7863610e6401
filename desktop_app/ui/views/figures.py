"""The result in three figures: size, latency, and how good the outputs still are."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.progress import Measurement
from desktop_app.ui import format as fmt
from desktop_app.ui.explanations import explain
from desktop_app.ui.plots.series import ORIGINAL, Series, latency_series, latest, size_series, verdict
from desktop_app.ui.text import tr
from desktop_app.ui.theme import numbers_font
from desktop_app.ui.views.labels import label, unbroken

Figure = tuple[str, str, str]
"""A title, the figures before and after, and what may be claimed."""


class FigureCards(QWidget):
    """Cards that follow the measurements."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figures")
        self._cards = [_Card(self), _Card(self), _Card(self)]
        explain(self._cards[-1], "fidelity")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for card in self._cards:
            layout.addWidget(card, 1)

    def show_measurements(self, measurements: Sequence[Measurement]) -> None:
        """Shows what is known by now."""
        for card, figure in zip(self._cards, figures(measurements), strict=True):
            card.show_figure(figure)


class _Card(QFrame):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._title, self._value, self._claim = label(quiet=True), label(heading=True), label(quiet=True, wrap=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        font = numbers_font(self._value.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self._value.setFont(font)
        self._value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(2)
        for widget in (self._title, self._value, self._claim):
            layout.addWidget(widget)
        layout.addStretch(1)

    def show_figure(self, figure: Figure) -> None:
        title, value, claim = figure
        self._title.setText(title)
        self._value.setText(value)
        self._claim.setText(unbroken(claim))
        self.setAccessibleName(f"{title}: {value}. {claim}")


def figures(measurements: Sequence[Measurement]) -> tuple[Figure, Figure, Figure]:
    """Size, latency, and accuracy or fidelity, as words."""
    sizes = size_series(measurements)
    smaller = _times(sizes)
    size = (_titled(sizes), _span(sizes), tr("{times}× smaller").format(times=smaller) if smaller else "")
    latencies = latency_series(measurements)
    return size, (_titled(latencies), _span(latencies), verdict(measurements)), _quality(measurements)


def in_words(measurements: Sequence[Measurement]) -> str:
    """The figures as they are spoken; nothing for what is not known."""
    known = [one for one in figures(measurements) if one[1] != fmt.UNKNOWN]
    return " ".join(f"{title}: {value}. {claim}".strip() for title, value, claim in known)


def _quality(measurements: Sequence[Measurement]) -> Figure:
    accuracy = latest(measurements, "accuracy")
    agreement, noise = latest(measurements, "top1_agreement"), latest(measurements, "sqnr_db")
    told = []
    if agreement is not None:
        told.append(tr("{share} of the answers as before").format(share=fmt.percent(agreement.value)))
    if accuracy is not None:
        before = latest(measurements, "accuracy", ORIGINAL)
        text = f"{100 * accuracy.value:.1f}"
        return tr("Accuracy, %"), f"{100 * before.value:.1f} → {text}" if before else text, " ".join(told)
    if noise is not None:
        return tr("Fidelity, SQNR"), fmt.decibel(noise.value), " ".join(told)
    return tr("Accuracy or fidelity"), fmt.UNKNOWN, ""


def _titled(series: Series) -> str:
    return series.heading


def _span(series: Series) -> str:
    if not series.points:
        return fmt.UNKNOWN
    first, last = series.points[0], series.points[-1]
    if len(series.points) == 1:
        return fmt.figures(first.value)
    return f"{fmt.figures(first.value)} → {fmt.figures(last.value)}"


def _times(series: Series) -> str:
    if len(series.points) < 2 or series.points[-1].value <= 0:
        return ""
    times = f"{series.points[0].value / series.points[-1].value:.1f}"
    return "" if times == "1.0" else times
