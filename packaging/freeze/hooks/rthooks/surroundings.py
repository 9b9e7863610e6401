"""Runs before the program, in place of PyInstaller's own hook for PySide6.

That one imports QtCore into every process, workers and `--version` too; wheels of PySide6 find their parts without it.
"""

import os
import sys


def set_surroundings() -> None:
    """Hands on to what is started from here (a file manager, say) only what the user's own environment had."""
    if sys.platform == "linux":
        own = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
        os.environ.pop("LD_LIBRARY_PATH", None)  # the loader has read it already
        if own is not None:
            os.environ["LD_LIBRARY_PATH"] = own
    else:
        folder = "PySide6" if sys.platform == "win32" else os.path.join("PySide6", "Qt")  # noqa: PTH118 - too early
        os.environ["QT_PLUGIN_PATH"] = os.path.join(sys._MEIPASS, folder, "plugins")  # type: ignore[attr-defined]  # noqa: PTH118


set_surroundings()
del set_surroundings
