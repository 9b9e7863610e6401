"""The page before a model is open."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.drops import dropped_paths
from desktop_app.ui.icons import icon, on_accent
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.labels import label, repolish
from desktop_app.ui.views.recent_list import RecentList
from desktop_app.ui.views.sessions import SessionsCard

WIDTH = 560


class StartPage(QWidget):
    """Open, drop a file, recent files, or the sample.

    Signals:
        open_wanted: The user wants to choose a file.
        sample_wanted: The user wants to try the sample.
        model_chosen: The path of a model.
        files_dropped: Paths of files and folders, a list.
    """

    open_wanted = Signal()
    sample_wanted = Signal()
    model_chosen = Signal(str)
    files_dropped = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("startPage")
        self._choose = QPushButton(on_accent("open"), tr("Open a model…"))
        self._sample = QPushButton(icon("sample"), tr("Try the sample"))
        self.recents = RecentList()
        self.recents.setFixedWidth(scaled(WIDTH))
        self.recents.chosen.connect(self.model_chosen)
        self.sessions = SessionsCard()
        self.sessions.setFixedWidth(WIDTH)
        self._state = label(quiet=True)
        self._state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout()
        column.setSpacing(14)
        column.addStretch(2)
        column.addLayout(_title())
        column.addSpacing(8)
        column.addWidget(self.sessions)
        column.addWidget(self._drop_zone())
        column.addWidget(self._state)
        column.addWidget(self.recents)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addLayout(column)
        row.addStretch(1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._choose.setIcon(on_accent("open"))
            self._sample.setIcon(icon("sample"))

    def tell(self, text: str) -> None:
        """Says what is going on: a model is being opened."""
        self._state.setText(text)

    def _drop_zone(self) -> QFrame:
        zone = _DropZone()
        zone.dropped.connect(self.files_dropped)
        choose = self._choose
        choose.setObjectName("openButton")
        choose.setProperty("primary", True)
        choose.clicked.connect(self.open_wanted)
        self.setFocusProxy(choose)
        sample = self._sample
        sample.setObjectName("sampleButton")
        sample.setToolTip(as_tooltip(tr("A small net that reads handwritten digits, with its data and a recipe")))
        sample.clicked.connect(self.sample_wanted)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(choose)
        buttons.addWidget(sample)
        buttons.addStretch(1)
        hint = label(tr("or drop a model here, with its recipe and data if you like"), quiet=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(zone)
        layout.setContentsMargins(24, 34, 24, 28)
        layout.setSpacing(14)
        layout.addLayout(buttons)
        layout.addWidget(hint)
        return zone


class _DropZone(QFrame):
    """A frame that takes files and folders."""

    dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dropZone")
        self.setFixedWidth(scaled(WIDTH))
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            self._mark(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _mark(self, over: bool) -> None:
        self.setProperty("over", over)
        repolish(self)


def _title() -> QHBoxLayout:
    sign = QLabel()
    sign.setPixmap(icon("studio").pixmap(48, 48))
    name, claim = label(tr("Compression Studio")), label(tr("Makes neural networks small and fast"), quiet=True)
    font = name.font()
    font.setPointSizeF(font.pointSizeF() * 1.9)
    font.setBold(True)
    name.setFont(font)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(name)
    words.addWidget(claim)
    row = QHBoxLayout()
    row.setSpacing(14)
    row.addStretch(1)
    row.addWidget(sign)
    row.addLayout(words)
    row.addStretch(1)
    return row
