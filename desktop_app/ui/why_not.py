"""Why a command cannot be done in a state: a sentence; nothing where the case is what the function is named after."""

from desktop_app.ui.state import State
from desktop_app.ui.text import stage_title, tell, tr


def always(state: State) -> str:
    """It can be done whatever is the case."""
    return ""


def idle(state: State) -> str:
    """Nothing that the user has asked for goes on."""
    return tr("Wait until this is done: {task}.").format(task=tell(state.busy)) if state.busy else ""


def opened(state: State) -> str:
    """A model is open."""
    return "" if state.opened else tr("Open a model first.")


def opened_idle(state: State) -> str:
    """A model is open, and nothing goes on."""
    return opened(state) or idle(state)


def can_run(state: State) -> str:
    """The recipe can be carried out."""
    if state.opened and state.unrunnable:
        return tr("ONNX Runtime does not run this model: {reason}").format(reason=tell(state.unrunnable))
    nothing = tr("Nothing is asked for: set prune, rank or bits of some layers, or choose a preset.")
    return opened_idle(state) or ("" if state.changed else nothing)


def can_export(state: State) -> str:
    """There is a result with its file."""
    needed = tr("Run the recipe first: its result is exported.")
    return opened_idle(state) or ("" if state.has_run else needed) or _no_file(state)


def can_benchmark(state: State) -> str:
    """There is a result with its file, to be measured."""
    needed = tr("Run the recipe first: its result is measured.")
    return opened_idle(state) or ("" if state.has_run else needed) or _no_file(state)


def _no_file(state: State) -> str:
    gone = tr("The file of this run was removed to save space: run its recipe to have it again.")
    return "" if state.has_file else gone


def one_run(state: State) -> str:
    """One run is selected."""
    return opened(state) or ("" if state.chosen_runs == 1 else tr("Select one run first."))


def some_runs(state: State) -> str:
    """A run is selected, or several."""
    return opened(state) or ("" if state.chosen_runs else tr("Select a run first."))


def several_runs(state: State) -> str:
    """Two runs or more are selected."""
    if state.opened and state.runs < 2:
        return tr("There are no two runs of this model to compare.")
    return opened(state) or ("" if state.chosen_runs > 1 else tr("Select two or more runs first, with Ctrl held."))


def can_measure(state: State) -> str:
    """The model runs, and nothing goes on."""
    if state.opened and state.unrunnable:
        return tr("ONNX Runtime does not run this model: {reason}").format(reason=tell(state.unrunnable))
    return opened_idle(state)


def can_pause(state: State) -> str:
    """A search goes on."""
    return opened(state) or ("" if state.searching else tr("No search is going on."))


def can_finish(state: State) -> str:
    """A search goes on that judges candidates."""
    told = tr("Wait until this is done: {task}.").format(task=stage_title(state.search_waits_for))
    return can_pause(state) or (told if state.search_waits_for else "")


def can_go_on(state: State) -> str:
    """A search was paused or stopped, and nothing goes on."""
    return opened_idle(state) or ("" if state.search_left else tr("No search was paused."))


def one_candidate(state: State) -> str:
    """One candidate of a search is selected."""
    told = tr("Select one candidate of a search first, on the tab Search.")
    return opened(state) or ("" if state.chosen_candidates == 1 else told)


def can_run_candidate(state: State) -> str:
    """One candidate is selected, and nothing goes on."""
    return one_candidate(state) or idle(state)


def can_set(state: State) -> str:
    """It is known what changes of layers cost."""
    return opened(state) or ("" if state.tried else tr("Measure the sensitivity first (Run menu)."))


def can_teach(state: State) -> str:
    """A model is open, and there is PyTorch."""
    return opened_idle(state) or state.no_torch


def can_design(state: State) -> str:
    """A student can be designed, or is being designed and can be looked at."""
    return "" if state.designing else can_teach(state)


def selected(state: State) -> str:
    """Layers are selected."""
    return opened(state) or ("" if state.selected else tr("Select some layers first."))


def with_picture(state: State) -> str:
    """A plot has the focus, or had it last."""
    return "" if state.picture else tr("Click a plot first, or reach it by Tab.")


def with_table(state: State) -> str:
    """A table or a plot has the focus, or had it last."""
    return "" if state.table else tr("Click a table or a plot first, or reach it by Tab.")
