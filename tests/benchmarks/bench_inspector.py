"""How long the inspector computes from a look that is at hand to pixels, and the heat column of 20,000 layers.

Times are of the processor, since what else runs does not matter.

python tests/benchmarks/bench_inspector.py
"""

import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from desktop_app.core.look import ActivationLook, ChannelLook, Histogram, LayerLook, SpectrumLook, WeightLook
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity, Sensitivity
from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.document import Document
from desktop_app.ui.heat import KINDS, HeatScale
from desktop_app.ui.looks import Looks
from desktop_app.ui.views.sections import LayerSections
from tests.unit.ui.ui_samples import conv, summary_of

LAYERS, BUDGET_MS = 20_000, 100.0
FALLING = tuple(1024.0 - place for place in range(1024))
SPREAD = Histogram(-1.0, 1.0, tuple(range(48)))


class _NoWorker:
    """Nothing is asked: all looks are at hand."""

    def ask(self, question: object) -> None:
        """Forgets the question."""

    def forget(self) -> None:
        """There is nothing to forget."""


def _look(name: str) -> LayerLook:
    weight = WeightLook(10**6, -1.0, 1.0, 0.3, 0.0, SPREAD, tuple(place / 100 for place in range(101)))
    kept = tuple((place + 1) / 1024 for place in range(1024))
    noise = tuple((bits, 6.0 * bits) for bits in (16, 8, 6, 5, 4, 3, 2))
    return LayerLook(name, "", weight, ChannelLook(1024, FALLING[::-1]), SpectrumLook(1024, FALLING, kept), "", noise)


def _milliseconds(work: object, times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.process_time()
        work()  # type: ignore[operator]
        found.append(1000 * (time.process_time() - began))
    return found


def main() -> None:
    """Prints the figures."""
    app = QApplication.instance() or QApplication([])
    layers = tuple(conv(f"/block{place // 10}/conv{place}", 1024, 8) for place in range(LAYERS))
    document = Document()
    document.show(Opened(summary_of(layers), "/snapshot"))
    looks = Looks(document, _NoWorker())  # type: ignore[arg-type]
    first, second = layers[:2]
    for layer in (first, second):
        looks._known[layer.name] = _look(layer.name)
        looks._activations[layer.name] = ActivationLook(layer.name, -1.0, 1.0, SPREAD)
    candidates = {one.title: Candidate(20.0, 20.0, 1.0, 5.0) for one in CHANGES}
    rows = tuple(LayerSensitivity(layer.name, 10.0, candidates) for layer in layers)
    document.set_sensitivity(Sensitivity(rows, {}, 16, synthetic=True))
    sections = LayerSections(document, looks)
    sections.resize(248, 1600)
    sections.show_layer(first)
    sections.show()
    app.processEvents()
    turn = [first, second]

    def select() -> None:
        turn.reverse()
        sections.show_layer(turn[0])
        sections.grab()

    def drag() -> None:
        sections.refresh()

    operations.set_prune(document, [first.name, second.name], 0.3)
    for title, work, times in (("another layer, to pixels", select, 30), ("a knob turned", drag, 100)):
        found = _milliseconds(work, times)
        sys.stdout.write(
            f"{title}: median {statistics.median(found):.1f} ms, most {max(found):.1f} ms (budget {BUDGET_MS:.0f})\n"
        )
    for by in KINDS:
        found = _milliseconds(lambda by=by: HeatScale(document, by), 3)
        sys.stdout.write(f"heat of {LAYERS} layers by {by}: {statistics.median(found):.1f} ms\n")


if __name__ == "__main__":
    main()
