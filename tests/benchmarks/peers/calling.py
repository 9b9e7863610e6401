"""Calls peers, each in its own environment and a fresh process, and this project the same way."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from peers.install import interpreter

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parents[2]
ENVIRONMENTS = Path(os.environ.get("COMPRESSION_STUDIO_PEERS", PROJECT.parent / "peers-venvs"))
LIMIT_SECONDS = 900
OURS = "ours"


@dataclass(frozen=True)
class Way:
    """A row of the table: a peer, and which of its ways it takes. For this project the way is a recipe's path."""

    title: str
    peer: str
    setting: str = "default"


@dataclass(frozen=True)
class Made:
    """What came of a call: the file, or why there is none; CPU seconds and peak bytes of the process."""

    way: Way
    path: Path | None = None
    why: str = ""
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


def chosen(ways: Iterable[Way], peers: str) -> list[Way]:
    """The ways of the peers named in a list with commas; all where it is empty. This project always comes along."""
    names = set(filter(None, peers.split(",")))
    return [way for way in ways if not names or way.peer in names or way.peer == OURS]


def make(way: Way, model: Path, samples: Path, folder: Path, environments: Path) -> Made:
    """Has a peer compress a model.

    Args:
        way: Who, and how.
        model: The file to compress.
        samples: Folder of calibration samples.
        folder: Where the result goes, and what the peer printed.
        environments: Folder that `install.py` filled.
    """
    python = Path(sys.executable) if way.peer == OURS else interpreter(environments, way.peer)
    if not python.exists():
        return Made(way, why="not installed")
    name = re.sub(r"\W+", "-", way.title)
    output, log = folder / f"{name}.onnx", folder / f"{name}.log"
    output.unlink(missing_ok=True)
    script = FOLDER / f"run_{way.peer}.py"
    paths = [str(path.absolute()) for path in (python, script, model, samples, output)]
    command = [*paths, "--setting", way.setting]
    options = {"cwd": folder, "env": _surroundings(way), "timeout": LIMIT_SECONDS}  # some write where they are called
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except subprocess.TimeoutExpired:
        return Made(way, why=f"not done in {LIMIT_SECONDS} s")
    log.write_text(done.stdout + done.stderr, "utf-8")
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode != 0 or not output.exists():
        return Made(way, why=(lines or ["no result"])[-1])
    figures = json.loads(lines[-1])
    return Made(way, output, "", figures["cpu_seconds"], figures["peak_bytes"])


def write_samples(folder: Path, batches: Iterable[dict[str, np.ndarray]]) -> None:
    """Writes calibration samples as the adapters read them, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, batch in enumerate(batches):
        np.savez(folder / f"{number:06}.npz", **batch)


def _surroundings(way: Way) -> dict[str, str]:
    """Threads of numeric libraries spin while they wait, which counts as work: one each. Peers do not see us."""
    ours = {"PYTHONPATH": str(PROJECT)} if way.peer == OURS else {}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **ours}
