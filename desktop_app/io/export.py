"""Exports a run's model: written beside its place, compared in a fresh process with what was shown, then put there."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress, Token
from desktop_app.core.text import clean_name
from desktop_app.io.atomic import Check
from desktop_app.io.expectation import Expectation, expect
from desktop_app.io.formats.base import ExportJob, Format
from desktop_app.io.formats.bundle_folder import BUNDLE
from desktop_app.io.formats.onnx_file import ONNX
from desktop_app.io.formats.ort_file import ORT
from desktop_app.io.verify import Verdict, check_in_fresh_process

FORMATS: Mapping[str, Format] = {one.name: one for one in (ONNX, ORT, BUNDLE)}


@dataclass(frozen=True)
class ExportedFile:
    """What was written: where, how large, and a sentence on how it was checked."""

    path: Path
    bytes: int
    checked: str


def export_model(
    model_path: Path,
    original_path: Path,
    target: Path,
    format_name: str,
    token: Token,
    run_folder: Path | None = None,
) -> ExportedFile:
    """Exports a run's model.

    Args:
        model_path: The model file in the run's folder: what was measured and shown.
        original_path: What the user opened; it is never replaced.
        target: The file to write; a folder for "bundle".
        format_name: A key of `FORMATS`.
        token: Hears of progress; says when to stop.
        run_folder: The run's folder; needed for "bundle".

    Raises:
        StudioError: when the target is refused, cannot be written, or does not pass the check; what was there stands.
        Cancelled: when the token says so.
    """
    if format_name not in FORMATS:
        raise StudioError(f"There is no export format {clean_name(format_name)}: choose one of {', '.join(FORMATS)}.")
    token.check()
    token.report(Progress("export", 0.0, "Running the model once more"))
    expectation = expect(model_path)
    with tempfile.TemporaryDirectory(prefix="compression-studio-") as folder:
        expected = Path(folder) / "expected.npz"
        expectation.save(expected)
        verdicts: list[Verdict] = []
        check = _check(expectation, expected, token, verdicts)
        job = ExportJob(model_path, target, (original_path, model_path), check, run_folder)
        token.report(Progress("export", 0.3, f"Writing {clean_name(target.name)}"))
        size = FORMATS[format_name].write(job)
    token.report(Progress("export", 1.0))
    return ExportedFile(target, size, _say(expectation, verdicts))


def _check(expectation: Expectation, expected: Path, token: Token, verdicts: list[Verdict]) -> Check:
    """Compares a written file with what was shown, where there is something to compare."""

    def check(written: Path) -> None:
        token.report(Progress("export", 0.7, "Checking the written file in a fresh process"))
        if expectation.runnable:
            verdicts.append(check_in_fresh_process(written, expected, token))

    return check


def _say(expectation: Expectation, verdicts: list[Verdict]) -> str:
    if not verdicts:
        return f"It was not compared: {expectation.reason.rstrip('.')}."
    verdict = verdicts[-1]
    if not verdict.compared:
        return f"ONNX Runtime loads and runs it in a fresh process; nothing was compared, because {expectation.reason}."
    outputs = "its output" if verdict.compared == 1 else f"the {verdict.compared} outputs"
    how = "exactly" if verdict.difference == 0 else f"to {verdict.difference:.1g} of their size"
    return f"ONNX Runtime loads it in a fresh process, and on seeded inputs gives {outputs} as in the run, {how}."
