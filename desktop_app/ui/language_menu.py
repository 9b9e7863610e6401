"""The choice of languages in the View menu."""

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop_app.ui.language import CHOICES, SYSTEM, choose, chosen
from desktop_app.ui.text import tr


def fill_languages(view: QMenu) -> None:
    """Adds the languages, each in its own name: who cannot read the others finds it."""
    menu = view.addMenu(tr("Language"))
    menu.setObjectName("languageMenu")
    group = QActionGroup(menu)
    group.triggered.connect(_choose)
    for choice, name in CHOICES.items():
        action = QAction(tr("As the system") if choice == SYSTEM else name, group, checkable=True)
        action.setObjectName(f"language.{choice}")
        action.setData(choice)
        action.setChecked(choice == chosen())
        menu.addAction(action)


def _choose(action: QAction) -> None:
    choose(action.data())
