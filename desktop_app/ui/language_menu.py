"""The choice of languages in the View menu."""

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop_app.ui.settings.rows import LANGUAGE
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import tr


class LanguageMenu(QMenu):
    """The languages, each in its own name: who cannot read the others finds it."""

    def __init__(self, parent: QMenu) -> None:
        super().__init__(tr("Language"), parent)
        self.setObjectName("languageMenu")
        self._group = QActionGroup(self)
        for choice in LANGUAGE.choices:
            action = QAction(tr(choice.title), self._group, checkable=True)
            action.setObjectName(f"language.{choice.value}")
            action.setData(choice.value)
            self.addAction(action)
        self._group.triggered.connect(self._choose)
        settings().changed.connect(self._show)
        self._show()

    def _choose(self, action: QAction) -> None:
        settings().write(LANGUAGE, action.data())

    def _show(self) -> None:
        for action in self._group.actions():
            action.setChecked(action.data() == settings().read(LANGUAGE))
