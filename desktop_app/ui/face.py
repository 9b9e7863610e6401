"""All of the window that shows words: menus, toolbar, pages and docks, made anew when the language changes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QStatusBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.language import current
from desktop_app.jobs.messages import Failed
from desktop_app.ui import operations
from desktop_app.ui.actions import Actions
from desktop_app.ui.announcing import announce
from desktop_app.ui.bars import MainBar, fill_menus
from desktop_app.ui.dialogs.palette import PaletteDialog
from desktop_app.ui.errands import Errands
from desktop_app.ui.fonts import missing_font
from desktop_app.ui.heat_menu import HeatMenu
from desktop_app.ui.language_menu import LanguageMenu
from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.palette_items import layer_items, menu_items, preset_items
from desktop_app.ui.panes import step_focus
from desktop_app.ui.reopening import Reopening
from desktop_app.ui.saving_focus import SavingFocus
from desktop_app.ui.session import Session
from desktop_app.ui.state import state_of
from desktop_app.ui.status import idle_text, task_text, window_title
from desktop_app.ui.text import tr
from desktop_app.ui.views.crash_bar import CrashBar
from desktop_app.ui.views.figures import in_words
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.log import LogView
from desktop_app.ui.views.message_bar import MessageBar
from desktop_app.ui.views.presets import PresetChoice
from desktop_app.ui.views.start import StartPage
from desktop_app.ui.views.task_line import TaskLine
from desktop_app.ui.work import Task

if TYPE_CHECKING:
    from desktop_app.ui.views.tree import LayerTree
    from desktop_app.ui.views.workspace import Workspace

SPLIT = "splitter"
LAYER_COMMANDS = ("edit.value", "edit.lock", "edit.copy", "edit.paste", "edit.reset")
"""What can be done to selected layers, wherever they are selected."""


class Face(QObject):
    """Fills a window from the session, and follows it until another face takes its place.

    Args:
        window: Whose menus, bars, docks and middle are made here.
        session: What the views show.
        errands: The commands that ask the user something first.
        reopening: What brings earlier sessions back.
        crashes: What earlier starts have left of crashes.
    """

    def __init__(
        self, window: QMainWindow, session: Session, errands: Errands, reopening: Reopening, crashes: Crashes
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._errands = window, session, errands
        self._reopening = reopening
        self._document = session.document
        self.start = StartPage()
        self._workspace: Workspace | None = None
        self.messages, self._crash_bar = MessageBar(), CrashBar(crashes)
        self.status = label()
        self._task_line = TaskLine(session.long_work)
        self.saving = SavingFocus(window, self)
        self.actions_ = Actions(self._handlers(), self)
        menus = fill_menus(window, self.actions_, errands.open_model)
        self.bar = MainBar(self.actions_, PresetChoice(session))
        self._lay_out()
        menus["view"].addSeparator()
        self._add_log(menus["view"])
        self._columns = menus["view"].addMenu(tr("Columns"))
        self._columns.aboutToShow.connect(self.warm_up)
        menus["view"].addMenu(HeatMenu(self._document, menus["view"]))
        menus["view"].addMenu(LanguageMenu(menus["view"]))
        self._connect()
        self._show_model()
        self.start.sessions.show_sessions(reopening.sessions)
        self.update()
        if self._document.summary is None:
            self.start.setFocus()
        if lacking := missing_font(current().code):
            self.messages.warn((lacking,))

    @property
    def workspace(self) -> "Workspace":
        """What stands around an opened model; made when it is first wanted, for it takes as long as all the rest."""
        if self._workspace is None:
            self._workspace = self._make_workspace()
        return self._workspace

    @property
    def tree(self) -> "LayerTree":
        """The tree of layers."""
        return self.workspace.tree

    def warm_up(self) -> None:
        """Makes what is not made yet, before the user waits for it."""
        self.workspace.ensurePolished()

    def _make_workspace(self) -> "Workspace":
        from desktop_app.ui.views.workspace import Workspace

        made = Workspace(self._session)
        made.tree.addActions([self.actions_["edit.copy"], self.actions_["edit.paste"]])
        made.graph.take_commands([self.actions_[name] for name in LAYER_COMMANDS])
        made.inspector.sections.measure_with(self.actions_["run.sensitivity"], self.actions_["recipe.by_sensitivity"])
        made.tradeoff.add_commands(self.actions_)
        made.recover.details_wanted.connect(self._errands.edit_recover)
        self._columns.addActions(made.tree.column_actions())
        self.pages.addWidget(made)
        split = QSettings().value(SPLIT)
        if isinstance(split, QByteArray):
            made.splitter.restoreState(split)
        for signal in (
            made.tree.opened_otherwise,
            made.tree.header().sectionResized,
            made.tree.header().sectionMoved,
            made.tree.header().sortIndicatorChanged,
            made.tree_panel.filter_line.textChanged,
            made.tabs.currentChanged,
            made.splitter.splitterMoved,
        ):
            signal.connect(self._reopening.touch)
        return made

    def keep_split(self) -> None:
        """Keeps how wide the views are for the next start."""
        if self._workspace is not None:
            QSettings().setValue(SPLIT, self._workspace.splitter.saveState())

    def remove(self) -> None:
        """Clears the window: nothing of this face is found in it any more."""
        for bar in self._window.findChildren(QToolBar):
            self._window.removeToolBar(bar)
            _drop(bar)
        for dock in self._window.findChildren(QDockWidget):
            self._window.removeDockWidget(dock)
            _drop(dock)
        for part in (self._window.takeCentralWidget(), self._window.statusBar(), self._window.menuBar()):
            if part is not None:
                _drop(part)
        self.deleteLater()

    def update(self) -> None:
        """Switches every command as the state is now, and tells what goes on."""
        selected, sessions = len(self._document.selection.rows), bool(self._reopening.sessions)
        self.actions_.update(state_of(self._session, selected, sessions, self.saving.current))
        self._window.setWindowModified(self._document.dirty)
        self._update_status()

    def make_room(self) -> None:
        """Gives the views their sizes at once: widths can be taken over only where there is room for them."""
        middle, layout = self._window.centralWidget(), self._window.layout()
        if middle is not None and layout is not None:
            middle.show()
            layout.activate()

    def refuse(self, sentence: str) -> None:
        """Shows why something is not done."""
        self.messages.fail(Failed(sentence))

    def _handlers(self) -> dict[str, Callable[[], object]]:
        errands, session, undo = self._errands, self._session, self._document.undo_stack
        return {
            "file.window": errands.new_window,
            "file.open": errands.choose_model,
            "file.sample": session.open_sample,
            "file.student": errands.new_student,
            "file.export": errands.export,
            "file.reopen": self._reopening.reopen_all,
            "file.close": self._window.close,
            "file.quit": errands.quit_wanted.emit,
            "edit.undo": undo.undo,
            "edit.redo": undo.redo,
            "edit.value": lambda: self.tree.edit_knob(),
            "edit.lock": lambda: operations.toggle_locked(self._document, self._document.selection.layers),
            "edit.copy": errands.clipping.copy,
            "edit.paste": errands.clipping.paste,
            "edit.reset": lambda: operations.reset(self._document, self._document.selection.layers),
            "edit.find": lambda: self.workspace.tree_panel.find_layers(),
            "edit.settings": errands.edit_settings,
            "recipe.data": errands.edit_data,
            "recipe.rewrite": errands.edit_rewriting,
            "recipe.recover": errands.edit_recover,
            "recipe.by_sensitivity": errands.set_by_sensitivity,
            "recipe.open": errands.open_recipe,
            "recipe.save": errands.save_recipe,
            "recipe.save_as": errands.save_recipe_as,
            "recipe.command": errands.clipping.copy_command,
            "recipe.preset": errands.presetting.save,
            "recipe.presets": errands.presetting.manage,
            "run.run": session.run,
            "run.stop": session.stop,
            "run.benchmark": session.benchmark,
            "run.sensitivity": session.measure_sensitivity,
            "view.palette": self._show_palette,
            "view.next": lambda: step_focus(self._parts(), 1),
            "view.previous": lambda: step_focus(self._parts(), -1),
            "view.save_picture": self.saving.save_picture,
            "view.copy_picture": self.saving.copy_picture,
            "view.save_table": self.saving.save_table,
            "view.copy_table": self.saving.copy_table,
            "run.load": errands.runs.load,
            "run.compare": errands.runs.compare,
            "run.report": errands.runs.open_report,
            "run.keep": errands.runs.keep_files,
            "run.delete": errands.runs.delete,
            "help.guide": errands.show_guide,
            "help.keys": errands.show_keys,
            "help.about": errands.about,
        }

    def _parts(self) -> list[QWidget | None]:
        """What F6 walks through."""
        docks = self._window.findChildren(QDockWidget)
        return [self.tree, self.workspace.tabs, self.workspace.splitter.widget(2), *docks, self.bar]

    def _show_palette(self) -> None:
        layers = layer_items(self._document, self.tree.setFocus)
        known = [*menu_items(self._window.menuBar(), self.actions_), *preset_items(self._session), *layers]
        dialog = PaletteDialog(known, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        self._window.addToolBar(self.bar)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._crash_bar)
        layout.addWidget(self.messages)
        layout.addWidget(self.pages, 1)
        self._window.setCentralWidget(page)
        line = QStatusBar()
        line.addWidget(self.status, 1)
        line.addPermanentWidget(self._task_line)
        line.setSizeGripEnabled(False)
        self._window.setStatusBar(line)

    def _add_log(self, menu: QMenu) -> None:
        self._log = dock = QDockWidget(tr("Log"), self._window)
        dock.setObjectName("logDock")
        dock.setWidget(LogView())
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        dock.hide()
        menu.addAction(dock.toggleViewAction())

    def _connect(self) -> None:
        document, session, errands = self._document, self._session, self._errands
        self.start.open_wanted.connect(errands.choose_model)
        self.start.sample_wanted.connect(session.open_sample)
        self.start.model_chosen.connect(errands.open_model)
        self.start.files_dropped.connect(errands.take_files)
        self.start.sessions.reopen_wanted.connect(self._reopening.reopen)
        self.start.sessions.discard_wanted.connect(self._reopening.discard)
        self._reopening.changed.connect(self._show_sessions)
        self._reopening.warned.connect(self._warn)
        document.selection.changed.connect(self._reopening.touch)
        errands.refused.connect(self.refuse)
        self.messages.log_wanted.connect(self._show_log)
        document.selection.changed.connect(self.update)
        self.saving.changed.connect(self.update)
        document.opened.connect(self._on_opened)
        document.state_changed.connect(self.update)
        document.recipe_changed.connect(self.update)
        document.data_changed.connect(self._update_status)
        document.sensitivity_changed.connect(self.update)
        document.profile_changed.connect(self._show_machine)
        session.live.ended.connect(self._on_ended)
        session.work.changed.connect(self.update)
        session.work.failed.connect(self._on_failed)
        session.long_work.changed.connect(self._update_status)
        self._task_line.stop_wanted.connect(session.stop)
        session.exported.connect(self.messages.dismiss)
        session.told.connect(self.messages.tell)
        session.troubled.connect(self._on_trouble)
        session.past.told.connect(self.messages.tell)
        session.past.noted.connect(self.messages.warn)
        session.past.failed.connect(self.refuse)

    def _show_model(self) -> None:
        """Shows the opened model, if there is one, and its name."""
        summary = self._document.summary
        self.pages.setCurrentWidget(self.start if summary is None else self.workspace)
        self._show_title()
        self._show_machine()

    def _show_title(self) -> None:
        summary = self._document.summary
        title = window_title(summary.name if summary else "", self._session.long_work.standing)
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)

    def _show_machine(self) -> None:
        self.bar.show_machine(self._document.machine)

    def _on_opened(self) -> None:
        summary = self._document.summary
        self._show_model()
        self.messages.dismiss()
        self.tree.setFocus()
        if summary is not None and summary.warnings:
            self.messages.warn(summary.warnings)

    def _on_trouble(self, sentences: tuple[str, ...]) -> None:
        if sentences:
            self.messages.warn(sentences)

    def _show_log(self) -> None:
        self._log.show()
        self._log.raise_()

    def _show_sessions(self) -> None:
        self.start.sessions.show_sessions(self._reopening.sessions)
        self.update()

    def _warn(self, sentence: str) -> None:
        self.messages.warn((sentence,))

    def _on_ended(self, state: str) -> None:
        """Has the figures of a run spoken, for who does not see them move."""
        if state == "done":
            told = in_words(self._session.live.measurements)
            announce(self._window, tr("The run is done. {figures}").format(figures=told).strip())

    def _on_failed(self, task: Task, failure: Failed) -> None:
        self.messages.fail(failure)

    def _update_status(self) -> None:
        self._show_title()
        standing = self._session.long_work.standing
        task, text = self._session.work.current, task_text(standing)
        self.status.setText(text or idle_text(self._document))
        self.start.tell(text if task and not task.quiet else "")


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()
