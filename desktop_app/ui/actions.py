"""All commands of the window as rows of data; menus, toolbar and the sheet of keys are made from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from desktop_app.ui.icons import icon, on_accent
from desktop_app.ui.state import State
from desktop_app.ui.text import Words, as_tooltip, tell, tr

WhyNot = Callable[[State], str]


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        id: Name in code and tests; the menu it stands in comes before the dot.
        text: What the menu says.
        why_not: Why it cannot be done in a state, a sentence; empty where it can.
        shortcut: Its keys; several are separated by "; ".
        icon: Name of its icon.
        tip: What it does, where the text does not say it.
        in_tree: Whether the keys belong to the tree: elsewhere they type.
        toolbar: Object name of its button; empty keeps it off the toolbar.
        primary: Whether its button is the coloured one.
    """

    id: str
    text: Words
    why_not: WhyNot
    shortcut: str = ""
    icon: str = ""
    tip: Words = ""
    in_tree: bool = False
    toolbar: str = ""
    primary: bool = False

    @property
    def menu(self) -> str:
        """The menu it stands in."""
        return self.id.partition(".")[0]


def _always(state: State) -> str:
    return ""


def _idle(state: State) -> str:
    return tr("Wait until this is done: {task}.").format(task=tell(state.busy)) if state.busy else ""


def _opened(state: State) -> str:
    return "" if state.opened else tr("Open a model first.")


def _opened_idle(state: State) -> str:
    return _opened(state) or _idle(state)


def _can_run(state: State) -> str:
    if state.opened and state.unrunnable:
        return tr("ONNX Runtime does not run this model: {reason}").format(reason=tell(state.unrunnable))
    nothing = tr("Nothing is asked for: set prune, rank or bits of some layers, or choose a preset.")
    return _opened_idle(state) or ("" if state.changed else nothing)


def _can_export(state: State) -> str:
    needed = tr("Run the recipe first: its result is exported.")
    return _opened_idle(state) or ("" if state.has_run else needed) or _no_file(state)


def _can_benchmark(state: State) -> str:
    needed = tr("Run the recipe first: its result is measured.")
    return _opened_idle(state) or ("" if state.has_run else needed) or _no_file(state)


def _no_file(state: State) -> str:
    gone = tr("The file of this run was removed to save space: run its recipe to have it again.")
    return "" if state.has_file else gone


def _one_run(state: State) -> str:
    return _opened(state) or ("" if state.chosen_runs == 1 else tr("Select one run first."))


def _some_runs(state: State) -> str:
    return _opened(state) or ("" if state.chosen_runs else tr("Select a run first."))


def _several_runs(state: State) -> str:
    if state.opened and state.runs < 2:
        return tr("There are no two runs of this model to compare.")
    return _opened(state) or ("" if state.chosen_runs > 1 else tr("Select two or more runs first, with Ctrl held."))


def _can_measure(state: State) -> str:
    if state.opened and state.unrunnable:
        return tr("ONNX Runtime does not run this model: {reason}").format(reason=tell(state.unrunnable))
    return _opened_idle(state)


def _can_set(state: State) -> str:
    return _opened(state) or ("" if state.tried else tr("Measure the sensitivity first (Run menu)."))


def _can_teach(state: State) -> str:
    return _opened_idle(state) or state.no_torch


def _selected(state: State) -> str:
    return _opened(state) or ("" if state.selected else tr("Select some layers first."))


def _with_picture(state: State) -> str:
    return "" if state.picture else tr("Click a plot first, or reach it by Tab.")


def _with_table(state: State) -> str:
    return "" if state.table else tr("Click a table or a plot first, or reach it by Tab.")


COMMANDS: tuple[Command, ...] = (
    Command("file.open", "Open…", _idle, "Ctrl+O", "open", "Open a model", toolbar="openButton"),
    Command("file.window", "New window", _always, "Ctrl+Shift+N", "", "Another window, for another model"),
    Command("file.sample", "Try the sample", _idle, "", "sample"),
    Command("file.student", "New student…", _can_teach, "Ctrl+N", "", "Make a small model that learns from this one"),
    Command("file.export", "Export…", _can_export, "Ctrl+Shift+E", "export", "Write the result to a file",
            toolbar="exportButton"),
    Command("file.reopen", "Reopen last session", lambda s: "" if s.sessions else tr("No session was kept."),
            "Ctrl+Shift+T", "", "Go on with what was open last, or with what a crash has left"),
    Command("file.close", "Close", _always, "Ctrl+W"),
    Command("file.quit", "Quit", _always, "Ctrl+Q", "", "Close all windows"),
    Command("edit.undo", "Undo", lambda s: "" if s.can_undo else tr("There is no edit to undo."), "Ctrl+Z", "undo",
            toolbar="undoButton"),
    Command("edit.redo", "Redo", lambda s: "" if s.can_redo else tr("No edit was undone."), "Ctrl+Shift+Z; Ctrl+Y",
            "redo", toolbar="redoButton"),
    Command("edit.value", "Edit setting", _selected, "F2", "edit", in_tree=True),
    Command("edit.lock", "Lock or unlock", _selected, "Space", "lock", "Locked layers stay as they are", in_tree=True),
    Command("edit.copy", "Copy settings", _selected, "Ctrl+C", "", "Copy the settings of these layers, also for another"
            " window", in_tree=True),
    Command("edit.paste", "Paste settings", _selected, "Ctrl+V", "", "Give these layers the settings that were copied",
            in_tree=True),
    Command("edit.reset", "Reset layers", _selected, "Ctrl+R", "reset", "Take back all settings of these layers"),
    Command("edit.find", "Filter layers", _opened, "Ctrl+F"),
    Command("edit.settings", "Settings…", _always, "Ctrl+,", "", "Theme, text size, how is measured, and more"),
    Command("recipe.data", "Data…", _opened_idle, "Ctrl+D", "data", "The samples that calibrate and evaluate",
            toolbar="dataButton"),
    Command("recipe.rewrite", "Rewrite…", _opened_idle, "Ctrl+Shift+R", "", "Other kernels, activations, resolution"),
    Command("recipe.recover", "Recover accuracy…", _opened_idle, "Ctrl+T", "", "Train back what compression costs"),
    Command("recipe.by_sensitivity", "Set by sensitivity…", _can_set, "Ctrl+Shift+B", "",
            "Give every layer the strongest setting that costs the outputs no more than you say"),
    Command("recipe.open", "Open recipe…", _opened_idle, "Ctrl+Shift+O", "folder"),
    Command("recipe.save", "Save recipe", _opened_idle, "Ctrl+S", "save"),
    Command("recipe.save_as", "Save recipe as…", _opened_idle, "Ctrl+Shift+S"),
    Command("recipe.command", "Copy as command", _opened, "Ctrl+Shift+C", "", "Copy the command line that does what Run"
            " does, for a terminal"),
    Command("recipe.preset", "Save as preset…", _opened_idle, "", "", "Keep these settings for other models"),
    Command("recipe.presets", "Your presets…", _idle, "", "", "Rename or delete the presets that you have kept"),
    Command("run.run", "Run", _can_run, "F5", "run", "Carry out the recipe", toolbar="runButton", primary=True),
    Command("run.stop", "Stop", lambda s: "" if s.busy else tr("Nothing is running."), "Shift+F5", "stop",
            toolbar="stopButton"),
    Command("run.benchmark", "Benchmark", _can_benchmark, "Ctrl+B", "", "Measure original and result again, in turns"),
    Command("run.sensitivity", "Measure sensitivity", _can_measure, "Ctrl+Shift+M", "",
            "Try every layer alone with fewer channels, ranks and bits: what that does to the outputs and to the time"),
    Command("run.load", "Load recipe", _one_run, "Ctrl+L", "", "Take the recipe of the selected run"),
    Command("run.compare", "Compare runs…", _several_runs, "Ctrl+Shift+C", "",
            "What differs between the selected runs"),
    Command("run.report", "Open report", _one_run, "Ctrl+Shift+R", "", "Open the report of the selected run"),
    Command("run.keep", "Keep file", _some_runs, "Ctrl+K", "",
            "Keep the files of the selected runs for good, or let them go when room is needed"),
    Command("run.delete", "Delete runs…", _some_runs, "", "", "Delete the selected runs with their files"),
    Command("view.palette", "All commands…", _always, "Ctrl+Shift+P", "", "Find commands, models, presets and layers"),
    Command("view.next", "Next part of the window", _opened, "F6", "", "Tree, inspector, results, and round again"),
    Command("view.previous", "Part of the window before", _opened, "Shift+F6"),
    Command("view.save_picture", "Save picture…", _with_picture, "", "", "Save the plot that has the focus"),
    Command("view.copy_picture", "Copy picture", _with_picture, "", "", "Copy the plot that has the focus"),
    Command("view.save_table", "Save table as CSV…", _with_table, "", "", "Save the figures of what has the focus"),
    Command("view.copy_table", "Copy table", _with_table, "", "", "Copy the figures of what has the focus"),
    Command("help.guide", "Guide", _always, "Ctrl+F1", "", "A short guide with pictures"),
    Command("help.keys", "Keys", _always, "F1", "help"),
    Command("help.about", "About Compression Studio", _always),
)  # fmt: skip
"""In the order of the menus."""

MENUS: Mapping[str, Words] = {
    "file": "File",
    "edit": "Edit",
    "recipe": "Recipe",
    "run": "Run",
    "view": "View",
    "help": "Help",
}
"""Menu of a command's id to its title."""


class Actions(QObject):
    """The commands as Qt's actions, switched with the state.

    Args:
        handlers: Command id to what is done; every command must have one.
    """

    def __init__(self, handlers: Mapping[str, Callable[[], object]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reasons: dict[str, str] = {}
        self._actions = {command.id: self._make(command, handlers[command.id]) for command in COMMANDS}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def update(self, state: State) -> None:
        """Switches every action, and says in its tooltip why it is off."""
        for command in COMMANDS:
            reason = self._reasons[command.id] = command.why_not(state)
            action = self._actions[command.id]
            action.setEnabled(not reason)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text = tr(command.tip or command.text).rstrip("…") + (f"  ({keys})" if keys else "")
            action.setToolTip(as_tooltip(f"{text}\n{reason}" if reason else text))

    def why_not(self, name: str) -> str:
        """Why a command cannot be done now, a sentence; empty where it can, or where there is no such command."""
        return self._reasons.get(name, "")

    def refresh_icons(self) -> None:
        """Draws the icons anew in the colours of another palette."""
        for command in COMMANDS:
            self._set_icon(self._actions[command.id], command)

    def _make(self, command: Command, handler: Callable[[], object]) -> QAction:
        action = QAction(tr(command.text), self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split("; ") if keys])
        if command.in_tree:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._set_icon(action, command)
        action.triggered.connect(lambda: handler())
        return action

    def _set_icon(self, action: QAction, command: Command) -> None:
        """The primary command's icon is white on its coloured button, so it is not for menus."""
        if command.icon:
            action.setIcon(on_accent(command.icon) if command.primary else icon(command.icon))
            action.setIconVisibleInMenu(not command.primary)
