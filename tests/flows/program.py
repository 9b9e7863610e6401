"""A program of its own with the real window, which says how it stands.

Usage: python program.py FOLDER kill | stay | reopen

It opens the sample, edits and arranges it, and then is killed or stays; or it reopens the last session.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QPushButton

from desktop_app.jobs.history.store import History
from desktop_app.ui import operations
from desktop_app.ui.recovery.store import Store
from desktop_app.ui.runner import Runner
from desktop_app.ui.window import MainWindow
from tests.flows.standing import standing


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        QApplication.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            raise TimeoutError


def edit(window):
    """Saved, edited, a slider moved, undone."""
    document = window.document
    names = [layer.name for layer in document.layers]
    operations.set_bits(document, names[:2], 4)
    for share in (0.1, 0.2, 0.25):
        operations.set_prune(document, names[1:2], share, "slider")
    operations.set_locked(document, names[-1:], True)
    operations.set_bits(document, names[:1], 16)
    document.undo_stack.undo()
    document.undo_stack.undo()


def arrange(window):
    """Another size, other widths, a closed scope, another tab, a filter, a docked log."""
    origin = window.screen().geometry().topLeft()
    window.setGeometry(origin.x() + 260, origin.y() + 150, 1200, 780)
    window.workspace.splitter.setSizes([420, 460, 320])
    window.workspace.tabs.setCurrentIndex(1)
    tree = window.tree
    tree.setColumnHidden(3, not tree.isColumnHidden(3))
    first = next(node for node in tree.model().root.children if node.children)
    tree.collapse(tree.model().index_of(first))
    tree.setCurrentIndex(tree.model().index(1, 0))
    window.workspace.tree_panel.filter_line.setText("conv")


def make(window):
    """The session that is to be reopened."""
    window.session.open_sample()
    wait_until(lambda: window.document.data is not None)
    arrange(window)
    wait_until(lambda: window.keeper._timer.isActive())
    wait_until(lambda: not window.keeper._timer.isActive() and window.tree.model().filtered)
    edit(window)  # last: nothing is left to a timer


def reopen(window):
    """The session that a kill has left."""
    window.findChild(QPushButton, "reopenButton").click()
    wait_until(lambda: window.document.data is not None)


def main(folder, wish):
    application = QApplication(sys.argv[:1])
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    window = MainWindow(Runner(), Store(folder / "sessions"), History(folder / "history"))
    window.show()
    (reopen if wish == "reopen" else make)(window)
    sys.stdout.write(json.dumps(standing(window)) + "\n")
    sys.stdout.flush()
    if wish == "stay":
        application.exec()
    if wish == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    window.setProperty("closing", True)
    window.close()


main(Path(sys.argv[1]), sys.argv[2])
