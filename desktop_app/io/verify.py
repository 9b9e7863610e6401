"""A written model, looked at by a process that knows nothing of how it was made.

`check_in_fresh_process` starts this program again; `main` is what that process does: load the file in ONNX Runtime, run
it on the stored inputs, compare with the stored outputs, and say on standard output what came of it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from math import inf
from pathlib import Path
from time import monotonic

import msgspec
import numpy as np

import desktop_app
from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.progress import Token

ARGUMENT = "--verify"

TOLERANCE = 1e-3
"""Largest relative difference of outputs: optimisers may reorder sums, nothing more."""

ROUNDED = ("int8", "uint8")
"""Integers that a quantised model rounds to; others are counts and numbers of classes, which must be equal."""

SMALL = 1e-3
"""Outputs whose root mean square is less are compared with this: a sigmoid near zero is a difference of numbers near 1,
and rounded like them."""

TIMEOUT = 600.0

POLL = 0.05


class Verdict(msgspec.Struct, frozen=True):
    """What the fresh process found: how many outputs it compared, the largest relative difference, or what failed."""

    compared: int = 0
    difference: float = 0.0
    failure: str = ""


def check_in_fresh_process(model: Path, expected: Path, token: Token) -> Verdict:
    """Has a new process load `model` and compare it with `expected` (see `Expectation.save`).

    Raises:
        StudioError: when the file does not load, or gives other outputs.
        Cancelled: when the token says so.
    """
    verdict = _ask(_command(model, expected), token)
    if verdict.failure:
        raise StudioError(
            f"The written file was not kept, because a fresh process could not use it: {verdict.failure}."
        )
    if not verdict.difference <= TOLERANCE:
        raise StudioError(
            "The written file was not kept, because its outputs in a fresh process differ from those that were shown "
            f"(by {verdict.difference:.2g} relative to them): run the recipe again."
        )
    return verdict


def main(arguments: Sequence[str]) -> int:
    """Verifies the model `arguments[0]` against `arguments[1]`; prints a `Verdict`. Gives the exit status."""
    model, expected = map(Path, arguments)
    verdict = verify(model, expected)
    sys.stdout.write(msgspec.json.encode(verdict).decode() + "\n")
    return 1 if verdict.failure else 0


def verify(model: Path, expected: Path) -> Verdict:
    """Loads and runs `model`, and compares its outputs with those stored in `expected`."""
    from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session, sentence

    with np.load(expected, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    outputs = {int(name.removeprefix("output_")): one for name, one in arrays.items() if name.startswith("output_")}
    try:
        session = open_session(model)
        names = [one.name for one in session.get_inputs()]
        if any(f"input_{index}" not in arrays for index in range(len(names))):
            return Verdict(failure="it has other inputs than the model of the run")
        actual = session.run(None, {name: arrays[f"input_{index}"] for index, name in enumerate(names)})
    except InvalidFileError as error:
        return Verdict(failure=str(error).rstrip("."))
    except RUNTIME_ERRORS as error:
        return Verdict(failure=sentence(error).rstrip("."))
    differences = [relative_difference(one, np.asarray(actual[index])) for index, one in outputs.items()]
    if inf in differences:
        return Verdict(failure="its outputs are of another shape or type, or not finite where those of the run were")
    return Verdict(len(differences), max(differences, default=0.0))


def relative_difference(expected: np.ndarray, actual: np.ndarray) -> float:
    """Norm of the difference over the norm of what is expected; infinite where values cannot be compared."""
    if expected.dtype.kind == "U":
        return 0.0 if np.array_equal(expected, actual.astype(str)) else inf
    if expected.shape != actual.shape or expected.dtype != actual.dtype:
        return inf
    if expected.dtype.kind != "f" and expected.dtype.name not in ROUNDED:
        return 0.0 if np.array_equal(expected, actual) else inf
    finite = np.isfinite(expected)
    if not np.array_equal(np.isfinite(actual), finite) or not np.array_equal(
        expected[~finite], actual[~finite], equal_nan=True
    ):
        return inf
    before, after = expected[finite].astype(np.float64), actual[finite].astype(np.float64)
    error = float(np.linalg.norm(before - after))
    return error / max(float(np.linalg.norm(before)), SMALL * before.size**0.5) if error else 0.0


def _command(model: Path, expected: Path) -> list[str]:
    """This program, started anew; never looks for modules in the current folder, which may hold anything."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "desktop_app"]
    return [*program, ARGUMENT, str(model.absolute()), str(expected.absolute())]


def _ask(command: Sequence[str], token: Token) -> Verdict:
    packages = [str(Path(desktop_app.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, packages))}
    end = monotonic() + TIMEOUT
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            while True:
                try:
                    said, _ = process.communicate(timeout=POLL)
                    break
                except subprocess.TimeoutExpired:
                    token.check()
                    if monotonic() > end:
                        return Verdict(failure=f"it was not done after {TIMEOUT:.0f} seconds")
        finally:
            process.kill()
    try:
        return msgspec.json.decode(said, type=Verdict)
    except msgspec.DecodeError:
        return Verdict(failure=f"it ended without a word (exit status {process.returncode})")
