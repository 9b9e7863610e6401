"""How long a search keeps the window waiting: candidates come in while they are drawn, one is selected at times.

    python tests/benchmarks/bench_search_window.py [CANDIDATES]

A timer beats every 10 ms; told is what the window's thread computed between two beats (how late they would be on a
computer that does nothing else), while pictures are drawn for the first time and from then on, and how the memory
grows. Wants: p99 under 16 ms.
"""

import os
import resource
import sys
from pathlib import Path
from time import thread_time
from types import SimpleNamespace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import Importance, SearchBegun
from desktop_app.core.space import Choice
from desktop_app.jobs.messages import Opened
from desktop_app.ui.document import Document
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.views.search import SearchView
from tests.unit.ui.ui_samples import conv, summary_of

LAYERS, CHOICES, BEAT_MS, EVERY_MS, P99_MS = 60, 150, 10, 8, 16.0
LIMITS = BudgetLimits(bytes=400_000, speedup=2.0, min_agreement=0.9)


class Search(QObject):
    """As much of a search as the view asks for."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.candidates = Candidates(self)
        self.budget, self.standing, self.found, self.working = Budget(limits=LIMITS), "working", None, True

    def recipe(self, judged: Judged) -> Recipe:
        return self.candidates.recipe(judged)


class LongWork(QObject):
    changed = Signal()
    standing = None


def candidate(number: int, rng: np.random.Generator) -> Judged:
    strength = rng.random()
    genes = tuple(int(one) for one in rng.integers(0, 5, CHOICES))
    speedup = 1 + 3 * strength * rng.uniform(0.6, 1.0)
    return Judged(
        number, genes if number else (0,) * CHOICES, bytes=int(1e6 * (1.05 - strength * rng.uniform(0.7, 1.0))),
        macs=int(1e7 * (1.05 - strength)), latency_ms=4 / speedup, speedup=speedup,
        sqnr_db=60 * (1 - strength) * rng.uniform(0.5, 1.0), agreement=float(1 - strength**3 * rng.random()),
        drop=float(10 * strength**3 * rng.random()), samples=200,
    )  # fmt: skip


def main(count: int) -> None:
    app = QApplication([])
    apply_theme(app)
    layers = tuple(conv(f"/block{place // 4}/conv{place}", 32, 32) for place in range(LAYERS))
    document, search, rng = Document(), Search(), np.random.default_rng(0)
    document.show(Opened(summary_of(layers), "/snapshot"))
    search.candidates.forget(LIMITS)
    choices = tuple(Choice("prune", (layers[n % LAYERS].name,), (0.0, 0.2, 0.4, 0.6, 0.8)) for n in range(CHOICES))
    search.candidates.begin(SearchBegun(choices, Recipe()))
    view = SearchView(SimpleNamespace(document=document, search=search, long_work=LongWork()))
    view.resize(560, 760)
    view.show()
    beats: list[tuple[int, float]] = []
    told, last = 0, thread_time()

    def feed() -> None:
        nonlocal told
        if told == count:
            QTimer.singleShot(3000, loop.quit)
            feeder.stop()
            return
        search.candidates.add(candidate(told, rng))
        told += 1
        if told % 50 == 0:
            weights = tuple(map(float, rng.normal(size=CHOICES)))
            search.candidates.weigh(Importance(told, weights, weights, weights))
            search.candidates.select([str(int(rng.integers(1, told)))])

    def beat() -> None:
        nonlocal last
        now = thread_time()
        beats.append((told, 1000 * (now - last)))
        last = now

    loop, feeder, heart = QEventLoop(), QTimer(), QTimer(timerType=Qt.TimerType.PreciseTimer)
    feeder.timeout.connect(feed)
    heart.timeout.connect(beat)
    app.processEvents()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    last = thread_time()
    feeder.start(EVERY_MS)
    heart.start(BEAT_MS)
    loop.exec()
    sys.stdout.write(f"{count} candidates of {CHOICES} choices, one every {EVERY_MS} ms\n")
    for title, low, high in (("first drawings", 0, count / 20), ("from then on", count / 20, count)):
        own = [one for at, one in beats if low < at <= high]
        p99 = float(np.percentile(own, 99))
        verdict = "ok" if p99 < P99_MS else "MISS"
        sys.stdout.write(
            f"{title:15} median {np.median(own):5.1f} ms   p99 {p99:5.1f} ms   longest {max(own):5.1f} ms   "
            f"of {len(own)} beats   allowed {P99_MS:.0f} ms: {verdict}\n"
        )
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"memory: {(after - before) / 1024:.1f} MB more at most\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
