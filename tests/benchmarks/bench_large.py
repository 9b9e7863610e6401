"""What the window computes for single acts of the user on a model of 20,000 layers, each beside what it may.

    python tests/benchmarks/bench_large.py [LAYERS]

Times are those of the window's thread on the processor: what else the computer does does not count.
"""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.jobs.history.store import History
from desktop_app.jobs.measurements import Profiled
from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.items.columns import INDEX
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.views.tree import LayerTree
from desktop_app.ui.views.tree_panel import TreePanel
from desktop_app.ui.window import MainWindow
from tests.benchmarks.promises import STALL_MS, Promise, computed, live, promise, tell, yardstick
from tests.unit.ui.run_samples import MACHINE
from tests.unit.ui.ui_samples import conv, summary_of

CHANNELS, BLOCK, STAGE = 32, 4, 25
ACT_MS, SCROLL_MS = 300.0, 50.0


def many_layers(count: int) -> ModelSummary:
    """A chain of convolutions in blocks of 4 and stages of 25 blocks; each is cut with the next one's inputs."""
    names = [f"/stage{place // BLOCK // STAGE}/block{place // BLOCK}/conv{place}/Conv" for place in range(count)]
    layers = tuple(
        conv(name, CHANNELS, CHANNELS, out=place, into=place - 1 if place else None) for place, name in enumerate(names)
    )
    groups = tuple(
        ChannelGroup(place, CHANNELS, (name,), tuple(names[place + 1 : place + 2])) for place, name in enumerate(names)
    )
    return summary_of(layers, groups)


def sensitivity_of(summary: ModelSummary) -> Sensitivity:
    """As if every change of every layer had been tried."""
    rows = tuple(
        LayerSensitivity(
            layer.name, 10.0, {one.title: Candidate(20.0, 10.0 + (7 * place + n) % 41) for n, one in enumerate(CHANGES)}
        )
        for place, layer in enumerate(summary.layers)
    )
    return Sensitivity(rows, {}, 16, False)


def measure(window: MainWindow, summary: ModelSummary) -> None:
    """Does everything once or several times, and prints a line for each kind."""
    document = window.document
    window.session.times.leave("/snapshot")
    names = [layer.name for layer in summary.layers]
    promise("show the layer table", ACT_MS, [lambda: document.show(Opened(summary, "/snapshot"))])
    tree, panel = window.tree, window.findChild(TreePanel)
    share = 100.0 / len(names)
    profile = LayerProfile(100.0, dict.fromkeys(names, share), 1)
    promise("take the measured times", ACT_MS, [lambda: document.set_profile(Profiled(profile, MACHINE))])
    promise("expand all", ACT_MS, [tree.expandAll])
    rest(tree)
    bar = tree.verticalScrollBar()
    pages = [partial(bar.setValue, place * bar.maximum() // 60) for place in range(60)]
    promise("scroll: a frame", SCROLL_MS, pages)
    promise("scroll: a line", SCROLL_MS, [partial(bar.setValue, place) for place in range(1000, 1060)])
    for text in ("conv1", "op:Conv", "zzz", ">5% time", "block7 <1% size", ""):
        promise(f"filter by “{text}”", ACT_MS, [partial(panel.tree.filter, text)])
        rest(tree)
    by_size, no_order = partial(tree.sortByColumn, INDEX["bytes"]), partial(tree.sortByColumn, -1)
    promise("sort by size", ACT_MS, [partial(by_size, Qt.SortOrder.DescendingOrder)])
    no_order(Qt.SortOrder.AscendingOrder)
    promise("select all", ACT_MS, [tree.selectAll])
    promise("collapse all", ACT_MS, [tree.collapseAll])
    tree.expandAll()
    rest(tree)
    edits(window, names)
    heats(window, summary, names)
    keeping(window)


def rest(tree: LayerTree) -> None:
    """What follows behind the user's back: scopes that are opened in later turns."""
    turns = []
    while tree.opening.busy:
        turns.append(computed(lambda: None))
    if turns:
        tell(Promise("  and then, a turn", median(turns), STALL_MS, f"longest {max(turns):.1f}, all {sum(turns):.0f}"))


def edits(window: MainWindow, names: list[str]) -> None:
    """Edits of one layer, of many, of all, and their undoing."""
    document = window.document
    document.selection.choose([], names[:1])
    QApplication.processEvents()
    slide = [partial(operations.set_prune, document, names[:1], 0.05 * n, "slider") for n in range(1, 10)]
    promise("prune of one layer (a move of its slider)", STALL_MS, slide)
    promise("bits of one layer", STALL_MS, [partial(operations.set_bits, document, [one], 8) for one in names[50:59]])
    some = names[100:1100]
    promise(
        "bits of 1,000 layers", STALL_MS, [partial(operations.set_bits, document, some, bits) for bits in (8, 4, 16)]
    )
    promise("prune of one layer, 1,000 set", STALL_MS, [
        partial(operations.set_prune, document, names[:1], 0.05 * n, "slider") for n in range(2, 9)
    ])  # fmt: skip
    promise("undo and redo of one layer", STALL_MS, [document.undo_stack.undo, document.undo_stack.redo] * 3)
    recipe = Recipe(defaults=LayerSettings(bits=8))
    promise("bits of all by default", ACT_MS, [partial(operations.set_recipe, document, recipe)])
    promise(
        "bits of all, each by name", ACT_MS, [partial(operations.set_bits, document, names, bits) for bits in (4, 16)]
    )
    promise("prune of one layer, all set", STALL_MS, [
        partial(operations.set_prune, document, names[:1], 0.05 * n, "slider") for n in range(2, 9)
    ])  # fmt: skip


def heats(window: MainWindow, summary: ModelSummary, names: list[str]) -> None:
    """Colours, and an edit while they are shown."""
    document = window.document
    found = sensitivity_of(summary)
    promise("take the sensitivity of all layers", ACT_MS, [lambda: document.set_sensitivity(found)])
    for heat in ("time", "size", "sensitivity", "error"):
        document.colour_by("")
        promise(f"colour by {heat}", STALL_MS, [partial(document.colour_by, heat)])
        promise(f"  bits of one layer, coloured by {heat}", STALL_MS, [
            partial(operations.set_bits, document, names[:1], bits) for bits in (8, 4, 16, 8, 4)
        ])  # fmt: skip
    promise("  one more layer tried", STALL_MS, [partial(document.add_tried, one) for one in found.layers[:5]])
    document.colour_by("")


def keeping(window: MainWindow) -> None:
    """What is written beside the work."""
    keeper = window.keeper
    promise("look at the arrangement", STALL_MS, [keeper._look] * 5)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, name)
        window = MainWindow(Runner(), Store(folder / "sessions"), History(folder / "history"))
        window.resize(1440, 900)
        window.show()
        QApplication.processEvents()
        sys.stdout.write(f"{count} layers; processor time of the window's thread; yardstick {yardstick():.1f} ms\n")
        live(3.0)  # until the views are made behind the user's back
        measure(window, many_layers(count))
        sys.stdout.write(f"yardstick {yardstick():.1f} ms\n")
        window.setProperty("closing", True)
        window.close()


if __name__ == "__main__":
    main()
