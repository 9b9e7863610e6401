"""What the flows in the window begin with."""

import pytest
from PySide6.QtWidgets import QPushButton

from tests.flows.clicks import OPEN_MS, click
from tests.real_window import settings_folder, theme, window

__all__ = ["settings_folder", "theme", "window"]


@pytest.fixture
def sample(window, qtbot):
    """The window with the sample, its data and its recipe."""
    click(qtbot, window, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    return window
