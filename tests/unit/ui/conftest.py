"""A model as the window knows it, made by hand: a stem, a block that adds to it, and a classifier."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.report import Machine
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.measurements import Profiled
from desktop_app.jobs.messages import Opened
from desktop_app.ui.aside import Aside
from desktop_app.ui.document import Document
from desktop_app.ui.looks import Looks
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from desktop_app.ui.work import Work
from tests.real_window import settings_folder, theme, window
from tests.unit.ui.hand import Hand
from tests.unit.ui.ui_samples import conv, summary_of

__all__ = ["settings_folder", "theme", "window"]


@pytest.fixture
def summary() -> ModelSummary:
    """stem and block/conv2 share their output channels; the classifier cannot be pruned, block/norm takes nothing."""
    layers = (
        conv("/stem/conv", 32, 3, out=0),
        conv("/block/inner/conv1", 64, 32, out=1, into=0),
        conv("/block/inner/conv2", 32, 64, out=0, into=1),
        conv("/block/norm", 1, 1, refusals=dict.fromkeys(("prune", "rank", "bits"), "It is too small.")),
        conv("/head/classifier", 10, 32, into=0, refusals={"prune": "Its output is the model's output."}),
    )
    groups = (
        ChannelGroup(0, 32, (layers[0].name, layers[2].name), (layers[1].name, layers[4].name)),
        ChannelGroup(1, 64, (layers[1].name,), (layers[2].name,)),
    )
    return summary_of(layers, groups)


@pytest.fixture
def document(qapp, summary) -> Document:
    shown = Document()
    shown.show(Opened(summary, "/snapshot"))
    return shown


@pytest.fixture
def opened(window, summary) -> MainWindow:
    """The window with the model; its layers are not timed, since there is no file."""
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))
    window.activateWindow()
    QApplication.processEvents()
    return window


@pytest.fixture
def hand(qapp) -> Hand:
    """A runner that does what the test says."""
    return Hand()


@pytest.fixture
def work(hand) -> Work:
    """The queue in front of it."""
    return Work(hand)


@pytest.fixture
def shown_windows(qapp) -> Iterator[list[str]]:
    """The classes of widgets that are shown as windows of their own from now on."""
    watch = Shown()
    qapp.installEventFilter(watch)
    yield watch.shown
    qapp.removeEventFilter(watch)


class Shown(QObject):
    """Hears of windows that are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.fixture
def looks(document) -> Iterator[Looks]:
    """Looks whose worker has a session of its own; no model lies at the document's snapshot."""
    with WorkerHost() as host:
        runner = Runner(host=host)
        aside = Aside(host, Work(runner))
        yield Looks(document, aside)
        aside.shutdown()
        runner.shutdown()


@pytest.fixture
def profiled(summary) -> Profiled:
    """The inner convolutions take 80 % of the time, the rest is spread."""
    shares = (0.05, 0.5, 0.3, 0.01, 0.04)
    times = {layer.name: 10 * share for layer, share in zip(summary.layers, shares, strict=True)}
    return Profiled(LayerProfile(10.0, times, 1), Machine("a processor", ("avx2",), 1))
