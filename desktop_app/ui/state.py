"""What the user can do now depends on these facts, and on nothing else."""

from dataclasses import dataclass

from desktop_app.core.extras import why_no_torch
from desktop_app.core.recipe import Recipe
from desktop_app.jobs.messages import RunRecipe
from desktop_app.ui.saving import Savable
from desktop_app.ui.session import Session


@dataclass(frozen=True)
class State:
    """A picture of the window.

    Attributes:
        opened: Whether a model is shown.
        unrunnable: Why ONNX Runtime will not run it; empty where it will.
        busy: What the user asked for and is being done; empty where nothing is.
        running: Whether that is a run of the recipe.
        changed: Whether the recipe asks for anything.
        has_run: Whether there is a result to look at.
        has_file: Whether its file is still there.
        chosen_runs: How many runs are selected.
        runs: How many there are.
        can_undo: Whether there is an edit to take back.
        can_redo: Whether one was taken back.
        selected: How many layers are selected.
        sessions: Whether a session was kept that no window shows.
        no_torch: Why nothing can be trained here; empty where it can.
        tried: Whether it is known of some layers what changes of them cost.
        searching: Whether a search goes on.
        search_waits_for: The stage that it has to leave before it can be finished; empty where it can be.
        search_left: Whether there is a search that has not come to its end.
        chosen_candidates: How many candidates of a search are selected.
        designing: Whether a student is being designed.
        picture: Whether the plot that has the focus can be saved as a picture.
        table: Whether what has the focus can be saved as a table.
    """

    opened: bool = False
    unrunnable: str = ""
    busy: str = ""
    running: bool = False
    changed: bool = False
    has_run: bool = False
    has_file: bool = True
    chosen_runs: int = 0
    runs: int = 0
    can_undo: bool = False
    can_redo: bool = False
    selected: int = 0
    sessions: bool = False
    no_torch: str = ""
    tried: bool = False
    searching: bool = False
    search_waits_for: str = ""
    search_left: bool = False
    chosen_candidates: int = 0
    designing: bool = False
    picture: bool = False
    table: bool = False


def state_of(session: Session, selected: int, sessions: bool, savable: Savable | None = None) -> State:
    """The state of a window.

    Args:
        session: What it shows and does.
        selected: How many rows of the tree are selected.
        sessions: Whether a session was kept that no window shows.
        savable: The plot or table that the commands for saving mean.
    """
    document, task = session.document, session.work.wanted
    summary = document.summary
    return State(
        opened=summary is not None,
        unrunnable=summary.runnable if summary else "",
        busy=task.title if task is not None else "",
        running=task is not None and isinstance(task.request, RunRecipe),
        changed=_asks(document.recipe),
        has_run=document.run is not None,
        has_file=document.runs.shown is None or document.runs.shown.has_file,
        chosen_runs=len(document.runs.selected),
        runs=len(document.runs.kept),
        can_undo=document.undo_stack.canUndo(),
        can_redo=document.undo_stack.canRedo(),
        selected=selected,
        sessions=sessions,
        no_torch=why_no_torch(),
        tried=document.tried_any,
        searching=session.search.working,
        search_waits_for=session.search.waits_for,
        search_left=session.search.can_go_on,
        chosen_candidates=len(session.search.candidates.selected),
        designing=session.design.working,
        picture=savable is not None and savable.has_picture,
        table=savable is not None and savable.has_table,
    )


def _asks(recipe: Recipe) -> bool:
    """Whether something is to be trained or rewritten, or settings differ from leaving a layer as it is.

    A lock asks for nothing.
    """
    method = recipe.methods.restructure
    if recipe.trains or method.activations != "keep" or method.resolution < 1.0:
        return True
    defaults = recipe.defaults
    asked = (defaults, *(one.over(defaults) for one in recipe.layers.values()))
    return any((one.structure, one.prune, one.rank, one.bits) != ("keep", 0.0, None, 32) for one in asked)
