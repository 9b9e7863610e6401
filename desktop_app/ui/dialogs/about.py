"""What this program is, of what it is made, and under which terms."""

from pathlib import Path

from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QHeaderView, QLabel, QVBoxLayout, QWidget

from desktop_app import __version__
from desktop_app.core.components import components, licences_folder
from desktop_app.ui.icons import icon
from desktop_app.ui.items.rows_model import Entry, Heading, RowsModel, table_view
from desktop_app.ui.text import tr
from desktop_app.ui.views.labels import label

HEADINGS = (Heading("Component", False), Heading("Version", False), Heading("Licence", False))
SIZE = QSize(560, 480)
ICON_SIZE = 64


class AboutDialog(QDialog):
    """Name, version, licence, and what else is shipped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDialog")
        self.setWindowTitle(tr("About Compression Studio"))
        self.resize(SIZE)
        self._rows = RowsModel(HEADINGS, self)
        self._rows.show(component_rows())
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.reject)
        folder = licences_folder()
        if folder is not None:
            licences = self._buttons.addButton(tr("Show licences"), QDialogButtonBox.ButtonRole.ActionRole)
            licences.clicked.connect(lambda: _open(folder))
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(_heading())
        table = table_view(self._rows, tr("Software of others"))
        table.setObjectName("components")
        header = table.horizontalHeader()  # licences are the longest, not the names
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        layout.addWidget(table, 1)
        layout.addWidget(label(tr("Qt and PySide6 are used under the LGPL, version 3."), quiet=True, wrap=True))
        layout.addWidget(self._buttons)


def component_rows() -> list[tuple[Entry, ...]]:
    """Name, version and licence of each component."""
    return [tuple(Entry(text, text.lower()) for text in (one.name, one.version, one.licence)) for one in components()]


def _heading() -> QHBoxLayout:
    drawing = QLabel()
    drawing.setPixmap(icon("studio").pixmap(ICON_SIZE, ICON_SIZE))
    words = QVBoxLayout()
    words.addWidget(label(tr("Compression Studio {version}").format(version=__version__), heading=True))
    words.addWidget(label(tr("Makes neural networks small and fast without their training code."), wrap=True))
    words.addWidget(label(tr("Licensed under Apache-2.0. Nothing leaves this computer."), quiet=True, wrap=True))
    layout = QHBoxLayout()
    layout.setSpacing(16)
    layout.addWidget(drawing)
    layout.addLayout(words, 1)
    return layout


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
