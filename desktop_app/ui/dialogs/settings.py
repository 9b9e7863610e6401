"""The dialog of preferences, made from their rows; what is chosen holds at once."""

from itertools import groupby
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.settings.rows import SETTINGS, Setting
from desktop_app.ui.settings.store import settings
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import IntBox

WIDTH, HEIGHT = 620, 650
TITLE, CONTROL = 0, 1


class SettingsDialog(QDialog):
    """A control for each setting, below the headings of their sections."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsDialog")
        self.resize(scaled(WIDTH), scaled(HEIGHT))
        self._all = QVBoxLayout(self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            QTimer.singleShot(0, self, self._fill)  # Qt still goes through the controls

    def _fill(self) -> None:
        """Shows everything in the language of now, the keys where they were."""
        focused = self.focusWidget()
        while (item := self._all.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()  # else it is shown as a window of its own, where the layout has not shown it yet
                old.setParent(None)
                old.deleteLater()
        self.setWindowTitle(tr("Settings"))
        self._all.addWidget(self._content())
        again = self.findChild(QWidget, focused.objectName()) if focused is not None else None
        if again is not None:
            again.setFocus()

    def _content(self) -> QWidget:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(tr("Settings"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(_page())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        defaults = buttons.addButton(tr("Restore defaults"), QDialogButtonBox.ButtonRole.ResetRole)
        defaults.setObjectName("defaultsButton")
        defaults.setAutoDefault(False)
        defaults.clicked.connect(settings().reset)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        buttons.setContentsMargins(16, 0, 16, 0)
        return content


def _page() -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(20, 16, 20, 16)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(CONTROL, 1)
    for section, rows in groupby(SETTINGS, key=lambda one: one.section):
        line = grid.rowCount()
        heading = label(tr(section), heading=True)
        heading.setContentsMargins(0, 0 if line == 1 else 14, 0, 6)
        grid.addWidget(heading, line, TITLE, 1, 2)
        for setting in rows:
            _add(grid, setting)
    grid.setRowStretch(grid.rowCount(), 1)
    return page


def _add(grid: QGridLayout, setting: Setting[Any]) -> None:
    line, control, title = grid.rowCount(), _control(setting), label(tr(setting.title))
    control.setObjectName(setting.key)
    control.setAccessibleName(tr(setting.title))
    control.setAccessibleDescription(tr(setting.tip))
    control.setToolTip(as_tooltip(tr(setting.tip)))
    title.setBuddy(control)
    tip = label(tr(setting.tip), quiet=True, wrap=True)
    tip.setContentsMargins(0, 0, 0, 8)
    grid.addWidget(title, line, TITLE)
    grid.addWidget(control, line, CONTROL)
    grid.addWidget(tip, line + 1, CONTROL)


def _control(setting: Setting[Any]) -> QWidget:
    if setting.choices:
        return _Choice(setting)
    return _Switch(setting) if isinstance(setting.default, bool) else _Number(setting)


class _Choice(QComboBox):
    """A setting with a few values."""

    def __init__(self, setting: Setting[Any]) -> None:
        super().__init__()
        self._setting = setting
        for one in setting.choices:
            self.addItem(tr(one.title), one.value)
        self._show()
        self.activated.connect(lambda: settings().write(setting, self.currentData()))
        settings().changed.connect(self._show)

    def wheelEvent(self, event: QEvent) -> None:  # scrolling the page changes nothing
        event.ignore()

    def _show(self) -> None:
        self.setCurrentIndex(self.findData(settings().read(self._setting)))


class _Switch(QCheckBox):
    """A setting that is on or off."""

    def __init__(self, setting: Setting[Any]) -> None:
        super().__init__()
        self._setting = setting
        self._show()
        self.clicked.connect(lambda on: settings().write(setting, on))
        settings().changed.connect(self._show)

    def _show(self) -> None:
        self.setChecked(settings().read(self._setting))


class _Number(IntBox):
    """A setting that counts something."""

    def __init__(self, setting: Setting[Any]) -> None:
        super().__init__()
        self._setting = setting
        self.setRange(0, setting.highest)
        self.setSpecialValueText(tr(setting.zero))
        self.setSuffix(tr(setting.unit))
        self.setKeyboardTracking(False)
        self._show()
        self.valueChanged.connect(lambda value: settings().write(setting, value))
        settings().changed.connect(self._show)

    def wheelEvent(self, event: QEvent) -> None:  # scrolling the page changes nothing
        event.ignore()

    def _show(self) -> None:
        self.setValue(settings().read(self._setting))
