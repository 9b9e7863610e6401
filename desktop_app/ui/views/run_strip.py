"""The runs in the predicted line: which one results and comparison show."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from desktop_app.jobs.history.record import KeptRun
from desktop_app.ui.run_list import as_trial, run_title
from desktop_app.ui.session import Session
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.trial_words import Wording, when
from desktop_app.ui.views.labels import label

NEWEST = 4
"""So many runs have a button of their own; all are in the menu."""


class RunStrip(QWidget):
    """A button for each of the newest runs, the shown one marked, and a menu of all."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runStrip")
        self._session = session
        self._runs = session.document.runs
        self._wording = Wording(session.document)
        self._buttons = [self._button(place) for place in range(NEWEST)]
        self._shown: list[str] = []
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self._all = QToolButton()
        self._all.setObjectName("allRuns")
        self._all.setText(tr("all ▾"))
        self._all.setAccessibleName(tr("All runs of this model"))
        self._all.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._all.setMenu(self._menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(label(tr("Runs"), heading=True))
        layout.addSpacing(4)
        for button in self._buttons:
            layout.addWidget(button)
        layout.addWidget(self._all)
        self._runs.changed.connect(self._show)
        self._runs.shown_changed.connect(self._show)
        self._show()

    def _button(self, place: int) -> QToolButton:
        made = QToolButton()
        made.setObjectName(f"run{place}")
        made.setCheckable(True)
        made.clicked.connect(partial(self._choose, place))
        return made

    def _show(self) -> None:
        kept = self._runs.kept
        self.setVisible(bool(kept))
        newest = strip_runs(kept, self._runs.shown)
        self._shown = [run.id for run in newest]
        self._all.setVisible(len(kept) > NEWEST)
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(newest))
            if place < len(newest):
                run = newest[place]
                shown = run == self._runs.shown
                text = tr("{run} (shown)") if shown else tr("Show run {run}")
                button.setText(f"{run_title(run)}*" if shown else run_title(run))
                button.setChecked(shown)
                button.setAccessibleName(text.format(run=run_title(run)))
                words = self._wording.trial(as_trial(run))
                button.setToolTip(as_tooltip(words))

    def _choose(self, place: int) -> None:
        self._show_run(self._shown[place])

    def _show_run(self, run_id: str) -> None:
        self._runs.select([run_id])
        self._session.past.show(run_id)
        self._show()  # a click has checked the button, whatever comes of it

    def _fill(self) -> None:
        self._menu.clear()
        for run in reversed(self._runs.kept):
            action = QAction(tr("{run}, {when}").format(run=run_title(run), when=when(run)), self._menu)
            action.setCheckable(True)
            action.setChecked(run == self._runs.shown)
            action.setToolTip(as_tooltip(self._wording.trial(as_trial(run))))
            action.triggered.connect(partial(self._show_run, run.id))
            self._menu.addAction(action)


def strip_runs(kept: Sequence[KeptRun], shown: KeptRun | None) -> list[KeptRun]:
    """The newest runs, and the shown one among them whatever its age."""
    newest = list(kept[-NEWEST:])
    if shown is None or shown in newest or shown not in kept:
        return newest
    return [shown, *newest[1:]]
