"""Carrying out a recipe."""

from pathlib import Path

from desktop_app.core.progress import Progress, Token
from desktop_app.io.bundle import check_folder
from desktop_app.jobs.finished import kept, told, write_finished
from desktop_app.jobs.messages import RunFinished, RunRecipe
from desktop_app.jobs.opened import opened
from desktop_app.pipeline import Pipeline
from desktop_app.run import Run

_PIPELINE = Pipeline()
"""Kept for the next run: what it begins with in common with this one is not done again."""


def run(request: RunRecipe, token: Token) -> RunFinished:
    """Carries out a recipe on an opened model and leaves everything in the run's folder, or in the history.

    Raises:
        StudioError: when the recipe cannot be carried out, or its result cannot be written.
        Cancelled: when the token says so.
    """
    one = opened(request.snapshot)
    check_folder(Path(request.folder), (one.snapshot.source,))
    run = Run(one.model, one.snapshot.sha256, one.snapshot.bytes, request.measuring, _PIPELINE)
    finished = run.carry_out(request.recipe, token)
    token.check()
    token.report(Progress("write", 0.0))
    written = write_finished(finished, one.snapshot, Path(request.folder), request.language)
    done = told(finished, written)
    return kept(done, request.history, one.snapshot) if request.history else done
