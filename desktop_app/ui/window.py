"""The main window: what lasts while it is open, and the face that shows it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFontMetricsF,
    QGuiApplication,
    QMoveEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop_app.core.language import Catalogue, current
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.history.store import History
from desktop_app.ui.actions import Actions
from desktop_app.ui.arrangement import arrange, arrangement, bring_onto_a_screen
from desktop_app.ui.autosave import Autosave
from desktop_app.ui.desktop.bus import has_bus, tell_launcher
from desktop_app.ui.desktop.notes import Notes
from desktop_app.ui.document import Document
from desktop_app.ui.drops import dropped_paths
from desktop_app.ui.errands import Errands
from desktop_app.ui.face import Face
from desktop_app.ui.leaving import Leaving
from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.long_work import Ended
from desktop_app.ui.memory import Memory
from desktop_app.ui.recovery.keeper import Keeper
from desktop_app.ui.recovery.kept import ViewState
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.reopening import Reopening
from desktop_app.ui.retelling import retell_dialogs
from desktop_app.ui.runner import Runner
from desktop_app.ui.session import Session
from desktop_app.ui.status import ended_text
from desktop_app.ui.views.message_bar import MessageBar
from desktop_app.ui.views.start import StartPage
from desktop_app.ui.warm_up import WarmUp

if TYPE_CHECKING:
    from desktop_app.ui.views.tree import LayerTree
    from desktop_app.ui.views.workspace import Workspace

RENEWING = (QEvent.Type.LanguageChange, QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange)
DEFAULT_SIZE = QSize(1440, 900)
TITLE_BAR = QSize(0, 40)
"""Room above the window that Qt does not count to it."""


class MainWindow(QMainWindow):
    """One model.

    Signals:
        another_wanted: The path of a model for a second window.
        student_made: The path of a student, for a second window, and the recipe that teaches it.
        session_wanted: The name of a kept session, for a second window.
        quit_wanted: The user wants to close all windows.
        left: Whether the window is being closed, as asked; False where the user stays after all.
    """

    another_wanted = Signal(str)
    student_made = Signal(str, Recipe)
    session_wanted = Signal(str)
    quit_wanted = Signal()
    left = Signal(bool)

    def __init__(
        self,
        runner: Runner,
        store: Store | None = None,
        history: History | None = None,
        crashes: Crashes | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.setAnimated(False)  # Qt would move bars and pages to their places bit by bit, and draw all each time
        self._launcher_share: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.document = Document(self)
        self.session = Session(self.document, runner, history, self)
        self.crashes = crashes or Crashes(self)
        self.keeper = Keeper(self.document, store or Store(), self)
        self.keeper.watch(self.arrangement)
        self.autosave = Autosave(self.session, self)
        self.errands = Errands(self, self.session)
        self.errands.another_wanted.connect(self.another_wanted)
        self.errands.student_made.connect(self.student_made)
        self.errands.quit_wanted.connect(self.quit_wanted)
        self.leaving = Leaving(self, self.session)
        self.leaving.stayed.connect(self._on_stayed)
        self.errands.arrivals.leave = self.leaving.ask
        self.document.leaving.connect(self._on_leaving)
        self.reopening = Reopening(self, self.session, self.keeper, self.arrange)
        self.reopening.another_wanted.connect(self.session_wanted)
        self._notes = Notes(self)
        self.session.long_work.ended.connect(self._on_ended)
        self.session.long_work.changed.connect(self._show_on_launcher)
        self._look = _look()
        self._face = Face(self, self.session, self.errands, self.reopening, self.crashes)
        self._warm = WarmUp(self._warm_up, self._waited_for, self)
        self._restore_layout()
        self.session.presets.ask()

    @property
    def start(self) -> StartPage:
        """The page before a model is open; another one after a change of the language, and so are all views."""
        return self._face.start

    @property
    def workspace(self) -> "Workspace":
        """What stands around an opened model."""
        return self._face.workspace

    @property
    def tree(self) -> "LayerTree":
        """The tree of layers."""
        return self._face.tree

    @property
    def messages(self) -> MessageBar:
        """The bar that tells failures."""
        return self._face.messages

    @property
    def actions_(self) -> Actions:
        """The commands."""
        return self._face.actions_

    def arrangement(self) -> ViewState:
        """How the user has arranged the window."""
        return arrangement(self)

    def arrange(self, state: ViewState) -> None:
        """Arranges the window as it was."""
        arrange(self, state)

    def _warm_up(self) -> None:
        self._face.warm_up()

    def _waited_for(self) -> bool:
        return self.session.work.wanted is not None

    def renew(self) -> None:
        """Makes all views anew, in language and text size of now; what they show and what was chosen in them stays."""
        if self._look == _look():
            return
        resized, self._look = self._look[1] != _look()[1], _look()
        memory = Memory.of(self)
        self._face.remove()
        self._face = Face(self, self.session, self.errands, self.reopening, self.crashes)
        self._face.frame.make_room()
        memory.give_to(self)
        self._face.check_font()  # after the messages of before
        if resized and self.document.summary is not None:
            self.tree.fit_columns()
        retell_dialogs(self)
        self._face.frame.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._warm.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.actions_.refresh_icons()
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.past.refresh()  # another window may have run, or deleted
        if event.type() in RENEWING:
            QTimer.singleShot(0, self, self.renew)  # Qt still goes through the views

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.errands.take_files(dropped_paths(event.mimeData()))

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.keeper.touch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.keeper.touch()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.property("closing") and (self.leaving.unsaved or self.leaving.working):
            event.ignore()
            self.leaving.ask(self._close_now)
            return
        self._warm.stop()
        try:
            self.keeper.close(unsaved=not self.leaving.given_up)
        finally:
            self.session.shutdown()
        QSettings().setValue("geometry", self.saveGeometry())
        self._face.keep_split()
        event.accept()
        self.left.emit(True)

    def _close_now(self) -> None:
        self.setProperty("closing", True)
        self.close()

    def _on_ended(self, ended: Ended) -> None:
        if not self.isActiveWindow():
            summary = self.document.summary
            self._notes.tell(*ended_text(ended, summary.name if summary else ""))

    def _show_on_launcher(self) -> None:
        """Draws the progress of work that is not behind the user's back on the icon of the program."""
        standing = self.session.long_work.standing
        share = standing.done if standing is not None and not standing.task.quiet else None
        shown = None if share is None else round(share, 2)
        if shown != self._launcher_share and has_bus():
            self._launcher_share = shown
            tell_launcher(QGuiApplication.desktopFileName(), shown)

    def _on_leaving(self) -> None:
        self.keeper.leave(unsaved=not self.leaving.given_up)

    def _on_stayed(self) -> None:
        self.left.emit(False)

    def _restore_layout(self) -> None:
        settings = QSettings()
        self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize() - TITLE_BAR))
        stored = settings.value("geometry")
        if isinstance(stored, QByteArray):
            self.restoreGeometry(stored)
        bring_onto_a_screen(self)


def _look() -> tuple[Catalogue, float]:
    """What views are made for: the language, and the size of text."""
    return current(), QFontMetricsF(QApplication.font()).height()
