"""Commands that ask the user something first: files, data, export, closing.

Dialogs are imported when they are asked for: the window is there sooner.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from desktop_app.core.data import DataSettings
from desktop_app.core.extras import why_no_torch
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.ui import operations
from desktop_app.ui.arrivals import Arrivals
from desktop_app.ui.clipping import Clipping
from desktop_app.ui.designing.errands import DesignErrands
from desktop_app.ui.files import TORCH_SUFFIXES
from desktop_app.ui.following import Following
from desktop_app.ui.making import Making
from desktop_app.ui.presetting import Presetting
from desktop_app.ui.recent import remember_model
from desktop_app.ui.recipe_file import RECIPES, suggested_path
from desktop_app.ui.run_errands import RunErrands
from desktop_app.ui.searching.errands import SearchErrands
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task

MODELS = f"ONNX (*.onnx);;PyTorch ({' '.join(f'*{suffix}' for suffix in TORCH_SUFFIXES)});;*"


class Errands(QObject):
    """What the window does when its commands are chosen.

    Signals:
        another_wanted: The path of a model for another window; empty: the window is to be empty.
        student_made: The path of a student of this model, and the recipe that teaches it.
        quit_wanted: The user wants to close all windows.
        refused: A sentence: why it is not done.
    """

    another_wanted = Signal(str)
    student_made = Signal(str, Recipe)
    quit_wanted = Signal()
    refused = Signal(str)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._document = session.document
        self.runs: RunErrands = RunErrands(window, session)
        self.search: SearchErrands = SearchErrands(window, session, self.export)
        self._making = Making(window, session)
        self._making.model_made.connect(self._show_model)
        self.design: DesignErrands = DesignErrands(window, session)
        self.design.student_made.connect(self.student_made)
        self.clipping: Clipping = Clipping(session)
        self.presetting: Presetting = Presetting(window, session)
        self.arrivals = Arrivals(window, session, self._show_model)
        self.arrivals.another_wanted.connect(self.another_wanted)
        self.arrivals.refused.connect(self.refused)
        self._making.student_made.connect(self.student_made)

    def choose_model(self) -> None:
        """Asks for files and opens them."""
        paths = QFileDialog.getOpenFileNames(self._window, tr("Open a model"), "", MODELS)[0]
        if paths:
            self.take_files(paths)

    def new_window(self) -> None:
        """Opens another window, without a model."""
        self.another_wanted.emit("")

    def quit(self) -> None:
        """Closes all windows."""
        self.quit_wanted.emit()

    def open_model(self, path: str) -> None:
        """Opens a model here, or where the user wants it if this window shows a model."""
        self.arrivals.open([path])

    def take_files(self, paths: Sequence[str]) -> None:
        """Takes files that were dropped or named: models, recipes and data."""
        self.arrivals.take(paths)

    def _show_model(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Opens a model in this window, whatever it shows now."""

        def go_on() -> None:
            remember_model(path)
            if then is not None:
                then()

        if Path(path).suffix.lower() in TORCH_SUFFIXES:
            self._making.open_torch_file(path)
        else:
            self._session.open_model(path, go_on)

    def open_student(self, path: str, recipe: Recipe) -> None:
        """Opens a student with the recipe that teaches it."""

        def prepare() -> None:
            remember_model(path)
            operations.set_recipe(self._document, recipe)
            self._document.undo_stack.setClean()

        self._session.open_model(path, prepare)

    def new_student(self) -> None:
        """Opens the dialog for a student of this model."""
        self._making.new_student()

    def open_recipe(self) -> None:
        """Asks for a recipe file and takes what it holds."""
        path = QFileDialog.getOpenFileName(self._window, tr("Open a recipe"), "", RECIPES)[0]
        if path:
            self._session.read_recipe(path)

    def save_recipe(self) -> None:
        """Saves to the file that the recipe has; asks for one if it has none."""
        if self._document.recipe_path is None:
            self.save_recipe_as()
        else:
            self._session.write_recipe(str(self._document.recipe_path))

    def save_recipe_as(self) -> None:
        """Asks where to save the recipe."""
        suggested = str(suggested_path(self._document))
        path = QFileDialog.getSaveFileName(self._window, tr("Save the recipe"), suggested, RECIPES)[0]
        if path:
            self._session.write_recipe(path)

    def edit_data(self) -> None:
        """Opens the data dialog."""
        from desktop_app.ui.dialogs.data import DataDialog

        dialog = DataDialog(self._document.recipe.data, self._window)

        def look(settings: DataSettings) -> None:
            self._session.preview_data(settings, show)

        def show(preview: DataPreview) -> None:
            if isValid(dialog):  # who is quick has closed it before the worker answers
                dialog.show_preview(preview)

        def own(task: Task) -> bool:
            return isinstance(task.request, PreviewData) and not task.quiet

        dialog.preview_wanted.connect(look)
        Following(dialog, self._session.work, own, dialog.show_failure)
        dialog.accepted.connect(lambda: operations.set_data(self._document, dialog.settings()))
        dialog.rejected.connect(self._session.stop_preview)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        dialog.look()

    def edit_rewriting(self) -> None:
        """Opens the dialog on what is rewritten."""
        from desktop_app.ui.dialogs.rewrite import RewriteDialog
        from desktop_app.ui.views.facts import rewritten_layers

        document = self._document
        dialog = RewriteDialog(document.recipe.methods.restructure, rewritten_layers(document), self._window)
        dialog.accepted.connect(lambda: operations.set_restructure(document, dialog.method()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def edit_recover(self) -> None:
        """Opens the dialog on training back."""
        from desktop_app.ui.dialogs.recover import RecoverDialog
        from desktop_app.ui.views.recover import labels_why_not

        document = self._document
        method = document.recipe.methods.recover
        dialog = RecoverDialog(method, labels_why_not(document), why_no_torch(), self._window)
        dialog.accepted.connect(lambda: operations.set_recover(document, dialog.method()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def set_by_sensitivity(self) -> None:
        """Opens the dialog that sets all layers by what was tried of them."""
        from desktop_app.ui.dialogs.by_sensitivity import BySensitivityDialog

        dialog = BySensitivityDialog(self._document, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self) -> None:
        """Opens the export dialog."""
        from desktop_app.ui.dialogs.export import ExportDialog
        from desktop_app.ui.dialogs.export_formats import ExportFacts, facts_of

        summary, run = self._document.summary, self._document.run
        if summary is None:
            return
        facts = facts_of(run, summary.path) if run is not None else ExportFacts()
        dialog = ExportDialog(summary.name, Path.home(), facts, self._window)

        def own(task: Task) -> bool:
            return isinstance(task.request, ExportModel)

        dialog.export_wanted.connect(self._session.export)
        dialog.stop_wanted.connect(self._session.stop)
        Following(dialog, self._session.work, own, dialog.fail, dialog.report)
        self._session.exported.connect(dialog.finish)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_guide(self) -> None:
        """Opens the guide beside the window, or brings it to the front."""
        from desktop_app.ui.dialogs.guide import GuideDialog

        dialog = self._window.findChild(GuideDialog)
        if dialog is None:
            dialog = GuideDialog(self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_keys(self) -> None:
        """Opens the sheet of keys."""
        from desktop_app.ui.dialogs.keys import KeysDialog

        dialog = KeysDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def about(self) -> None:
        """Tells name, version and licence, also of what comes along."""
        from desktop_app.ui.dialogs.about import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def edit_settings(self) -> None:
        """Opens the settings."""
        from desktop_app.ui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
