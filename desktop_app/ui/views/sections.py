"""The pictures of the inspector, below one another, as rows of data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop_app.core.layer import Layer
from desktop_app.ui.document import Document
from desktop_app.ui.inspection import Subject, subject_of
from desktop_app.ui.looks import Looks
from desktop_app.ui.plots.histogram_pictures import activations_picture, weights_picture
from desktop_app.ui.plots.layer_pictures import bits_picture, channels_picture
from desktop_app.ui.plots.mini import Note, Shown
from desktop_app.ui.plots.rank_picture import rank_picture
from desktop_app.ui.plots.sensitivity_picture import sensitivity_picture
from desktop_app.ui.text import Words, tr
from desktop_app.ui.views.facts import coupled
from desktop_app.ui.views.section import Section


@dataclass(frozen=True)
class Row:
    """A section: its name in settings and tests, title, what it shows in a sentence, and its picture."""

    id: str
    title: Words
    tip: Words
    picture: Callable[[Subject], Shown]


ROWS = (
    Row("channels", "Channels", "The norms of the channels' weights, strongest first; what is cut is hatched. The run "
        "weighs also what the layers behind would lose.", channels_picture),
    Row("rank", "Singular values", "Bars: the singular values. Line: the share of the energy that the largest keep. "
        "Ranks that would not save are hatched.", rank_picture),
    Row("bits", "Rounding", "Signal to noise of the weights when each channel is rounded to so many bits by a scale of "
        "its own; a run does better where it rounds against data.", bits_picture),
    Row("sensitivity", "Sensitivity", "Signal to noise of the outputs with this layer alone changed; behind it, "
        "the time of the layer against that in float: the full height is the same time.", sensitivity_picture),
    Row("weights", "Weights", "How the elements of the weight are spread; heights by the square root.",
        weights_picture),
    Row("activations", "Activations", "How the values are spread that the layer gives on samples of the data; heights "
        "by the square root.", activations_picture),
)  # fmt: skip
"""In the order in which they stand."""


class LayerSections(QWidget):
    """Shows what is known of one layer, and follows every edit and every answer of the worker."""

    def __init__(self, document: Document, looks: Looks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._looks = document, looks
        self._layer: Layer | None = None
        self._sections = {row.id: Section(row.id, tr(row.title), tr(row.tip), self) for row in ROWS}
        tip = tr(
            "The layers that are cut together with this one, and those that read it: their weights before and after"
        )
        self._coupled = Section("coupled", tr("Coupled layers"), tip, self)
        self._measure, self._set_by = _button("measureSensitivity"), _button("openBySensitivity")
        for button in (self._measure, self._set_by):
            self._sections["sensitivity"].add(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for section in self._all():
            layout.addWidget(section)
            section.folded.connect(self.refresh)
        looks.changed.connect(self._on_look)
        looks.activations_changed.connect(self.refresh)
        document.sensitivity_changed.connect(self.refresh)

    def measure_with(self, measure: QAction, set_by: QAction) -> None:
        """Takes the commands that measure sensitivity and set by it: the buttons are off where the commands are."""
        self._measure.setDefaultAction(measure)
        self._set_by.setDefaultAction(set_by)

    def show_layer(self, layer: Layer | None) -> None:
        """Shows another layer, or none."""
        if layer is not None and (self._layer is None or layer.name != self._layer.name):
            self._looks.want(layer.name)
        self._layer = layer
        self.refresh()

    def refresh(self) -> None:
        """Computes the pictures of the open sections anew; those that come out the same are left alone."""
        layer = self._layer
        self.setVisible(layer is not None)
        if layer is None:
            return
        subject = subject_of(self._document, self._looks, layer)
        for row in ROWS:
            section = self._sections[row.id]
            if section.open:
                section.show_picture(row.picture(subject))
        self._measure.setVisible(subject.tried is None)
        self._set_by.setVisible(subject.tried is not None)
        lines = coupled(self._document, layer)
        self._coupled.setVisible(bool(lines))
        self._coupled.show_picture(Note("\n".join(lines)))

    def _all(self) -> Iterator[Section]:
        yield from self._sections.values()
        yield self._coupled

    def _on_look(self, name: str) -> None:
        if self._layer is not None and name == self._layer.name:
            self.refresh()


def _button(name: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    return button
