"""The guide: a list of pages with a line to search them, and the page beside it. It comes with the program."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QPalette, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QTextBrowser, QVBoxLayout, QWidget

from desktop_app.core.resources import resource
from desktop_app.ui.guide_pages import Page, pages, searched
from desktop_app.ui.text import tr

SIZE, LIST_WIDTH = QSize(900, 640), 200


class GuideDialog(QDialog):
    """Stays open beside the work; nothing is loaded from the network."""

    def __init__(self, parent: QWidget | None = None, page: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("guide")
        self.resize(SIZE)
        self._shown: tuple[Page, ...] = ()
        self.line = QLineEdit()
        self.line.setObjectName("guideLine")
        self.line.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("guideList")
        self.text = QTextBrowser()
        self.text.setObjectName("guideText")
        self.text.setOpenLinks(False)
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{resource('guide/pictures').parent.as_posix()}/en/"))
        self.text.document().setDocumentMargin(18)
        side = QVBoxLayout()
        side.addWidget(self.line)
        side.addWidget(self.list, 1)
        self.list.setFixedWidth(LIST_WIDTH)
        self.line.setFixedWidth(LIST_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addLayout(side)
        layout.addWidget(self.text, 1)
        self.line.textChanged.connect(self._find)
        self.list.currentRowChanged.connect(self._show)
        self._fill(page)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            QTimer.singleShot(0, self, self._renew)
        if event.type() == QEvent.Type.PaletteChange:
            self._show(self.list.currentRow())

    def _renew(self) -> None:
        row = self.list.currentRow()
        self._fill(self._shown[row].name if 0 <= row < len(self._shown) else "")

    def _fill(self, page: str = "") -> None:
        """Lists the pages in the language of now, and shows one of them."""
        self.setWindowTitle(tr("Guide"))
        self.line.setPlaceholderText(tr("Search the guide"))
        self.line.setAccessibleName(tr("Search the guide"))
        self.list.setAccessibleName(tr("Pages of the guide"))
        self.text.setAccessibleName(tr("Guide"))
        self._find(self.line.text())
        for row, one in enumerate(self._shown):
            if one.name == page:
                self.list.setCurrentRow(row)

    def _find(self, query: str) -> None:
        """Lists the pages that have the words, and goes to the first place where one stands."""
        self._shown = searched(pages(), query)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([page.title for page in self._shown])
        self.list.setCurrentRow(0 if self._shown else -1)
        self.list.blockSignals(blocked)
        self._show(self.list.currentRow())

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self._shown):
            self.text.setPlainText(tr("No page has these words."))
            return
        colour = self.palette().color(QPalette.ColorRole.Text).name()
        self.text.document().setDefaultStyleSheet(f"body {{ color: {colour}; }}")
        self.text.document().setMarkdown(self._shown[row].text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        words = self.line.text().split()
        if words:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.find(words[0])
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
