"""Makes the pictures of `docs/images` anew: the real window with the bundled sample, compressed several times.

    python packaging/pictures.py [FOLDER]

Takes some minutes; on a computer that does something else the latencies have wide intervals. Settings, history and
sessions of this user are neither read nor written. `flow.png` is made by hand: it shows what xdotool has clicked.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QDoubleSpinBox, QPushButton, QSpinBox

from desktop_app.jobs.history.store import History
from desktop_app.ui import operations
from desktop_app.ui.items.nodes import row_path
from desktop_app.ui.language import Language
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.settings.rows import LANGUAGE, THEME
from desktop_app.ui.settings.store import settings
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.window import MainWindow

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = 1280, 800
COLOURS = 256
PATIENCE_S, SEARCH_S = 300.0, 150.0
"""A search that goes on is a picture, too."""
CHOSEN = "stage1.conv2/Conv"
"""The layer that is selected."""
CUTS = (0.125, 0.4, 0.55)
"""So much of the channels of all layers is cut, before the sample's own recipe is carried out."""
LIMIT_MB, AGREEMENT, CANDIDATES = 0.3, 90.0, 200


def wait(until: Callable[[], bool], patience: float = PATIENCE_S) -> None:
    """Lets the window live until something is so, or for so many seconds."""
    end = time.monotonic() + patience
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def rest(seconds: float = 0.6) -> None:
    """Lets the window live."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def run(window: MainWindow) -> None:
    """Carries the recipe out."""
    window.session.run()
    wait(lambda: window.session.running)
    wait(lambda: not window.session.running)
    rest()


def search(window: MainWindow) -> None:
    """Searches for settings of at most so many bytes."""
    window.actions_["run.search"].trigger()
    dialog = window.findChild(QDialog, "searchDialog")
    dialog.findChild(QDoubleSpinBox, "limit_bytes").setValue(LIMIT_MB)
    dialog.findChild(QDoubleSpinBox, "limit_min_agreement").setValue(AGREEMENT)
    dialog.findChild(QCheckBox, "search_rank").setChecked(False)
    dialog.findChild(QSpinBox, "searchTrials").setValue(CANDIDATES)
    start = dialog.findChild(QPushButton, "startSearch")
    wait(start.isEnabled)
    start.click()
    wait(lambda: window.session.search.standing == "finished", SEARCH_S)


def take(window: MainWindow, folder: Path) -> None:
    """Goes through the views and keeps a picture of each."""

    def keep(name: str) -> None:
        window.messages.dismiss()
        rest()
        path = folder / f"{name}.png"
        window.grab().save(str(path))
        with Image.open(path) as whole:  # of few colours: a third of the size, and nobody sees it
            whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)

    document = window.document
    rest(2.0)
    keep("start")
    window.session.open_sample()
    wait(lambda: document.profile is not None and window.session.work.current is None)
    recipe, names = document.recipe, [layer.name for layer in document.layers]
    for cut in CUTS:
        operations.set_recipe(document, recipe)
        operations.set_prune(document, names, cut)
        run(window)
    operations.set_recipe(document, recipe)
    run(window)
    document.selection.choose([row_path(document.layer(CHOSEN))], [CHOSEN])
    rest(2.0)
    window.workspace.tabs.setCurrentIndex(0)
    keep("window")
    settings().write(THEME, "dark")
    keep("dark")
    settings().write(THEME, "light")
    settings().write(LANGUAGE, "zh_CN")
    rest(1.0)
    keep("chinese")
    settings().write(LANGUAGE, "en")
    rest(1.0)
    workspace = window.workspace
    for name in ("tradeoff", "compare", "graph"):
        workspace.tabs.setCurrentWidget(getattr(workspace, name))
        rest(1.5)
        keep(name)
    search(window)
    workspace.late_search.open()
    rest(2.0)
    keep("search")


def main() -> None:
    """Makes the window, with settings of its own."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ.update({f"XDG_{kind}_HOME": str(home / kind) for kind in ("CACHE", "DATA", "STATE")})
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        application = QApplication([])
        settings().write(THEME, "light")
        settings().write(LANGUAGE, "en")
        Language(application)
        apply_theme(application)
        window = MainWindow(Runner(), Store(home / "sessions"), History(home / "history"))
        window.resize(*SIZE)
        window.show()
        take(window, folder)
        window.setProperty("closing", True)
        window.close()


if __name__ == "__main__":
    main()
