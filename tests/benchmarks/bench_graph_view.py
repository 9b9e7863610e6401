"""The graph in the real window: how long until it is to be seen, how fluent it is, and whether the window stays awake.

Run: python tests/benchmarks/bench_graph_view.py [NODES]     (20,000 by default; then about 2,000 boxes are opened)
Wants: a frame p99 under 16 ms while panning and zooming over 2,000 boxes; window stall p99 under 16 ms meanwhile.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parent))
import bench_open
from bench_open import write_many_nodes

from desktop_app.core.layout.groups import GroupTree
from desktop_app.core.layout.nested import lay_out, look
from desktop_app.jobs.history.store import History
from desktop_app.ui.graph.stage import build_stage
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.window import MainWindow

BEAT_MS, LIMIT_MS, BOXES = 10, 16.0, 2000


class Beats:
    """Lateness of a timer in the window's thread: by the clock, and as it would be if no other program computed."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.own: list[float] = []
        self._last, self._worked = perf_counter(), thread_time()
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now, worked = perf_counter(), thread_time()
        self.late.append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self.own.append(max(0.0, (worked - self._worked) * 1000 - BEAT_MS))
        self._last, self._worked = now, worked

    def tell(self, name: str) -> None:
        """Writes both down."""
        tell(f"{name}, computed", self.own)
        tell(f"{name}, by the clock", self.late)


def until(done: Callable[[], bool], seconds: float = 120.0) -> float:
    """Lets the window live until something holds; returns the seconds that it took."""
    began = perf_counter()
    loop = QEventLoop()
    timer = QTimer(interval=2)
    timer.timeout.connect(lambda: loop.quit() if done() or perf_counter() - began > seconds else None)
    timer.start()
    loop.exec()
    return perf_counter() - began


def tell(name: str, times: list[float], limit: float = LIMIT_MS) -> None:
    p50, p99 = np.percentile(times, (50, 99))
    verdict = "ok" if p99 < limit else "LATE"
    sys.stdout.write(f"{name:42}{len(times):7}{p50:9.1f}{p99:9.1f}{max(times):9.1f}  {verdict}\n")


def frames(window: MainWindow, steps: list[Callable[[], object]]) -> list[float]:
    """Milliseconds of processor time of each step with what it draws: other programs do not count."""
    canvas, times = window.workspace.graph.canvas, []
    for step in steps:
        began = thread_time()
        step()
        canvas.viewport().repaint()
        times.append((thread_time() - began) * 1000)
        QApplication.processEvents()
    return times


def alone(state: GraphState, window: MainWindow) -> None:
    """The same layout once more, without a window around it."""
    tree, view = state.tree, window.workspace.graph
    if tree is None:
        return
    steps: list[float] = []

    def run(generator: Generator[None, None, Any]) -> Any:
        while True:
            at = thread_time()
            try:
                next(generator)
            except StopIteration as end:
                return end.value
            finally:
                steps.append((thread_time() - at) * 1000)

    run(GroupTree(tree.graph).build())
    built = sum(steps)
    scene = run(look(tree, state.open))
    looked = sum(steps) - built
    picture = run(lay_out(tree, scene, view._paint.sizes.size))
    laid = sum(steps) - built - looked
    run(build_stage(tree, picture, view._paint))
    items = sum(steps) - built - looked - laid
    sys.stdout.write(
        f"groups {built:.0f} ms, what is to be seen {looked:.0f} ms, layout {laid:.0f} ms, items {items:.0f} ms\n"
    )
    tell("step of a layout", steps)


def measure(window: MainWindow, model: Path) -> None:
    session, view = window.session, window.workspace.graph
    state, canvas = session.graph, view.canvas
    session.times.leave("")
    window.workspace.tabs.setCurrentWidget(view)
    session.open_model(str(model))
    opened = until(lambda: window.document.summary is not None)
    session.times.leave(window.document.snapshot)
    read = until(lambda: state.tree is not None)
    shown = until(lambda: view.stage is not None and not view.busy)
    boxes = len(view.stage.picture.scene.boxes) if view.stage else 0
    sys.stdout.write(
        f"open {opened:.2f} s, graph read {read:.2f} s after that, shown ({boxes} boxes) {shown:.2f} s after\n\n"
    )
    until(lambda: False, 1.0)
    sys.stdout.write(f"{'':42}{'count':>7}{'p50':>9}{'p99':>9}{'max ms':>9}\n")
    beats = Beats()
    state._set_open(state._first_open(BOXES + 100))
    took = until(lambda: view.stage is not None and not view.busy and len(view.stage.picture.scene.boxes) > boxes)
    beats.tell("stall while groups open")
    boxes = len(view.stage.picture.scene.boxes) if view.stage else 0
    sys.stdout.write(f"  {boxes} boxes opened in {took:.2f} s\n")
    canvas.show_first()
    pans = [lambda: canvas.pan(0, 37)] * 200 + [lambda: canvas.pan(0, 900)] * 100
    tell("frame: pan, texts to be read", frames(window, pans))
    canvas._set_scale(0.32)
    tell("frame: pan, small", frames(window, [lambda: canvas.pan(0, 60)] * 200))
    canvas.fit()
    tell("frame: pan, everything to be seen", frames(window, [lambda: canvas.pan(3, 3)] * 100))
    zooms = [lambda: canvas.zoom(1.12)] * 50 + [lambda: canvas.zoom(1 / 1.12)] * 50
    tell("frame: zoom in and out", frames(window, zooms * 2))
    beats = Beats()
    group = next(one for one in state.open if state.tree and state.tree.is_group(one))
    for _ in range(4):
        state.toggle(group)
        until(lambda: not view.busy)
        until(lambda: False, 0.1)
    beats.tell("stall while one is toggled")
    alone(state, window)


def main() -> None:
    bench_open.NODES = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as name:
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, name)
        model = Path(name) / "many.onnx"
        write_many_nodes(model)
        window = MainWindow(Runner(), Store(Path(name) / "sessions"), History(Path(name) / "history"))
        window.resize(1920, 1080)
        window.show()
        measure(window, model)
        window.close()


if __name__ == "__main__":
    main()
