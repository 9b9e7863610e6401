"""The main window: puts the views together and decides nothing."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.core.progress import Progress
from desktop_app.core.recipe import Recipe
from desktop_app.core.text import clean_name
from desktop_app.jobs.messages import Failed
from desktop_app.ui import operations
from desktop_app.ui.actions import Actions
from desktop_app.ui.autosave import Autosave
from desktop_app.ui.bars import MainBar, fill_menus
from desktop_app.ui.document import Document
from desktop_app.ui.drops import dropped_file
from desktop_app.ui.errands import Errands
from desktop_app.ui.journal import Journal
from desktop_app.ui.runner import Runner
from desktop_app.ui.session import Session
from desktop_app.ui.state import state_of
from desktop_app.ui.status import idle_text, task_text
from desktop_app.ui.text import tr
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.log import LogView
from desktop_app.ui.views.message_bar import MessageBar
from desktop_app.ui.views.presets import PresetChoice
from desktop_app.ui.views.start import StartPage
from desktop_app.ui.views.tree import LayerTree
from desktop_app.ui.views.workspace import Workspace
from desktop_app.ui.work import Task

START, WORKSPACE = 0, 1
DEFAULT_SIZE = QSize(1440, 900)
TITLE_BAR = QSize(0, 40)
"""Room above the window that Qt does not count to it."""


class MainWindow(QMainWindow):
    """One model.

    Signals:
        another_wanted: The path of a model for a second window.
        student_made: The path of a student, for a second window, and the recipe that teaches it.
    """

    another_wanted = Signal(str)
    student_made = Signal(str, Recipe)

    def __init__(self, runner: Runner, journal: Journal | None = None) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.setWindowTitle(tr("Compression Studio"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.document = Document(self)
        self.session = Session(self.document, runner, self)
        self.autosave = Autosave(self.document, journal or Journal(), self)
        self.errands = Errands(self, self.session)
        self._make_views()
        self.actions_ = Actions(self._handlers(), self)
        self._lay_out()
        self._connect()
        self._restore_layout()
        self._update()
        self.session.list_presets()

    def _make_views(self) -> None:
        self.start = StartPage()
        self.workspace = Workspace(self.session)
        self.messages = MessageBar()
        self.status = label()

    @property
    def tree(self) -> LayerTree:
        """The tree of layers."""
        return self.workspace.tree

    def _handlers(self) -> dict[str, Callable[[], object]]:
        errands, session, undo = self.errands, self.session, self.document.undo_stack
        return {
            "file.open": errands.choose_model,
            "file.sample": session.open_sample,
            "file.student": errands.new_student,
            "file.export": errands.export,
            "file.close": self.close,
            "edit.undo": undo.undo,
            "edit.redo": undo.redo,
            "edit.value": self.tree.edit_knob,
            "edit.lock": lambda: operations.toggle_locked(self.document, self.tree.selected_layers()),
            "edit.reset": lambda: operations.reset(self.document, self.tree.selected_layers()),
            "edit.find": self.workspace.tree_panel.find_layers,
            "edit.settings": errands.edit_settings,
            "recipe.data": errands.edit_data,
            "recipe.recover": errands.edit_recover,
            "recipe.open": errands.open_recipe,
            "recipe.save": errands.save_recipe,
            "recipe.save_as": errands.save_recipe_as,
            "run.run": session.run,
            "run.stop": session.stop,
            "run.benchmark": session.benchmark,
            "help.keys": errands.show_keys,
            "help.about": errands.about,
        }

    def _lay_out(self) -> None:
        menus = fill_menus(self, self.actions_, self.errands.open_model)
        self._bar = MainBar(self.actions_, PresetChoice(self.session))
        self.addToolBar(self._bar)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(self.workspace)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(page)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        dock = QDockWidget(tr("Log"), self)
        dock.setObjectName("logDock")
        dock.setWidget(LogView(self.session))
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        dock.hide()
        menus["view"].addAction(dock.toggleViewAction())
        columns = menus["view"].addMenu(tr("Columns"))
        columns.addActions(self.tree.column_actions())

    def _connect(self) -> None:
        document, session = self.document, self.session
        self.start.open_wanted.connect(self.errands.choose_model)
        self.start.sample_wanted.connect(session.open_sample)
        self.start.model_chosen.connect(self.errands.take_file)
        self.errands.another_wanted.connect(self.another_wanted)
        self.errands.student_made.connect(self.student_made)
        self.errands.refused.connect(lambda sentence: self.messages.fail(Failed(sentence)))
        self.tree.layers_selected.connect(self._update)
        self.workspace.recover.details_wanted.connect(self.errands.edit_recover)
        self.autosave.found.connect(lambda recipe: self.errands.offer(recipe, self.autosave))
        document.opened.connect(self._on_opened)
        document.state_changed.connect(self._update)
        document.recipe_changed.connect(self._update)
        document.data_changed.connect(self._update_status)
        document.profile_changed.connect(lambda: self._bar.show_machine(document.machine))
        session.work.changed.connect(self._update)
        session.work.failed.connect(self._on_failed)
        session.exported.connect(lambda _: self.messages.hide())
        session.told.connect(self.messages.tell)
        session.work.progress.connect(self._update_status)

    def _restore_layout(self) -> None:
        settings = QSettings()
        self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize() - TITLE_BAR))
        for key, restore in (("geometry", self.restoreGeometry), ("splitter", self.workspace.splitter.restoreState)):
            stored = settings.value(key)
            if isinstance(stored, QByteArray):
                restore(stored)

    def _on_opened(self) -> None:
        summary = self.document.summary
        self.pages.setCurrentIndex(WORKSPACE)
        self.messages.hide()
        self.tree.setFocus()
        if summary is not None:
            self.setWindowTitle(f"{clean_name(summary.name)}[*] – {tr('Compression Studio')}")
            if summary.warnings:
                self.messages.warn(summary.warnings)

    def _on_failed(self, task: Task, failure: Failed) -> None:
        self.messages.fail(failure)

    def _update(self) -> None:
        self.actions_.update(state_of(self.session, len(self.tree.selected_nodes())))
        self.setWindowModified(self.document.dirty)
        self._update_status()

    def _update_status(self, progress: Progress | None = None) -> None:
        task = self.session.work.current
        text = task_text(task, progress)
        self.status.setText(text or idle_text(self.document))
        self.start.tell(text if task and not task.quiet else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.actions_.refresh_icons()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.errands.take_file(dropped_file(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.running and not self.property("closing"):
            event.ignore()
            self.errands.ask_to_close()
            return
        self.autosave.flush()
        self.session.work.shutdown()
        QSettings().setValue("geometry", self.saveGeometry())
        QSettings().setValue("splitter", self.workspace.splitter.saveState())
        event.accept()
