"""All of the window that shows words: menus, toolbar, pages and docks, made anew when the language changes."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSettings
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget
from shiboken6 import delete

from desktop_app.core.language import current
from desktop_app.jobs.messages import Failed
from desktop_app.ui.actions import Actions
from desktop_app.ui.announcing import announce
from desktop_app.ui.bars import MainBar, fill_menus
from desktop_app.ui.document import Document
from desktop_app.ui.errands import Errands
from desktop_app.ui.fonts import missing_font
from desktop_app.ui.frame import Frame
from desktop_app.ui.heat_menu import HeatMenu
from desktop_app.ui.language_menu import LanguageMenu
from desktop_app.ui.logs.crashes import Crashes
from desktop_app.ui.reopening import Reopening
from desktop_app.ui.saving_focus import SavingFocus
from desktop_app.ui.session import Session
from desktop_app.ui.state import state_of
from desktop_app.ui.status import idle_text, task_text, window_title
from desktop_app.ui.text import tr
from desktop_app.ui.views.figures import in_words
from desktop_app.ui.views.presets import PresetChoice
from desktop_app.ui.views.start import StartPage
from desktop_app.ui.work import Task

if TYPE_CHECKING:
    from desktop_app.ui.graph.panel import GraphView
    from desktop_app.ui.views.search import SearchView
    from desktop_app.ui.views.tradeoff import TradeOffView
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
        self.window: QMainWindow = window
        self.session: Session = session
        self.document: Document = session.document
        self.errands: Errands = errands
        self.reopening: Reopening = reopening
        self.start = StartPage()
        self._workspace: Workspace | None = None
        self.frame = Frame(window, session.long_work, crashes)
        self.messages = self.frame.messages
        self.frame.pages.addWidget(self.start)
        self.saving: SavingFocus = SavingFocus(window, self)
        self.actions_ = Actions(self)
        menus = fill_menus(window, self.actions_, errands.open_model)
        self.bar = MainBar(self.actions_, PresetChoice(session))
        window.addToolBar(self.bar)
        menus["view"].addSeparator()
        menus["view"].addAction(self.frame.log.toggleViewAction())
        self._columns = menus["view"].addMenu(tr("Columns"))
        self._columns.aboutToShow.connect(self.warm_up)
        menus["view"].addMenu(HeatMenu(self.document, menus["view"]))
        menus["view"].addMenu(LanguageMenu(menus["view"]))
        self._connect()
        self._show_model()
        self.start.sessions.show_sessions(reopening.sessions)
        self.update()
        if self.document.summary is None:
            self.start.setFocus()
        self.check_font()

    def check_font(self) -> None:
        """Says so where this computer cannot show the language of now."""
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
        """Makes what shows a model, before the user waits for it."""
        self.workspace.ensurePolished()

    def _make_workspace(self) -> "Workspace":
        from desktop_app.ui.views.workspace import Workspace

        made = Workspace(self.session, self.frame.pages)
        made.tree.addActions([self.actions_["edit.copy"], self.actions_["edit.paste"]])
        made.inspector.sections.measure_with(self.actions_["run.sensitivity"], self.actions_["recipe.by_sensitivity"])
        made.late_graph.when_made(self._furnish_graph)
        made.late_tradeoff.when_made(self._furnish_tradeoff)
        made.late_search.when_made(self._furnish_search)
        made.recover.details_wanted.connect(self.errands.edit_recover)
        self._columns.addActions(made.tree.column_actions())
        self.frame.pages.addWidget(made)
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
            signal.connect(self.reopening.touch)
        return made

    def _furnish_graph(self, view: "GraphView") -> None:
        view.take_commands([self.actions_[name] for name in LAYER_COMMANDS])

    def _furnish_tradeoff(self, view: "TradeOffView") -> None:
        view.add_commands(self.actions_)

    def _furnish_search(self, view: "SearchView") -> None:
        view.add_commands(self.actions_)
        view.use_wanted.connect(self.errands.search.use)

    def keep_split(self) -> None:
        """Keeps how wide the views are for the next start."""
        if self._workspace is not None:
            QSettings().setValue(SPLIT, self._workspace.splitter.saveState())

    def remove(self) -> None:
        """Clears the window: nothing of this face is found in it any more."""
        frame = self.frame
        delete(self)  # before its widgets: what they tell while they go must find nobody that writes into them
        frame.remove()

    def update(self) -> None:
        """Switches every command as the state is now, and tells what goes on."""
        selected, sessions = len(self.document.selection.rows), bool(self.reopening.sessions)
        self.actions_.update(state_of(self.session, selected, sessions, self.saving.current))
        self.window.setWindowModified(self.document.dirty)
        self._update_status()

    def refuse(self, sentence: str) -> None:
        """Shows why something is not done."""
        self.messages.fail(Failed(sentence))

    def parts(self) -> list[QWidget | None]:
        """What F6 walks through."""
        docks = self.window.findChildren(QDockWidget)
        return [self.tree, self.workspace.tabs, self.workspace.splitter.widget(2), *docks, self.bar]

    def find_layers(self) -> None:
        """Puts the cursor into the line that filters the tree."""
        self.workspace.tree_panel.find_layers()

    def show_palette(self) -> None:
        """Opens the palette of all commands."""
        from desktop_app.ui.dialogs.palette import PaletteDialog
        from desktop_app.ui.palette_items import layer_items, menu_items, preset_items

        layers = layer_items(self.document, self.tree.setFocus)
        known = [*menu_items(self.window.menuBar(), self.actions_), *preset_items(self.session), *layers]
        dialog = PaletteDialog(known, self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _connect(self) -> None:
        document, session, errands = self.document, self.session, self.errands
        self.start.open_wanted.connect(errands.choose_model)
        self.start.sample_wanted.connect(session.open_sample)
        self.start.model_chosen.connect(errands.open_model)
        self.start.files_dropped.connect(errands.take_files)
        self.start.sessions.reopen_wanted.connect(self.reopening.reopen)
        self.start.sessions.discard_wanted.connect(self.reopening.discard)
        self.reopening.changed.connect(self._show_sessions)
        self.reopening.warned.connect(self._warn)
        document.selection.changed.connect(self.reopening.touch)
        errands.refused.connect(self.refuse)
        document.selection.changed.connect(self.update)
        self.saving.changed.connect(self.update)
        document.opened.connect(self._on_opened)
        document.state_changed.connect(self.update)
        document.recipe_changed.connect(self.update)
        document.data_changed.connect(self._update_status)
        document.sensitivity_changed.connect(self.update)
        document.profile_changed.connect(self._show_machine)
        session.search.changed.connect(self.update)
        session.design.changed.connect(self.update)
        session.search.candidates.selection_changed.connect(self.update)
        session.live.ended.connect(self._on_ended)
        session.work.changed.connect(self.update)
        session.work.failed.connect(self._on_failed)
        session.long_work.changed.connect(self._update_status)
        self.frame.task_line.stop_wanted.connect(session.stop)
        session.exported.connect(self.messages.dismiss)
        session.told.connect(self.messages.tell)
        session.troubled.connect(self._on_trouble)
        session.past.told.connect(self.messages.tell)
        session.past.noted.connect(self.messages.warn)
        session.past.failed.connect(self.refuse)

    def _show_model(self) -> None:
        """Shows the opened model, if there is one, and its name."""
        summary = self.document.summary
        self.frame.pages.setCurrentWidget(self.start if summary is None else self.workspace)
        self._show_title()
        self._show_machine()

    def _show_title(self) -> None:
        summary = self.document.summary
        title = window_title(summary.name if summary else "", self.session.long_work.standing)
        if title != self.window.windowTitle():
            self.window.setWindowTitle(title)

    def _show_machine(self) -> None:
        self.bar.show_machine(self.document.machine)

    def _on_opened(self) -> None:
        summary = self.document.summary
        self._show_model()
        self.messages.dismiss()
        self.tree.setFocus()
        if summary is not None and summary.warnings:
            self.messages.warn(summary.warnings)

    def _on_trouble(self, sentences: tuple[str, ...]) -> None:
        if sentences:
            self.messages.warn(sentences)

    def _show_sessions(self) -> None:
        self.start.sessions.show_sessions(self.reopening.sessions)
        self.update()

    def _warn(self, sentence: str) -> None:
        self.messages.warn((sentence,))

    def _on_ended(self, state: str) -> None:
        """Has the figures of a run spoken, for who does not see them move."""
        if state == "done":
            told = in_words(self.session.live.measurements)
            announce(self.window, tr("The run is done. {figures}").format(figures=told).strip())

    def _on_failed(self, task: Task, failure: Failed) -> None:
        self.messages.fail(failure)

    def _update_status(self) -> None:
        self._show_title()
        standing = self.session.long_work.standing
        task, text = self.session.work.current, task_text(standing)
        self.frame.status.setText(text or idle_text(self.document))
        self.start.tell(text if task and not task.quiet else "")
