"""What the start page offers of earlier sessions: those that a crash has left, or the last one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.text import clean_name
from desktop_app.ui.recovery.store import Found
from desktop_app.ui.text import as_tooltip, plural, tr
from desktop_app.ui.views.labels import label, repolish

MOST_NAMED = 3


class SessionsCard(QFrame):
    """Names the sessions, and asks whether to go on with them.

    Signals:
        reopen_wanted: Names of sessions in the store; a tuple.
        discard_wanted: Likewise.
    """

    reopen_wanted = Signal(tuple)
    discard_wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._names: tuple[str, ...] = ()
        self._title = label(heading=True, wrap=True)
        self._title.setObjectName("sessionsTitle")
        self._rows = label(quiet=True, wrap=True)
        self._rows.setObjectName("sessionsRows")
        self._reopen = QPushButton()
        self._reopen.setObjectName("reopenButton")
        self._reopen.clicked.connect(self._on_reopen)
        self._discard = QPushButton(tr("Discard"))
        self._discard.setObjectName("discardButton")
        self._discard.setToolTip(as_tooltip(tr("The models stay as they are; edits that are in no file are lost.")))
        self._discard.clicked.connect(self._on_discard)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._rows)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 14, 12)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        layout.addWidget(self._discard)
        layout.addWidget(self._reopen)
        self.hide()

    def show_sessions(self, found: Sequence[Found]) -> None:
        """Shows what there is; nothing hides the card."""
        crashed = any(one.crashed for one in found)
        self._names = tuple(one.id for one in found)
        self._title.setText(tr("The program ended before it was closed") if crashed else tr("Last session"))
        lines = [session_text(one) for one in found[:MOST_NAMED]]
        if len(found) > MOST_NAMED:
            lines.append(plural(len(found) - MOST_NAMED, "and one more", "and {count} more"))
        self._rows.setText("\n".join(lines))
        self._rows.setToolTip(as_tooltip("\n".join(one.kept.path for one in found)))
        self._reopen.setText(tr("Reopen") if crashed else tr("Reopen last session"))
        self._reopen.setProperty("primary", crashed)
        repolish(self._reopen)
        self._discard.setVisible(crashed)
        self.setVisible(bool(found))

    def _on_reopen(self) -> None:
        self.reopen_wanted.emit(self._names)

    def _on_discard(self) -> None:
        self.discard_wanted.emit(self._names)


def session_text(found: Found) -> str:
    """A session in a line: the model, how much was done to it, and when."""
    edits = found.history.index
    when = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(found.changed)), QLocale.FormatType.ShortFormat)
    name = clean_name(Path(found.kept.name).name, 40)
    if not edits:
        return tr("{name}, {when}").format(name=name, when=when)
    if not found.unsaved:
        return plural(edits, "{name}: one edit, {when}", "{name}: {count} edits, {when}", name=name, when=when)
    return plural(
        edits,
        "{name}: one edit, not saved, {when}",
        "{name}: {count} edits, not saved, {when}",
        name=name,
        when=when,
    )
