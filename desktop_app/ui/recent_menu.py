"""The menu of models opened lately, with their keys."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui.recent import Recent, recents
from desktop_app.ui.text import as_tooltip, tr


class RecentMenu(QMenu):
    """Lists the models, and takes them off the list.

    Signals:
        chosen: The path of a model.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Open recent"), parent)
        self.setObjectName("recentMenu")
        self.setToolTipsVisible(True)
        recents().changed.connect(self.refresh)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Lists the models as they are now."""
        self.clear()
        files = recents().files()
        for place, one in enumerate(files, start=1):
            self._add(one, place)
        self.setEnabled(bool(files))
        self.menuAction().setToolTip(as_tooltip("" if files else tr("No model was opened yet.")))
        self.addSeparator()
        if any(one.missing for one in files):
            self.addAction(tr("Remove missing files"), recents().forget_missing).setObjectName("removeMissing")
        self.addAction(tr("Clear the list"), recents().clear).setObjectName("clearRecent")

    def _add(self, one: Recent, place: int) -> None:
        name, folder = clean_name(Path(one.path).name), clean_name(str(Path(one.path).parent), 60)
        action = self.addAction(f"{name}  –  {folder}".replace("&", "&&"), partial(self.chosen.emit, one.path))
        action.setShortcut(f"Ctrl+{place}")
        action.setEnabled(not one.missing)
        action.setToolTip(as_tooltip(tr("This file is gone.") if one.missing else one.path))
