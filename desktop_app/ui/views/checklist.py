"""The steps of a run: what is done, what is being done and how far, how long it will take."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from desktop_app.ui import format as fmt
from desktop_app.ui.icons import tinted
from desktop_app.ui.live import LiveRun, Stage, State
from desktop_app.ui.text import Words, stage_title, tell, tr
from desktop_app.ui.theme import signal_colour
from desktop_app.ui.views.labels import label

SIGNS: dict[State, tuple[str, str]] = {
    "done": ("check", "good"),
    "working": ("run", "warn"),
    "stopped": ("stop", "bad"),
}
STATES: Mapping[State, Words] = {"done": "Done", "working": "Working", "stopped": "Stopped"}
"""The signs in words, for who does not see them."""
LINE_COLUMNS, SIDE_BY_SIDE = 3, 2


class Checklist(QWidget):
    """A line for each stage that the run has reached.

    Args:
        live: The run.
        titled: What the user calls a stage.
    """

    def __init__(
        self, live: LiveRun, parent: QWidget | None = None, titled: Callable[[str], str] = stage_title
    ) -> None:
        super().__init__(parent)
        self.setObjectName("checklist")
        self._live, self._titled = live, titled
        self._lines: list[_Line] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(LINE_COLUMNS * SIDE_BY_SIDE, 1)
        self._grid.setVerticalSpacing(3)
        self._grid.setHorizontalSpacing(8)
        self._left = label(quiet=True, wrap=True)
        self._left.setObjectName("timeLeft")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._grid)
        layout.addWidget(self._left)
        live.stages_changed.connect(self._show)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show()

    def _show(self) -> None:
        stages = self._live.stages
        while len(self._lines) < len(stages):
            self._lines.append(_Line(self._grid, len(self._lines)))
        for place, line in enumerate(self._lines):
            line.show(stages[place] if place < len(stages) else None, self._titled)
        self._left.setText(self._time_left())
        self._left.setVisible(bool(self._left.text()))

    def _time_left(self) -> str:
        if self._live.running:
            eta = self._live.left
            left = tr("Running …") if eta is None else tr("{time} left").format(time=fmt.duration(eta))
            now = tell(self._live.stages[-1].text) if self._live.stages else ""
            return f"{left}  {now}".rstrip()
        return "" if self._live.stages else tr("The steps of a run appear here. Set some layers, then press Run (F5).")


class _Line:
    """The widgets of one stage."""

    def __init__(self, grid: QGridLayout, place: int) -> None:
        self._sign, self._title = QLabel(), label()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(60)
        first = LINE_COLUMNS * (place % SIDE_BY_SIDE)
        for column, widget in enumerate((self._sign, self._title, self._bar), start=first):
            grid.addWidget(widget, place // SIDE_BY_SIDE, column)

    def show(self, stage: Stage | None, titled: Callable[[str], str]) -> None:
        for widget in (self._sign, self._title, self._bar):
            widget.setVisible(stage is not None)
        if stage is None:
            return
        name, colour = SIGNS[stage.state]
        self._sign.setPixmap(tinted(name, signal_colour(colour)).pixmap(16, 16))
        self._sign.setAccessibleName(tr(STATES[stage.state]))
        self._title.setText(titled(stage.name))
        self._bar.setVisible(stage.state != "done")
        self._bar.setValue(round(100 * stage.done))
        self._bar.setAccessibleName(titled(stage.name))
