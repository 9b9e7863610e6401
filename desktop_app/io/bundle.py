"""The folder of a run: the model, how it was made, what it gives, and a program that runs and checks it."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from desktop_app.core.data import Preprocess
from desktop_app.core.errors import StudioError
from desktop_app.core.language import SOURCE
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.core.resources import resource
from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.io.atomic import part_affixes, sweep, sync_folder, told_as_sentence, write_text
from desktop_app.io.expectation import expect
from desktop_app.io.recipes import write_recipe
from desktop_app.io.reports import write_report_html, write_report_json
from desktop_app.io.writer import Written, refuse_replacing, write_model

MODEL, RECIPE, REPORT, PAGE, CHECK, PROGRAM, SUMS = FILES = (
    "model.onnx",
    "recipe.yaml",
    "report.json",
    "report.html",
    "check.npz",
    "infer.py",
    "SHA256SUMS",
)

NO_PREPROCESS = "PREPROCESS = None\n"
"""The line of `infer.py` that the recipe's preprocessing takes the place of."""


def write_run_folder(
    folder: Path,
    model: Model,
    recipe: Recipe,
    report: Report,
    samples: Mapping[str, np.ndarray] | None = None,
    *,
    name: str = MODEL,
    sha256: str = "",
    refuse: Sequence[Path] = (),
    language: str = SOURCE,
) -> Written:
    """Writes everything that a run leaves: the files come together, or not at all.

    Args:
        folder: Where to; made when it is not there. Other files in it stay.
        model: The compressed model.
        recipe: Complete, with what was guessed.
        report: What was measured.
        samples: Input name to array, on which `infer.py` checks the model; made up where there are none.
        name: Of the model that was opened, for the report.
        sha256: Of its file, likewise.
        refuse: Files that must not be replaced (the one that was opened).
        language: In which the report for people is written.

    Returns:
        The model file in `folder`.

    Raises:
        StudioError: when a weight is not finite or the folder cannot be written.
    """
    refuse_replacing(folder / MODEL, refuse)
    with staged(folder) as stage:
        written = write_model(model, stage / MODEL)
        expectation = expect(written.path, samples)
        if expectation.outputs:
            expectation.save(stage / CHECK)
        write_recipe(recipe, stage / RECIPE)
        write_report_json(report, stage / REPORT)
        hashes = {**({name: sha256} if sha256 else {}), written.path.name: written.sha256}
        write_report_html(report, recipe, name, stage / PAGE, language, hashes)
        write_text(stage / PROGRAM, _program(recipe.data.preprocess))
        write_sums(stage)
    external = folder / written.external.name if written.external else None
    return Written(folder / MODEL, written.bytes, written.sha256, external)


def check_folder(folder: Path, refuse: Sequence[Path] = ()) -> None:
    """Tries whether a run can be written to `folder`, before the work that comes first is done for nothing.

    Raises:
        StudioError: when it cannot, or would replace one of `refuse`.
    """
    refuse_replacing(folder / MODEL, refuse)
    _make_stage(folder).rmdir()


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A private folder beside `folder`; its files move there when the block ends without an error.

    Raises:
        StudioError: when something cannot be written, in one sentence; `folder` is then as it was.
    """
    stage = _make_stage(folder)
    try:
        yield stage
        with told_as_sentence(folder):
            folder.mkdir(exist_ok=True)
            written = {file.name for file in stage.iterdir()}
            for file in sorted(stage.iterdir(), key=lambda one: (one.name == SUMS, one.name)):
                file.replace(folder / file.name)
            for name in set(FILES) - written:  # of an earlier run, and wrong for this one
                (folder / name).unlink(missing_ok=True)
            sync_folder(folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _make_stage(folder: Path) -> Path:
    """A new private folder beside `folder`."""
    with told_as_sentence(folder):
        if folder.exists() and not folder.is_dir():
            raise StudioError(
                f"{clean_name(folder.name)} is a file, and a folder is to be written: choose another name."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        return Path(tempfile.mkdtemp(*part_affixes(folder), folder.parent))


def write_sums(folder: Path) -> None:
    """Writes `SHA256SUMS` over all other files of a folder, as `sha256sum -c` reads it."""
    lines = []
    for file in sorted(one for one in folder.iterdir() if one.is_file() and one.name != SUMS):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    write_text(folder / SUMS, "".join(lines))


def _program(preprocess: Preprocess | None) -> str:
    """`infer.py` with the preprocessing of the recipe written into it."""
    program = resource("bundle/infer.py").read_text("utf-8")
    settings = None if preprocess is None else msgspec.to_builtins(preprocess)
    return program.replace(NO_PREPROCESS, f"PREPROCESS = {settings!r}\n", 1)
