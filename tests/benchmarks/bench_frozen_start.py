"""How soon the frozen program answers and shows its window, on a virtual screen of its own; needs Xvfb and xev.

Run: python tests/benchmarks/bench_frozen_start.py dist/base/compression-studio/compression-studio [STARTS]
Wants, with warm caches: `--version` within 0.5 s, the window mapped within 1.0 s. The seconds of computing tell the
same where others use the machine, too.
"""

import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION_S, WINDOW_S = 0.5, 1.0
SCREEN = "1440x900x24"
LINGER_S = 0.5


def main() -> None:
    """Starts the program several times each way and prints the medians; the first start does not count."""
    program, starts = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    tell("--version", [version(program) for _ in range(starts + 1)], VERSION_S)
    with on_a_screen() as display:
        window = program.with_name(f"{program.stem}-window{program.suffix}")
        tell("window", [shown(window, display) for _ in range(starts + 1)], WINDOW_S)


def tell(name: str, found: list[tuple[float, float]], budget: float) -> None:
    """Prints the median of the seconds and of those spent computing."""
    wall, cpu = (sorted(times) for times in zip(*found[1:], strict=True))
    verdict = "ok" if statistics.median(wall) <= budget else f"OVER {budget} s"
    sys.stdout.write(
        f"{name:10} median {statistics.median(wall):.3f} s   [{wall[0]:.3f}, {wall[-1]:.3f}]   "
        f"{statistics.median(cpu):.3f} s of it computing [{cpu[0]:.3f}, {cpu[-1]:.3f}]   {verdict}\n"
    )


def version(program: Path) -> tuple[float, float]:
    """Seconds of `--version`: by the clock, and computing."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, check=True)
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def shown(program: Path, display: str) -> tuple[float, float]:
    """Seconds until the window is mapped, with a home of its own: by the clock, and computing in its process."""
    with tempfile.TemporaryDirectory() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON", "WAYLAND"))}
        environment = {**kept, "HOME": home, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        watcher = ["xev", "-root", "-event", "substructure"]
        with subprocess.Popen(watcher, env=environment, stdout=subprocess.PIPE, text=True) as events:
            time.sleep(LINGER_S)
            started = time.monotonic()
            with subprocess.Popen([program], env=environment, start_new_session=True) as process:
                next(line for line in events.stdout or () if line.startswith("MapNotify"))
                found = time.monotonic() - started, computed(process.pid)
                os.killpg(process.pid, signal.SIGKILL)
            events.kill()
        time.sleep(LINGER_S)  # the worker ends with it, and leaves its files alone
        return found


def computed(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_a_screen() -> Iterator[str]:
    """The name of a virtual screen, which is there as long as the block lasts."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
        server.terminate()


if __name__ == "__main__":
    main()
