"""How far a design is: what was asked for, its parts, and the training that goes on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.ui.designing.designing import Designing
from desktop_app.ui.designing.stages import design_stage_title
from desktop_app.ui.designing.words import asked_words
from desktop_app.ui.text import tell, tr
from desktop_app.ui.views.checklist import Checklist
from desktop_app.ui.views.labels import label

if TYPE_CHECKING:
    from desktop_app.ui.plots.curve import CurvePlot

CURVE_PLACE = 3
"""Below the parts."""


class DesignProgress(QWidget):
    """Follows a design."""

    def __init__(self, designing: Designing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._designing = designing
        self._asked = label(heading=True, wrap=True)
        self._asked.setObjectName("designAsked")
        self._data = label(quiet=True, wrap=True)
        told = tr("You may hide this and go on looking at the model: it comes back at the end. Stop keeps what was "
                  "taught for the next time.")  # fmt: skip
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        for part in (
            self._asked,
            self._data,
            Checklist(designing.live, titled=design_stage_title),
            label(told, quiet=True, wrap=True),
        ):
            self._layout.addWidget(part)
        self._curve: CurvePlot | None = None
        designing.changed.connect(self._show)
        designing.live.learned.connect(self._show_training)
        self._show()
        self._show_training()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show()

    def _show(self) -> None:
        one = self._designing
        if one.working and one.design is not None:
            self._asked.setText(asked_words(one.design))
            self._data.setText(tell(one.taught_on))

    def _show_training(self) -> None:
        """The curve is there only where something is trained."""
        curve = self._designing.live.curve
        if self._curve is None and curve is not None:
            self._make_curve()
        if self._curve is not None:
            self._curve.setVisible(curve is not None)
            self._curve.show_curve(curve)

    def _make_curve(self) -> None:
        from desktop_app.ui.plots.curve import CurvePlot  # not above: most of what this shows needs no plot

        self._curve = CurvePlot(titled=design_stage_title)
        self._layout.insertWidget(CURVE_PLACE, self._curve)
