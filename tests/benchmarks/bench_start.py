"""How soon the window is there, and the first picture in it: real starts, from the start of the process.

Run: python tests/benchmarks/bench_start.py [STARTS]   (under QT_QPA_PLATFORM=offscreen, or on a display)
Wants, with warm caches: the window exposed within 1.0 s, the first plot drawn within 2 s; once for a start with the
sample's file named, once for one in which the sample is opened as soon as the window is exposed. Compiled modules are
kept in a folder of the benchmark, whatever the environment says: an installed program has them.

Beside the time of the clock stands what the window's process had computed by then, and at last what the worker computes
until it has opened the sample: the clock says little on a computer that does something else, these say much the same.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "digits.onnx"
EXPOSED_S, PLOT_S = 1.0, 2.0
GIVE_UP_S = 60.0
STARTED = "BENCH_STARTED"


def main() -> None:
    """Starts the program several times and prints the medians; the first start, with cold caches, does not count."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as compiled:  # a worker may still write there
        for title, paths in (("with the file named", [str(SAMPLE)]), ("with the sample opened at once", [])):
            sys.stdout.write(f"{title}\n")
            tell([start(paths, compiled) for _ in range(starts + 1)][1:])


def tell(found: list[dict[str, float]]) -> None:
    """Prints the medians."""
    for name, budget in (("imported", None), ("exposed", EXPOSED_S), ("opened", None), ("plot", PLOT_S)):
        times = sorted(one[name] for one in found if name in one)
        if not times:
            sys.stdout.write(f"  {name:9} never\n")
            continue
        verdict = "" if budget is None else "  ok" if statistics.median(times) <= budget else f"  OVER {budget} s"
        cpu = statistics.median(one[f"{name} cpu"] for one in found if name in one)
        wall = f"median {statistics.median(times):.3f} s   [{times[0]:.3f}, {times[-1]:.3f}]"
        sys.stdout.write(f"  {name:9} {wall}   {cpu:.3f} s of it computing{verdict}\n")
    worker = statistics.median(one["worker cpu"] for one in found)
    sys.stdout.write(f"  the worker computes {worker:.3f} s until the model is opened\n")


def start(paths: list[str], compiled: str) -> dict[str, float]:
    """One start with fresh settings: seconds from the start of the process to each event."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), folder)
        environment = {**os.environ, **fresh, STARTED: str(time.monotonic()), "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, __file__, "--child", *paths]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=GIVE_UP_S, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])


def child() -> None:
    """The program as it starts itself; what is watched is put in when its own modules are there."""
    sys.argv[1:] = sys.argv[2:]
    events: dict[str, float] = {}

    def note(name: str) -> None:
        events.setdefault(name, time.monotonic() - float(os.environ[STARTED]))
        events.setdefault(f"{name} cpu", time.process_time())

    import desktop_app.__main__ as program
    from desktop_app.ui import first_worker as first

    begin = first.first_worker

    def begun() -> object:
        host = begin()
        from desktop_app import app as root

        note("imported")
        opened = root.Windows.open

        def watched(self: root.Windows, *paths: str) -> object:
            window = opened(self, *paths)
            _watch(window, note, events)
            return window

        root.Windows.open = watched  # type: ignore[method-assign,assignment]
        return host

    first.first_worker = begun  # type: ignore[assignment]
    program.main()


def _watch(window: object, note: object, events: dict[str, float]) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    expose, paint = QEvent.Type.Expose, QEvent.Type.Paint
    host = window.session.runner.host

    def done() -> None:
        sys.stdout.write(json.dumps(events) + "\n")
        sys.stdout.flush()
        os._exit(0)

    def exposed() -> None:
        note("exposed")
        if len(sys.argv) == 1:
            window.session.open_sample()

    def opened() -> None:
        note("opened")
        events["worker cpu"] = host._process.seconds_worked()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            kind = event.type()
            if kind == expose and watched is window.windowHandle() and "exposed" not in events:
                QTimer.singleShot(0, exposed)
            if kind == paint and "opened" in events and type(watched).__name__ == "MiniPlot":
                note("plot")  # it is there once it has figures
                QTimer.singleShot(0, done)
            return False

    watch = Watch(window)
    QApplication.instance().installEventFilter(watch)
    window.document.opened.connect(opened)
    QTimer.singleShot(int(GIVE_UP_S * 700), done)


if __name__ == "__main__":
    child() if "--child" in sys.argv else main()
