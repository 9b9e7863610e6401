"""Files that are dropped on the window."""

from PySide6.QtCore import QMimeData


def dropped_file(data: QMimeData) -> str:
    """The path of the first file of this computer among what is dropped; empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
