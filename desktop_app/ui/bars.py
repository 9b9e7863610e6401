"""The menu bar and the toolbar, made from the commands."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from desktop_app.core.report import Machine
from desktop_app.ui.actions import Actions
from desktop_app.ui.commands import COMMANDS, MENUS
from desktop_app.ui.recent_menu import RecentMenu
from desktop_app.ui.text import as_tooltip, plural, tr
from desktop_app.ui.views.labels import label

ICON_SIZE = 18
WITH_TEXT = {"openButton", "dataButton", "runButton", "stopButton", "searchButton", "exportButton"}


def fill_menus(window: QMainWindow, actions: Actions, open_recent: Callable[[str], None]) -> dict[str, QMenu]:
    """Makes the menus; returns them by id, so that views can add to theirs."""
    menus = {name: window.menuBar().addMenu(tr(title)) for name, title in MENUS.items()}
    for command in COMMANDS:
        menus[command.menu].addAction(actions[command.id])
        if command.id == "file.open":
            recent = RecentMenu(menus["file"])
            recent.chosen.connect(open_recent)
            menus["file"].addMenu(recent)
    for menu in menus.values():
        menu.setToolTipsVisible(True)
    return menus


class MainBar(QToolBar):
    """Open, Data, presets, Run, Stop, Search, Export, and which processor this is."""

    def __init__(self, actions: Actions, presets: QComboBox) -> None:
        super().__init__(tr("Main"))
        self.setObjectName("mainBar")
        self.setMovable(False)
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self._machine = label(quiet=True)
        self._machine.setObjectName("cpuLabel")
        for name in ("file.open", "recipe.data"):
            self.addAction(actions[name])
        self.addSeparator()
        self._add(label(tr("Preset")), presets)
        self.addSeparator()
        for name in ("run.run", "run.stop", "run.search"):
            self.addAction(actions[name])
        self.addSeparator()
        for name in ("edit.undo", "edit.redo"):
            self.addAction(actions[name])
        self.addSeparator()
        self.addAction(actions["file.export"])
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._add(spacer, self._machine)
        self._name_buttons(actions)

    def show_machine(self, machine: Machine | None) -> None:
        """Tells the processor, as far as it matters to compressed models."""
        text, tip = machine_text(machine)
        self._machine.setText(text)
        self._machine.setToolTip(as_tooltip(tip))

    def _add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            if isinstance(widget, QLabel):
                widget.setContentsMargins(6, 0, 6, 0)
            self.addWidget(widget)

    def _name_buttons(self, actions: Actions) -> None:
        for command in COMMANDS:
            button = self.widgetForAction(actions[command.id])
            if isinstance(button, QToolButton):
                button.setObjectName(command.toolbar)
                button.setAccessibleName(tr(command.text).rstrip("…"))
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                if command.toolbar in WITH_TEXT:
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)


def machine_text(machine: Machine | None) -> tuple[str, str]:
    """The processor in a few words, and all that is known of it."""
    if machine is None:
        return "", ""
    flags = {flag.lower() for flag in machine.flags}
    vectors = next(
        (text for flag, text in (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("neon", "NEON")) if flag in flags), ""
    )
    vnni = tr("VNNI") if any("vnni" in flag for flag in flags) else tr("no VNNI")
    known = f"{vectors}, {vnni}" if vectors.startswith("AVX") else vectors or machine.cpu
    tip = plural(
        machine.threads,
        "{cpu}; measured with one thread; {flags}",
        "{cpu}; measured with {count} threads; {flags}",
        cpu=machine.cpu,
        flags=" ".join(machine.flags),
    )
    return tr("CPU: {known}").format(known=known), tip
