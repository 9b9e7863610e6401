"""What a search leaves in its folder while it goes on: a whole model and a whole recipe.

They are moved there one after the other: a kill between the two leaves those of two candidates, and sums that do not
fit. A search that goes on puts the best there again.
"""

import hashlib
from pathlib import Path

from desktop_app.core.errors import StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.graph.model import Model
from desktop_app.io.atomic import told_as_sentence
from desktop_app.io.bundle import MODEL, RECIPE, staged, write_sums
from desktop_app.io.recipes import write_recipe
from desktop_app.io.writer import Written, refuse_replacing, write_model
from desktop_app.jobs.finished import kept, told, write_finished
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.opened import OpenedModel
from desktop_app.pipeline import Pipeline
from desktop_app.run import Finished, Run


class BestSoFar:
    """The folder of a search.

    Args:
        one: The opened model.
        folder: The folder.
        measuring: How finalists are measured.
        language: In which the report for people is written.
    """

    def __init__(self, one: OpenedModel, folder: Path, measuring: Measuring, language: str = "en") -> None:
        self._one, self._folder, self._language = one, folder, language
        self._run = Run(one.model, one.snapshot.sha256, one.snapshot.bytes, measuring, Pipeline())
        self._last: Finished | None = None
        self._given: Finished | None = None
        self._written: Written | None = None
        self._measured = False

    def measured_before(self, sha256: str | None) -> None:
        """Leaves no mere candidates where the folder still holds a finalist with this hash, of the same search."""
        path = self._folder / MODEL
        if sha256 and path.is_file():
            with told_as_sentence(path), path.open("rb") as content:
                self._measured = hashlib.file_digest(content, "sha256").hexdigest() == sha256

    def candidate(self, model: Model, recipe: Recipe) -> None:
        """Leaves a candidate: its model as it was judged, and the recipe that carries it out whole.

        Not where the folder has a finalist, which was trained and measured: it stays until there is another.
        """
        if self._measured:
            return
        refuse_replacing(self._folder / MODEL, (self._one.snapshot.source,))
        with staged(self._folder) as stage:
            write_model(model, stage / MODEL)
            write_recipe(recipe, stage / RECIPE)
            write_sums(stage)

    def carry_out(self, recipe: Recipe, token: Token) -> Report:
        """Carries a finalist out and measures it."""
        self._last = self._run.carry_out(recipe, token)
        return self._last.report

    def finalist(self) -> str:
        """Leaves the finalist that was carried out last, as a run does; gives the hash of its model."""
        if self._last is None:
            return ""
        self._written = write_finished(self._last, self._one.snapshot, self._folder, self._language)
        self._given = self._last
        return self._written.sha256

    def given(self) -> Finished:
        """The finalist in the folder. Raises StudioError when none was left."""
        if self._given is None:
            raise StudioError("No candidate could be made.")
        return self._given

    def keep(self, history: str) -> tuple[KeptRun | None, str]:
        """Has the history take over the folder as a run; gives the run, or a sentence on why there is none."""
        finished, written = self.given(), self._written
        if written is None:
            return None, ""
        run = kept(told(finished, written), history, self._one.snapshot)
        return run.kept, run.not_kept
