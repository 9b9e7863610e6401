"""Part of the self-test: the real window opens the sample in a worker of its own, and is drawn."""

from pathlib import Path
from time import monotonic

from desktop_app.core.errors import StudioError
from desktop_app.self_test.trial import Trial

SIZE = (1280, 800)
PATIENCE_SECONDS = 60.0
FEWEST_COLOURS = 16
"""A picture of fewer colours shows no window, only a ground."""


def draw_window(trial: Trial) -> str:
    """Shows the window with the sample and leaves a picture of it."""
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from desktop_app.ui.recovery.store import Store
    from desktop_app.ui.runner import Runner
    from desktop_app.ui.theme import apply_theme
    from desktop_app.ui.window import MainWindow

    folder = trial.new_folder("window")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    app = QApplication.instance() or QApplication(["self-test"])
    if isinstance(app, QApplication):
        apply_theme(app)
    window = MainWindow(Runner(), Store(folder / "sessions"))
    window.resize(*SIZE)
    window.show()
    window.session.open_sample()
    deadline = monotonic() + PATIENCE_SECONDS
    while window.document.profile is None and monotonic() < deadline:
        app.processEvents()
    app.processEvents()
    if window.document.profile is None:
        raise StudioError("the window did not show the sample's times")
    for place in reversed(range(window.workspace.tabs.count())):  # most of them are made now
        window.workspace.tabs.setCurrentIndex(place)
        app.processEvents()
    picture = folder / "window.png"
    grabbed = window.grab()
    grabbed.save(str(picture))
    window.setProperty("closing", True)
    window.close()
    app.processEvents()
    image = grabbed.toImage().scaled(64, 40)
    colours = {image.pixel(x, y) for x in range(64) for y in range(40)}
    if len(colours) < FEWEST_COLOURS:
        raise StudioError(f"the window is empty: {picture}")
    return _platform() + f": {Path(picture)}"


def _platform() -> str:
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication.platformName()
