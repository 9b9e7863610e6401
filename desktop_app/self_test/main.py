"""The self-test as a command: one line for each part, exit status 1 where one failed."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from desktop_app import __version__
from desktop_app.self_test import command_line, compressing, drawing, torch_files
from desktop_app.self_test.trial import NotHere, Trial

Part = Callable[[Trial], str]

PARTS: tuple[tuple[str, Part], ...] = (
    ("open the sample", compressing.open_sample),
    ("read the presets", compressing.read_presets),
    ("look at the data", compressing.preview_data),
    ("time every layer", compressing.time_layers),
    ("prune and quantise", compressing.prune_and_quantise),
    ("rewrite, factorise, pack", compressing.mix),
    ("quantise dynamically", compressing.quantise_dynamically),
    ("distil", compressing.recover),
    ("sensitivity", compressing.measure_sensitivity),
    ("search", compressing.search),
    ("benchmark", compressing.benchmark),
    ("evaluate", compressing.evaluate),
    ("export and check", compressing.export),
    ("write a family", torch_files.write_family),
    ("convert a checkpoint", torch_files.convert_checkpoint),
    ("convert programs", torch_files.convert_programs),
    ("command line", command_line.inspect_sample),
    ("draw the window", drawing.draw_window),
)
USAGE = "usage: compression-studio --self-test [FOLDER]"


def main(arguments: Sequence[str]) -> int:
    """Runs every part; what they make is left in the folder, where one is named.

    Exit status: 0 all that this size of the program has works, 1 something does not, 2 wrong usage.
    """
    if len(arguments) > 1 or any(one.startswith("-") for one in arguments):
        sys.stderr.write(f"{USAGE}\n")
        return 2
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _say(f"Compression Studio {__version__}, {'installed' if getattr(sys, 'frozen', False) else 'from source'}")
    with tempfile.TemporaryDirectory(prefix="compression-studio-self-test-") as temporary:
        folder = Path(arguments[0] if arguments else temporary).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        trial = Trial(folder)
        with trial.host:
            failed = [name for name, part in PARTS if not _passes(name, part, trial)]
    _say(f"{len(failed)} of {len(PARTS)} parts failed: {', '.join(failed)}" if failed else "all is well")
    return 1 if failed else 0


def _passes(name: str, part: Part, trial: Trial) -> bool:
    started, computed = perf_counter(), trial.seconds_computed()
    try:
        found, mark = part(trial), "ok  "
    except NotHere as reason:
        found, mark = str(reason), "none"
    except Exception as error:  # whatever breaks in a frozen program is what this is for
        found, mark = f"{type(error).__name__}: {error}", "FAIL"
    computing = max(trial.seconds_computed() - computed, 0.0)
    _say(f"{mark} {name:<24} {perf_counter() - started:6.1f} s, {computing:5.1f} of it computing  {found}")
    return mark != "FAIL"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
