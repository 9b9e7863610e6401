"""How long the trade-off keeps the window waiting: many runs of a model of 20,000 layers.

    python tests/benchmarks/bench_tradeoff.py [RUNS]

Prints the median and the longest of one more run, of another selection, and of another axis, beside what is allowed:
two beats of the window for what a user does now and then. Times are those that the thread computed, whatever else ran.
"""

import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs.history.store import History
from desktop_app.jobs.messages import Opened
from desktop_app.ui.document import Document
from desktop_app.ui.live import LiveRun
from desktop_app.ui.past_runs import PastRuns
from desktop_app.ui.trial_list import Picture
from desktop_app.ui.views.tradeoff import TradeOffView
from tests.unit.ui.run_samples import kept_run
from tests.unit.ui.ui_samples import conv, summary_of

LAYERS, REPEATS, ALLOWED_MS = 20_000, 15, 33.0


class Session:
    """As much of a session as the view asks for."""

    def __init__(self, folder: Path) -> None:
        self.document = Document()
        self.live = LiveRun()
        self.past = PastRuns(self.document, self.live, History(folder))


def timed(what: str, act) -> None:
    times = []
    for repeat in range(REPEATS):
        start = thread_time()
        act(repeat)
        QApplication.processEvents()
        times.append(1000 * (thread_time() - start))
    sys.stdout.write(
        f"{what:28} median {median(times):7.1f} ms   longest {max(times):7.1f} ms   allowed {ALLOWED_MS:.0f} ms" + "\n"
    )


def main(count: int) -> None:
    app = QApplication([])
    layers = tuple(conv(f"/block{place // 8}/conv{place}", 32, 32) for place in range(LAYERS))
    recipes = [
        Recipe(defaults=LayerSettings(bits=8)).with_layers({one.name: LayerSettings(prune=0.5) for one in layers[:50]})
        for _ in range(count)
    ]
    runs = [
        kept_run(n + 1, 1 + n * 37 % 101 / 40, 0.85 + n * 53 % 97 / 1000, 1 + n * 29 % 89 / 40, recipe=recipe)
        for n, recipe in enumerate(recipes)
    ]
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder))
        session.document.show(Opened(summary_of(layers), "/snapshot"))
        session.past.refresh = lambda: None
        view = TradeOffView(session)
        view.resize(700, 800)
        view.show()
        app.processEvents()
        sys.stdout.write(f"{count} runs, {LAYERS} layers" + "\n")
        start = thread_time()
        session.document.runs.put(runs)
        app.processEvents()
        sys.stdout.write(f"{'all for the first time':28} {1000 * (thread_time() - start):14.1f} ms" + "\n")
        ids = [run.id for run in runs]
        timed(
            "one more run", lambda n: session.document.runs.put([*runs, replace(runs[0], id=f"x{n}", number=999 + n)])
        )
        timed("another selection", lambda n: session.document.runs.select([ids[n], ids[n + 1]]))
        axes = ("size", "speedup", "macs")
        timed("another axis", lambda n: session.document.runs.look(Picture(axes[n % 3], "accuracy")))
        session.past.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
