"""What every plot and table offers: its picture and its figures, as a file or for the clipboard.

A view says once what it shows: `Savable(self, tr("Size"), picture=self._plot, table=self._table)`. The four commands
then stand in the context menus of picture and table (also by the Menu key) beside the widget's other actions, and the
window's commands find them by the focus.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSaveFile, QSettings, QStandardPaths, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QFileDialog, QMenu, QWidget

from desktop_app.core.cells import csv_text
from desktop_app.core.text import clean_name
from desktop_app.ui import pictures, tables
from desktop_app.ui.announcing import tell
from desktop_app.ui.pictures import Picture, picture_of
from desktop_app.ui.tables import Rows, rows_of
from desktop_app.ui.text import tr
from desktop_app.ui.views.boxes import plain_box

FOLDER = "saving/folder"


class Savable(QObject):
    """A plot, a table, or a plot with its table.

    Args:
        owner: The view that shows them.
        title: What it shows, in the user's language.
        picture: The widget that is drawn, or what gives the picture.
        table: The table, or what gives its rows, the headings first.
        menus_on: Widgets whose context menus offer the commands, beside those of picture and table.
    """

    def __init__(
        self,
        owner: QWidget,
        title: str,
        *,
        picture: QWidget | Callable[[], Picture] | None = None,
        table: QAbstractItemView | Callable[[], Rows] | None = None,
        menus_on: Sequence[QWidget] = (),
    ) -> None:
        super().__init__(owner)
        self.title = title
        self._owner = owner
        self._picture, self._table = picture, table
        self._actions = [*self._picture_actions(), *self._table_actions()]
        for widget in (picture, table, *menus_on):
            if isinstance(widget, QWidget):
                self.offer_on(widget)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to save now."""
        return _there(self._picture)

    @property
    def has_table(self) -> bool:
        """Whether there is a table to save now."""
        return _there(self._table)

    @property
    def shown(self) -> bool:
        """Whether the user sees it."""
        return self._owner.isVisible()

    def offer_on(self, widget: QWidget) -> None:
        """Puts the commands into the context menu of one more widget."""
        widget.addActions(self._actions)
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self._pop_up)

    def actions(self) -> list[QAction]:
        """The commands, for a menu that a view makes itself."""
        return self._actions

    def picture(self) -> Picture:
        """The picture as it is now."""
        drawn = self._picture
        if drawn is None:
            raise LookupError(self.title)
        return picture_of(drawn) if isinstance(drawn, QWidget) else drawn()

    def rows(self) -> Rows:
        """The table as it is now, the headings first."""
        shown = self._table
        if shown is None:
            raise LookupError(self.title)
        return rows_of(shown) if isinstance(shown, QAbstractItemView) else shown()

    def save_picture(self) -> None:
        """Asks where to, and saves the picture."""
        filters = [tr("Drawing, sharp at any size (*.svg)"), tr("Picture (*.png)"), tr("Picture, double size (*.png)")]
        dialog = self._dialog(tr("Save picture"), filters)

        def save(path: str) -> None:
            times = 1 + filters.index(dialog.selectedNameFilter()) // 2
            drawn = self.picture()
            self._write(
                path, pictures.as_png(drawn, times) if path.lower().endswith(".png") else pictures.as_svg(drawn)
            )

        dialog.fileSelected.connect(save)
        dialog.open()

    def save_table(self) -> None:
        """Asks where to, and saves the table."""
        dialog = self._dialog(tr("Save table"), [tr("Table (*.csv)")])
        # a spreadsheet takes the file for UTF-8 only by its mark
        dialog.fileSelected.connect(lambda path: self._write(path, csv_text(self.rows()).encode("utf-8-sig")))
        dialog.open()

    def copy_picture(self) -> None:
        """Puts the picture on the clipboard."""
        QGuiApplication.clipboard().setMimeData(pictures.for_clipboard(self.picture()))
        tell(self._owner, tr("The picture is on the clipboard."))

    def copy_table(self) -> None:
        """Puts the table on the clipboard."""
        QGuiApplication.clipboard().setMimeData(tables.for_clipboard(self.rows()))
        tell(self._owner, tr("The table is on the clipboard."))

    def _pop_up(self, position: QPoint) -> None:
        """The context menu of a widget: all its actions; unlike Qt's own it does not wait for the user."""
        widget = self.sender()
        if isinstance(widget, QWidget):
            menu = QMenu(widget)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(widget.actions())
            inner = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
            menu.popup(inner.mapToGlobal(position))

    def _picture_actions(self) -> list[QAction]:
        if self._picture is None:
            return []
        return [
            self._action(tr("Save picture…"), "savePicture", self.save_picture),
            self._action(tr("Copy picture"), "copyPicture", self.copy_picture),
        ]

    def _table_actions(self) -> list[QAction]:
        if self._table is None:
            return []
        return [
            self._action(tr("Save table as CSV…"), "saveTable", self.save_table),
            self._action(tr("Copy table"), "copyTable", self.copy_table),
        ]

    def _action(self, text: str, name: str, done: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.triggered.connect(done)
        return action

    def _dialog(self, title: str, filters: list[str]) -> QFileDialog:
        """A dialog that asks for a path, before anything is overwritten, too."""
        dialog = QFileDialog(self._owner, title)
        dialog.setObjectName("saveDialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilters(filters)
        dialog.setDirectory(_folder())
        dialog.setDefaultSuffix(_suffix(filters[0]))
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(_suffix(chosen)))
        dialog.selectFile(f"{file_stem(self.title)}.{_suffix(filters[0])}")
        return dialog

    def _write(self, path: str, content: bytes) -> None:
        problem = write_whole(path, content)
        if problem:
            box = plain_box(self._owner, "notSaved", tr("Not saved"), problem)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
            return
        QSettings().setValue(FOLDER, str(Path(path).parent))
        tell(self._owner, tr("Saved: {path}.").format(path=path))


def savable_at(widget: QWidget | None) -> Savable | None:
    """What the view that holds a widget offers to save; None where it offers nothing."""
    while widget is not None:
        found = widget.findChild(Savable, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if found is not None:
            return found
        widget = widget.parentWidget()
    return None


def write_whole(path: str, content: bytes) -> str:
    """Writes a file whole or not at all; returns why it was not written, a sentence, or nothing."""
    file = QSaveFile(path)
    if file.open(QSaveFile.OpenModeFlag.WriteOnly) and file.write(content) == len(content) and file.commit():
        return ""
    name, folder = clean_name(Path(path).name), clean_name(str(Path(path).parent))
    reason = file.errorString().rstrip(".")
    told = tr("{name} was not written to {folder}: {reason}. What was there stands; choose another folder or name.")
    return told.format(name=name, folder=folder, reason=reason)


def file_stem(title: str) -> str:
    """A title as the name of a file on any system."""
    kept = "".join(one if one.isalnum() or one in " -_" else " " for one in title)
    return "-".join(kept.split()).lower()[:60] or "saved"


def _there(one: object) -> bool:
    """Whether there is something: a widget that its view hides shows nothing."""
    return one is not None and not (isinstance(one, QWidget) and one.isHidden())


def _folder() -> str:
    stored = QSettings().value(FOLDER)
    if isinstance(stored, str) and Path(stored).is_dir():
        return stored
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or str(Path.home())


def _suffix(name_filter: str) -> str:
    return name_filter.rpartition("*.")[2].rstrip(")")
