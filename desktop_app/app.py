"""The composition root of the window: makes the application and its windows, and decides nothing."""

import sys

from PySide6.QtWidgets import QApplication

from desktop_app import __version__
from desktop_app.core.recipe import Recipe
from desktop_app.ui.icons import icon
from desktop_app.ui.language import Language
from desktop_app.ui.runner import Runner
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.window import MainWindow

NAME = "compression-studio"


class Windows:
    """The open windows, one for each model, each with a worker of its own."""

    def __init__(self) -> None:
        self._open: list[MainWindow] = []

    def open(self, model_path: str | None = None) -> MainWindow:
        """Shows another window, with a model if one is named."""
        window = MainWindow(Runner())
        window.another_wanted.connect(self.open)
        window.student_made.connect(self.open_student)
        window.destroyed.connect(lambda: self._open.remove(window))
        self._open.append(window)
        window.show()
        if model_path:
            window.errands.open_model(model_path)
        return window

    def open_student(self, path: str, recipe: Recipe) -> None:
        """Shows another window with a student and the recipe that teaches it."""
        self.open().errands.open_student(path, recipe)


def run_window(model_path: str | None) -> int:
    """Runs the application until its last window is closed; returns the exit status."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName(NAME)
    app.setOrganizationName(NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(NAME)
    Language(app)
    apply_theme(app)
    app.setWindowIcon(icon("studio"))
    windows = Windows()
    windows.open(model_path)
    return app.exec()
