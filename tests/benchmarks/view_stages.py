"""What a user does in every view of an opened model, as acts for the heartbeat."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtWidgets import QDialog

from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity
from desktop_app.ui import operations
from desktop_app.ui.settings.rows import LANGUAGE, THEME
from desktop_app.ui.settings.store import settings
from desktop_app.ui.trial_list import Picture
from desktop_app.ui.window import MainWindow
from tests.unit.ui.run_samples import kept_run

Acts = Sequence[Callable[[], object]]
RUNS = 60


def stages(window: MainWindow) -> Iterator[tuple[str, Acts]]:
    """Name and acts of each stage, to be done in this order; the window has a model, times and a run."""
    document, workspace = window.document, window.workspace
    names = [layer.name for layer in document.layers]
    yield "inspector", [partial(document.selection.choose, (), (name,)) for name in names]
    one = [partial(operations.set_prune, document, names[3:4], share / 100, "slider") for share in range(5, 65, 2)]
    yield "edit", [*one, *[document.undo_stack.undo, document.undo_stack.redo] * 5]
    tried = [LayerSensitivity(name, 9.0, {one.title: Candidate(20.0, 15.0) for one in CHANGES}) for name in names]
    document.colour_by("sensitivity")
    yield "sensitivity", [partial(document.add_tried, row) for row in tried]
    yield "heat", [partial(document.colour_by, by) for by in ("time", "size", "sensitivity", "error") * 5]
    workspace.tabs.setCurrentWidget(workspace.graph)
    canvas = workspace.graph.canvas
    around = [partial(canvas.zoom, 1.2), partial(canvas.pan, 40, 90), partial(canvas.zoom, 1 / 1.2), canvas.fit]
    yield "graph", around * 8
    runs, kept = document.runs, document.runs.kept
    more = [kept_run(100 + n, 1 + n % 7 / 2, 0.8 + n % 11 / 100, 1 + n % 5 / 3) for n in range(RUNS)]
    workspace.tabs.setCurrentWidget(workspace.tradeoff)
    yield (
        "trade-off",
        [
            partial(runs.put, [*kept, *more]),
            *(partial(runs.select, [one.id, more[0].id]) for one in more[1:20]),
            *(partial(runs.look, Picture(x, "accuracy")) for x in ("size", "speedup", "macs") * 3),
        ],
    )
    runs.put(list(kept))
    workspace.tabs.setCurrentWidget(workspace.compare)
    bar = workspace.compare._table.verticalScrollBar()
    yield "compare", [partial(bar.setValue, place) for place in range(40)]
    yield "settings", [window.actions_["edit.settings"].trigger, partial(_close, window)] * 5
    yield "theme", [partial(settings().write, THEME, theme) for theme in ("dark", "light") * 3]
    yield "language", [partial(settings().write, LANGUAGE, code) for code in ("zh_CN", "en") * 3]


def _close(window: MainWindow) -> None:
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            dialog.reject()
