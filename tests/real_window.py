"""The real window with its real worker, its settings and journal in a folder of the test."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QPalette

from desktop_app.jobs.history.store import History
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.settings.rows import MEASURE_SECONDS
from desktop_app.ui.settings.store import settings
from desktop_app.ui.theme import Theme
from desktop_app.ui.window import MainWindow


@pytest.fixture
def settings_folder(qapp, tmp_path, monkeypatch) -> None:
    """Settings go to a folder of the test, never to the user's; runs are measured briefly."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    qapp.setOrganizationName("tests")
    qapp.setApplicationName("tests")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings().write(MEASURE_SECONDS, 2)


@pytest.fixture
def theme(qapp, settings_folder) -> Iterator[Theme]:
    """The application in the colours and letters of the settings; afterwards it is as it was."""
    font = qapp.font()
    made = Theme(qapp)
    yield made
    settings().reset()
    settings().changed.disconnect(made._on_setting)
    made._hints.unsetColorScheme()
    made.deleteLater()
    qapp.setFont(font)
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())


@pytest.fixture
def window(qtbot, settings_folder, tmp_path) -> Iterator[MainWindow]:
    """The real window with its real runner."""
    shown = MainWindow(Runner(), Store(tmp_path / "sessions"), History(tmp_path / "history"))
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(shown)
    shown.resize(1440, 900)
    shown.show()
    yield shown
    shown.setProperty("closing", True)
    shown.close()
