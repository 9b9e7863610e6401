"""The dialogs of the user's own presets: giving one its name, and the list of them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.text import clean_name
from desktop_app.jobs.recipes import Preset
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.boxes import question
from desktop_app.ui.views.labels import label

LONGEST_TITLE, LONGEST_TIP = 60, 200


class PresetDialog(QDialog):
    """Asks for the name of a preset and for a sentence about it.

    Signals:
        save_wanted: The name, the sentence, and the file of the preset that is renamed (empty: a new one).
    """

    save_wanted = Signal(str, str, str)

    def __init__(self, presets: Sequence[Preset], renamed: Preset | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetDialog")
        self.setWindowTitle(tr("Save as preset") if renamed is None else tr("Rename the preset"))
        self._presets, self._file = presets, renamed.name if renamed else ""
        self._title, self._tip = QLineEdit(), QLineEdit()
        self._note = label(quiet=True, wrap=True)
        self._note.setObjectName("presetNote")
        for field, name, longest, text in (
            (self._title, "presetTitle", LONGEST_TITLE, renamed.title if renamed else ""),
            (self._tip, "presetTip", LONGEST_TIP, renamed.tip if renamed else ""),
        ):
            field.setObjectName(name)
            field.setMaxLength(longest)
            field.setText(text)
        self._title.setAccessibleName(tr("Name"))
        self._tip.setAccessibleName(tr("Good for"))
        self._tip.setPlaceholderText(tr("a sentence for the tooltip, if you like"))
        self._title.textChanged.connect(self._check)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(tr("Name"), self._title)
        form.addRow(tr("Good for"), self._tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self._note)
        layout.addWidget(self._buttons)
        self.setMinimumWidth(scaled(460))
        self._check()

    def _check(self) -> None:
        """Says what a name would do; a name of the application's own presets is taken."""
        title = self._title.text().strip()
        same = [one for one in self._presets if one.title == title and (not one.name or one.name != self._file)]
        taken = any(not one.name or self._file for one in same)
        save = self._buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(bool(title) and not taken)
        save.setText(tr("Replace") if same and not taken else tr("Save"))
        if taken:
            self._note.setText(tr("Another preset has this name."))
        elif same:
            self._note.setText(tr("Your preset of this name is replaced."))
        else:
            self._note.setText(
                tr("Keeps the settings of layers and the methods; data, seed and locks are not part of it.")
            )

    def _save(self) -> None:
        self.save_wanted.emit(self._title.text().strip(), self._tip.text().strip(), self._file)
        self.accept()


class PresetsDialog(QDialog):
    """Lists the user's presets, to be renamed or deleted.

    Signals:
        rename_wanted: A `Preset`.
        delete_wanted: The file of a preset.

    Args:
        folder: Where their files lie.
    """

    rename_wanted = Signal(Preset)
    delete_wanted = Signal(str)

    def __init__(self, presets: Sequence[Preset], folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetsDialog")
        self.setWindowTitle(tr("Your presets"))
        self.resize(scaled(520), scaled(380))
        self._list = QListWidget()
        self._list.setObjectName("presetList")
        self._list.setAccessibleName(tr("Your presets"))
        self._list.itemSelectionChanged.connect(self._update)
        self._list.itemDoubleClicked.connect(self._rename_chosen)
        self._empty = label(
            tr("None yet: set what you like and choose Recipe > Save as preset."), quiet=True, wrap=True
        )
        self._rename, self._delete = QPushButton(tr("Rename…")), QPushButton(tr("Delete"))
        self._rename.setObjectName("renamePreset")
        self._delete.setObjectName("deletePreset")
        self._rename.clicked.connect(self._rename_chosen)
        self._delete.clicked.connect(self._ask_to_delete)
        show = QPushButton(tr("Show folder"))
        show.setEnabled(folder.is_dir())
        show.setToolTip(as_tooltip(str(folder)))
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row = QHBoxLayout()
        for button in (self._rename, self._delete, show):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        self.show_presets(presets)

    def show_presets(self, presets: Sequence[Preset]) -> None:
        """Lists the presets as they are now."""
        chosen = self._list.currentRow()
        self._own = [one for one in presets if one.name]
        self._list.clear()
        for one in self._own:
            item = QListWidgetItem(f"{one.title}\n{one.tip}" if one.tip else one.title)
            item.setToolTip(as_tooltip(one.tip))
            self._list.addItem(item)
        self._list.setCurrentRow(min(max(chosen, 0), len(self._own) - 1))
        self._empty.setVisible(not self._own)
        self._update()

    def _update(self) -> None:
        for button in (self._rename, self._delete):
            button.setEnabled(self._chosen() is not None)
            button.setToolTip(as_tooltip("" if self._chosen() else tr("Choose a preset first.")))

    def _chosen(self) -> Preset | None:
        place = self._list.currentRow()
        return self._own[place] if 0 <= place < len(self._own) else None

    def _rename_chosen(self) -> None:
        preset = self._chosen()
        if preset is not None:
            self.rename_wanted.emit(preset)

    def _ask_to_delete(self) -> None:
        preset = self._chosen()
        if preset is None:
            return
        text = tr("Delete the preset {name}?").format(name=clean_name(preset.title))
        box = question(self, "deleteQuestion", tr("Delete"), text)
        yes = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setEscapeButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
        yes.clicked.connect(lambda: self.delete_wanted.emit(preset.name))
        box.open()
