"""All commands of the window as rows of data; menus, toolbar, palette and the sheet of keys are made from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_app.ui import operations
from desktop_app.ui.panes import step_focus
from desktop_app.ui.state import State
from desktop_app.ui.text import Words, tr
from desktop_app.ui.why_not import (
    always,
    can_benchmark,
    can_design,
    can_export,
    can_finish,
    can_go_on,
    can_measure,
    can_pause,
    can_run,
    can_run_candidate,
    can_set,
    can_teach,
    idle,
    one_candidate,
    one_run,
    opened,
    opened_idle,
    selected,
    several_runs,
    some_runs,
    with_picture,
    with_table,
)

if TYPE_CHECKING:
    from desktop_app.ui.face import Face

WhyNot = Callable[[State], str]
Deed = Callable[["Face"], object]


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        id: Name in code and tests; the menu it stands in comes before the dot.
        text: What the menu says.
        why_not: Why it cannot be done in a state, a sentence; empty where it can.
        does: Does it, in the window with that face.
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
    does: Deed
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


COMMANDS: tuple[Command, ...] = (
    Command("file.open", "Open…", idle, lambda f: f.errands.choose_model(), shortcut="Ctrl+O", icon="open",
            tip="Open a model", toolbar="openButton"),
    Command("file.window", "New window", always, lambda f: f.errands.new_window(), shortcut="Ctrl+Shift+N",
            tip="Another window, for another model"),
    Command("file.sample", "Try the sample", idle, lambda f: f.session.open_sample(), icon="sample"),
    Command("file.student", "New student…", can_teach, lambda f: f.errands.new_student(), shortcut="Ctrl+N",
            tip="Make a small model that learns from this one"),
    Command("file.design", "Design a student…", can_design, lambda f: f.errands.design.ask(),
            tip="Find a small model that is as fast as you say, and have this one teach it"),
    Command("file.export", "Export…", can_export, lambda f: f.errands.export(), shortcut="Ctrl+Shift+E", icon="export",
            tip="Write the result to a file", toolbar="exportButton"),
    Command("file.reopen", "Reopen last session", lambda s: "" if s.sessions else tr("No session was kept."),
            lambda f: f.reopening.reopen_all(), shortcut="Ctrl+Shift+T",
            tip="Go on with what was open last, or with what a crash has left"),
    Command("file.close", "Close", always, lambda f: f.window.close(), shortcut="Ctrl+W"),
    Command("file.quit", "Quit", always, lambda f: f.errands.quit(), shortcut="Ctrl+Q",
            tip="Close all windows"),
    Command("edit.undo", "Undo", lambda s: "" if s.can_undo else tr("There is no edit to undo."),
            lambda f: f.document.undo_stack.undo(), shortcut="Ctrl+Z", icon="undo", toolbar="undoButton"),
    Command("edit.redo", "Redo", lambda s: "" if s.can_redo else tr("No edit was undone."),
            lambda f: f.document.undo_stack.redo(), shortcut="Ctrl+Shift+Z; Ctrl+Y", icon="redo", toolbar="redoButton"),
    Command("edit.value", "Edit setting", selected, lambda f: f.tree.edit_knob(), shortcut="F2", icon="edit",
            in_tree=True),
    Command("edit.lock", "Lock or unlock", selected,
            lambda f: operations.toggle_locked(f.document, f.document.selection.layers), shortcut="Space", icon="lock",
            tip="Locked layers stay as they are", in_tree=True),
    Command("edit.copy", "Copy settings", selected, lambda f: f.errands.clipping.copy(), shortcut="Ctrl+C",
            tip="Copy the settings of these layers, also for another window", in_tree=True),
    Command("edit.paste", "Paste settings", selected, lambda f: f.errands.clipping.paste(), shortcut="Ctrl+V",
            tip="Give these layers the settings that were copied", in_tree=True),
    Command("edit.reset", "Reset layers", selected,
            lambda f: operations.reset(f.document, f.document.selection.layers), shortcut="Ctrl+R", icon="reset",
            tip="Take back all settings of these layers"),
    Command("edit.find", "Filter layers", opened, lambda f: f.find_layers(), shortcut="Ctrl+F"),
    Command("edit.settings", "Settings…", always, lambda f: f.errands.edit_settings(), shortcut="Ctrl+,",
            tip="Theme, text size, how is measured, and more"),
    Command("recipe.data", "Data…", opened_idle, lambda f: f.errands.edit_data(), shortcut="Ctrl+D", icon="data",
            tip="The samples that calibrate and evaluate", toolbar="dataButton"),
    Command("recipe.rewrite", "Rewrite…", opened_idle, lambda f: f.errands.edit_rewriting(), shortcut="Ctrl+Shift+R",
            tip="Other kernels, activations, resolution"),
    Command("recipe.recover", "Recover accuracy…", opened_idle, lambda f: f.errands.edit_recover(), shortcut="Ctrl+T",
            tip="Train back what compression costs"),
    Command("recipe.by_sensitivity", "Set by sensitivity…", can_set, lambda f: f.errands.set_by_sensitivity(),
            shortcut="Ctrl+Shift+B",
            tip="Give every layer the strongest setting that costs the outputs no more than you say"),
    Command("recipe.open", "Open recipe…", opened_idle, lambda f: f.errands.open_recipe(), shortcut="Ctrl+Shift+O",
            icon="folder"),
    Command("recipe.save", "Save recipe", opened_idle, lambda f: f.errands.save_recipe(), shortcut="Ctrl+S",
            icon="save"),
    Command("recipe.save_as", "Save recipe as…", opened_idle, lambda f: f.errands.save_recipe_as(),
            shortcut="Ctrl+Shift+S"),
    Command("recipe.command", "Copy as command", opened, lambda f: f.errands.clipping.copy_command(),
            shortcut="Ctrl+Shift+C", tip="Copy the command line that does what Run does, for a terminal"),
    Command("recipe.preset", "Save as preset…", opened_idle, lambda f: f.errands.presetting.save(),
            tip="Keep these settings for other models"),
    Command("recipe.presets", "Your presets…", idle, lambda f: f.errands.presetting.manage(),
            tip="Rename or delete the presets that you have kept"),
    Command("run.run", "Run", can_run, lambda f: f.session.run(), shortcut="F5", icon="run",
            tip="Carry out the recipe", toolbar="runButton", primary=True),
    Command("run.stop", "Stop", lambda s: "" if s.busy else tr("Nothing is running."), lambda f: f.session.stop(),
            shortcut="Shift+F5", icon="stop", toolbar="stopButton"),
    Command("run.benchmark", "Benchmark", can_benchmark, lambda f: f.session.benchmark(), shortcut="Ctrl+B",
            tip="Measure original and result again, in turns"),
    Command("run.sensitivity", "Measure sensitivity", can_measure, lambda f: f.session.measure_sensitivity(),
            shortcut="Ctrl+Shift+M",
            tip="Try every layer alone with fewer channels, ranks and bits: what that does to the outputs and to the"
            " time"),
    Command("run.search", "Search…", can_measure, lambda f: f.errands.search.ask(), shortcut="Ctrl+F5", icon="search",
            tip="Say what you need, and the settings are found", toolbar="searchButton"),
    Command("run.pause", "Pause search", can_pause, lambda f: f.session.search.pause(), shortcut="Ctrl+Shift+F5",
            icon="pause", tip="Stop judging candidates, to go on later"),
    Command("run.go_on", "Go on with search", can_go_on, lambda f: f.session.search.go_on(), shortcut="Alt+F5",
            icon="run", tip="Go on with the search that was paused or stopped"),
    Command("run.finish", "Finish search now", can_finish, lambda f: f.session.search.finish(),
            tip="Judge no more candidates, and measure the best whole"),
    Command("run.use", "Use this recipe", one_candidate, lambda f: f.errands.search.use(), shortcut="Ctrl+Shift+L",
            tip="Take the recipe of the selected candidate"),
    Command("run.export_candidate", "Run and export…", can_run_candidate, lambda f: f.errands.search.export(),
            shortcut="Ctrl+Alt+E",
            tip="Take the recipe of the selected candidate, carry it out whole, and export the result"),
    Command("run.load", "Load recipe", one_run, lambda f: f.errands.runs.load(), shortcut="Ctrl+L",
            tip="Take the recipe of the selected run"),
    Command("run.compare", "Compare runs…", several_runs, lambda f: f.errands.runs.compare(), shortcut="Ctrl+Shift+D",
            tip="What differs between the selected runs"),
    Command("run.report", "Open report", one_run, lambda f: f.errands.runs.open_report(), shortcut="Ctrl+Shift+I",
            tip="Open the report of the selected run"),
    Command("run.keep", "Keep file", some_runs, lambda f: f.errands.runs.keep_files(), shortcut="Ctrl+K",
            tip="Keep the files of the selected runs for good, or let them go when room is needed"),
    Command("run.delete", "Delete runs…", some_runs, lambda f: f.errands.runs.delete(),
            tip="Delete the selected runs with their files"),
    Command("view.palette", "All commands…", always, lambda f: f.show_palette(), shortcut="Ctrl+Shift+P",
            tip="Find commands, models, presets and layers"),
    Command("view.next", "Next part of the window", opened, lambda f: step_focus(f.parts(), 1), shortcut="F6",
            tip="Tree, inspector, results, and round again"),
    Command("view.previous", "Part of the window before", opened, lambda f: step_focus(f.parts(), -1),
            shortcut="Shift+F6"),
    Command("view.save_picture", "Save picture…", with_picture, lambda f: f.saving.save_picture(),
            tip="Save the plot that has the focus"),
    Command("view.copy_picture", "Copy picture", with_picture, lambda f: f.saving.copy_picture(),
            tip="Copy the plot that has the focus"),
    Command("view.save_table", "Save table as CSV…", with_table, lambda f: f.saving.save_table(),
            tip="Save the figures of what has the focus"),
    Command("view.copy_table", "Copy table", with_table, lambda f: f.saving.copy_table(),
            tip="Copy the figures of what has the focus"),
    Command("help.guide", "Guide", always, lambda f: f.errands.show_guide(), shortcut="Ctrl+F1",
            tip="A short guide with pictures"),
    Command("help.keys", "Keys", always, lambda f: f.errands.show_keys(), shortcut="F1", icon="help"),
    Command("help.about", "About Compression Studio", always, lambda f: f.errands.about()),
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
