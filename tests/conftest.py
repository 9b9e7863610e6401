"""Shared fixtures: where the real models are, and small models made on the spot."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, and would wait for each other's threads
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of hundreds of workers would compile the program for itself

settings.register_profile("studio", deadline=None)  # machines that run tests are busy
settings.load_profile("studio")

SHARED_DATA = Path(os.environ.get("COMPRESSION_STUDIO_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real models and data; skips the test where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real models and data are not at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def clipboard_let_go() -> Iterator[None]:
    """What tests put on the clipboard goes before Python does: Qt's stand-in without a screen would hold it longer."""
    yield
    gui = sys.modules.get("PySide6.QtGui")
    if gui is not None and gui.QGuiApplication.instance() is not None:
        gui.QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def keys_let_go(request) -> Iterator[None]:
    """A click with a key held ends with its test: Qt would take the key for held until the next click."""
    yield
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QWidget

    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.mouseRelease(QWidget(), Qt.MouseButton.LeftButton)


@pytest.fixture(autouse=True)
def collected_by_the_windows_thread(request) -> Iterator[None]:
    """As in the program: no thread that waits for a worker destroys a widget that some test has left behind."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from desktop_app.ui.collecting import Collecting

    collecting = Collecting(request.getfixturevalue("qapp"))
    yield
    collecting.look()
    collecting.stop()
    collecting.deleteLater()
