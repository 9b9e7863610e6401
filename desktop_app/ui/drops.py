"""Files that are dropped on the window."""

from PySide6.QtCore import QMimeData


def dropped_paths(data: QMimeData) -> list[str]:
    """The paths of the files and folders of this computer among what is dropped."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
