"""The models opened lately, on the start page: a row for each, which opens it, and a button that takes it off."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QDate, QEvent, QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.icons import icon
from desktop_app.ui.recent import Recent, recents
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.views.labels import ElidedLabel, label

ICON = 20


class RecentList(QWidget):
    """A row for each model; hidden where there is none.

    Signals:
        chosen: The path of a model.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: list[Recent] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(1)
        title = label(tr("Recent"), heading=True)
        self._clear = QPushButton(tr("Clear the list"))
        self._clear.setObjectName("clearRecents")
        self._clear.setProperty("link", True)
        self._clear.clicked.connect(recents().clear)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(self._rows)
        recents().changed.connect(self.refresh)
        self._fill()

    def refresh(self) -> None:
        """Lists the models anew where something is other than it was: files come and go."""
        if recents().files() != self._files:
            self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self.refresh()
        return super().event(event)

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # else it may be shown as a window of its own, see SettingsDialog
                widget.setParent(None)
                widget.deleteLater()
        self._files = recents().files()
        for place, one in enumerate(self._files, start=1):
            self._rows.addWidget(self._row(place, one))
        self.setVisible(bool(self._files))

    def _row(self, place: int, one: Recent) -> QWidget:
        button = _RecentButton(one)
        button.setObjectName(f"recent{place}")
        button.clicked.connect(partial(self.chosen.emit, one.path))
        remove = QToolButton()
        remove.setObjectName(f"removeRecent{place}")
        remove.setIcon(icon("close"))
        remove.setAutoRaise(True)
        remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        remove.setToolTip(as_tooltip(tr("Take it off this list; the file stays.")))
        remove.setAccessibleName(tr("Take {name} off the list").format(name=clean_name(Path(one.path).name)))
        remove.clicked.connect(partial(recents().forget, one.path))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(button, 1)
        layout.addWidget(remove)
        return row


class _RecentButton(QPushButton):
    """A model: its name and folder, its size and date; off where the file is gone."""

    def __init__(self, one: Recent) -> None:
        super().__init__()
        path = Path(one.path)
        self.setProperty("row", True)
        self.setEnabled(not one.missing)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        told = recent_text(one)
        sign = QLabel()
        sign.setPixmap(icon("warning" if one.missing else "model").pixmap(ICON, ICON))
        name, folder = ElidedLabel(clean_name(path.name)), ElidedLabel(clean_name(str(path.parent)), quiet=True)
        facts = label(told, quiet=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(folder)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(10)
        layout.addWidget(sign)
        layout.addLayout(words, 1)
        layout.addWidget(facts)
        for part in (sign, name, folder, facts):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        gone = tr("This file is gone. If its disk comes back, it can be opened again.")
        self.setToolTip(as_tooltip(f"{one.path}\n{gone}" if one.missing else one.path))
        self.setAccessibleName(clean_name(path.name))
        self.setAccessibleDescription(f"{clean_name(str(path.parent))}; {told}")

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())


def recent_text(one: Recent) -> str:
    """Size and date of a file, in the manner of the user's country; or that it is gone."""
    if one.bytes is None or one.changed is None:
        return tr("missing")
    date = QLocale().toString(QDate(*one.changed.timetuple()[:3]), QLocale.FormatType.ShortFormat)
    return f"{fmt.size(one.bytes)}  ·  {date}"
