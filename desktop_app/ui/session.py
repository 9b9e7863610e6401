"""The user's errands that need the worker: each asks for it and puts the answer into the document."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.core.data import DataSettings
from desktop_app.core.language import current
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.jobs.conversions import Converted, ConvertModel, InspectTorchFile, MemberSized, SizeMember, TorchFile
from desktop_app.jobs.exports import Exported, ExportModel
from desktop_app.jobs.history.store import History
from desktop_app.jobs.measurements import (
    Benchmarked,
    BenchmarkModels,
    MeasureSensitivity,
    SensitivityMeasured,
)
from desktop_app.jobs.messages import Failed, LogLine, Opened, OpenModel, RunFinished, RunRecipe
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.jobs.recipes import ReadRecipe, RecipeRead, RecipeWritten, WriteRecipe
from desktop_app.ui import operations
from desktop_app.ui.aside import Aside
from desktop_app.ui.benchmarks import measured_again
from desktop_app.ui.designing.designing import Designing
from desktop_app.ui.document import Document
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.known import KnownSensitivity
from desktop_app.ui.known_data import KnownData
from desktop_app.ui.known_presets import KnownPresets
from desktop_app.ui.layer_times import LayerTimes
from desktop_app.ui.live import LiveRun, measured_in
from desktop_app.ui.long_work import LongWork
from desktop_app.ui.looks import Looks
from desktop_app.ui.past_runs import PastRuns
from desktop_app.ui.runner import Runner
from desktop_app.ui.searching.searching import Searching
from desktop_app.ui.settings.measuring import chosen_measuring
from desktop_app.ui.text import tell, tr
from desktop_app.ui.work import Task, Work

SENSITIVITY_SAMPLES = 32
"""With so many every layer is tried: more make the figures little better, and take their time."""

SAMPLE_MODEL, SAMPLE_DATA, SAMPLE_RECIPE = "sample/digits.onnx", "sample/digits", "presets/demo.yaml"


LOG = logging.getLogger(__name__)
LEVELS = logging.getLevelNamesMapping()


class Session(QObject):
    """Ties the document to the worker.

    Signals:
        troubled: Sentences on what the user should know, but nobody waits for; a tuple.
        exported: An `Exported`: a file was written.
        converted: A `Converted`: a model was made of a torch file, or of a family.
        told: A sentence on what was done, for the status line.
    """

    troubled = Signal(tuple)
    exported = Signal(Exported)
    converted = Signal(Converted)
    told = Signal(str)

    def __init__(
        self,
        document: Document,
        runner: Runner,
        history: History | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.runner = runner
        self.work = Work(runner, self)
        self.long_work = LongWork(self.work, self)
        self.live = LiveRun(self)
        self.aside = Aside(runner.host, self.work, self)
        self.looks = Looks(document, self.aside, self)
        self.known = KnownSensitivity(document, self.aside, SENSITIVITY_SAMPLES, self)
        self.past = PastRuns(document, self.live, history or History(), self)
        self.search = Searching(document, self.work, runner, self.past, self)
        self.search.told.connect(self.told)
        self.design = Designing(document, self.work, self)
        self.design.told.connect(self.told)
        self.graph = GraphState(document, self.work, self)
        self.presets = KnownPresets(self.work, self)
        self.presets.troubled.connect(self.troubled)
        self.known_data = KnownData(document, self.work, self)
        self.times = LayerTimes(document, self.work, self)  # last to hear of a free worker, for it can take minutes
        self.work.progress.connect(self._on_event)
        self.work.measurement.connect(self._on_event)
        self.work.tried.connect(document.add_tried)
        self.work.failed.connect(self._on_failed)
        self.told.connect(self._on_told)
        runner.log.connect(self._on_line)
        self.work.stopped.connect(self._on_stopped)

    @property
    def running(self) -> bool:
        """Whether a recipe is carried out now."""
        return self.work.current is not None and isinstance(self.work.current.request, RunRecipe)

    def shutdown(self) -> None:
        """Ends all workers, and the history's thread. Nothing is told to anybody from now on."""
        with ExitStack() as each:  # whatever becomes of the others
            for end in (self.past.shutdown, self.work.shutdown, self.aside.shutdown):
                each.callback(end)

    def open_model(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Opens a model; its layers are shown first, and timed when nothing else is to be done."""

        def show(opened: Opened) -> None:
            self.live.forget()
            self.looks.expect(opened.looks)
            self.document.show(opened)
            if then is not None:
                then()

        self.work.ask_first(Task(OpenModel(path), tr("Opening {name}").format(name=Path(path).name), show))

    def open_sample(self) -> None:
        """Opens the model that comes with the application, with its data and a recipe ready to run."""

        def prepare(read: RecipeRead) -> None:
            data = DataSettings(path=str(resource(SAMPLE_DATA)), calibration=read.recipe.data.calibration)
            operations.apply_preset(self.document, read.recipe, tr("Sample"))
            operations.set_data(self.document, data)
            self.document.undo_stack.setClean()

        def read_recipe() -> None:
            request = ReadRecipe(str(resource(SAMPLE_RECIPE)))
            self.work.ask(Task(request, tr("Reading the recipe"), prepare, quiet=True))

        self.open_model(str(resource(SAMPLE_MODEL)), read_recipe)

    def run(self, then: Callable[[], None] | None = None) -> None:
        """Carries out the recipe on the opened model; calls `then` when the run is there."""
        folder = tempfile.mkdtemp(prefix="run-", dir=self.runner.host.session)
        self.live.start()
        recipe, measuring = self.document.recipe, chosen_measuring()
        history, language = self.past.folder, current().code
        request = RunRecipe(self.document.snapshot, recipe, folder, measuring, history, language)

        def take(finished: RunFinished) -> None:
            self._on_run(finished)
            if then is not None:
                then()

        self.work.ask_first(Task(request, tr("Running the recipe"), take))

    def stop(self) -> None:
        """Stops what the worker does now."""
        self.times.leave(self.document.snapshot)
        self.known_data.give_up()
        self.work.cancel()

    def benchmark(self) -> None:
        """Measures the shown run's model again beside the original, in turns."""
        run = self.document.run
        if run is not None:
            request = BenchmarkModels((self.document.snapshot, run.model), chosen_measuring())
            self.work.ask_first(Task(request, tr("Measuring the latency"), self._on_benchmarked))

    def measure_sensitivity(self) -> None:
        """Tries every layer alone; each is in the document as soon as it is tried."""
        request = MeasureSensitivity(self.document.snapshot, self.document.recipe, SENSITIVITY_SAMPLES)
        title = tr("Trying the layers one by one")
        self.document.colour_by(self.document.heat or "sensitivity")
        self.work.ask_first(Task(request, title, self._on_sensitivity))

    def export(self, path: str, kind: str) -> None:
        """Writes the shown run's model to where the user wants it."""
        run = self.document.run
        if run is not None:
            request = ExportModel(run.model, self.document.snapshot, path, kind, str(Path(run.model).parent))
            self.work.ask_first(Task(request, tr("Exporting {name}").format(name=Path(path).name), self._on_exported))

    def inspect_torch_file(self, path: str, then: Callable[[TorchFile], None]) -> None:
        """Asks what a torch file is."""
        title = tr("Looking at {name}").format(name=Path(path).name)
        self.work.ask_first(Task(InspectTorchFile(path), title, then))

    def size_member(self, request: SizeMember, then: Callable[[MemberSized], None]) -> None:
        """Asks what a member of a family would cost; the newest question takes the place of those before it."""
        self.work.ask_first(Task(request, tr("Looking at the size"), then, quiet=True))

    def convert(self, request: ConvertModel) -> None:
        """Has a model made of a torch file, or of a family."""
        title = tr("Making {name}").format(name=Path(request.path).name)
        self.work.ask_first(Task(request, title, self.converted.emit))

    def preview_data(self, data: DataSettings, then: Callable[[DataPreview], None]) -> None:
        """Looks at a data source with the eyes of the model."""
        request = PreviewData(self.document.snapshot, data, self.document.recipe.seed)
        self.work.ask_first(Task(request, tr("Looking at the data"), then))

    def stop_preview(self) -> None:
        """Stops a look at data that nobody waits for any more."""
        if self.work.current is not None and isinstance(self.work.current.request, PreviewData):
            self.work.cancel()

    def read_recipe(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Takes a recipe from a file; one that was just written to is clean."""

        def take(read: RecipeRead) -> None:
            operations.set_recipe(self.document, read.recipe)
            self.document.saved(Path(read.path))
            if then is not None:
                then()

        self.work.ask_first(Task(ReadRecipe(path), tr("Reading the recipe"), take))

    def write_recipe(self, path: str, then: Callable[[], None] | None = None, *, quiet: bool = False) -> None:
        """Writes the recipe to a file; behind the user's back it is not told."""
        recipe: Recipe = self.document.recipe

        def note(written: RecipeWritten) -> None:
            if self.document.recipe == recipe:
                self.document.saved(Path(written.path))
            if not quiet:
                self.told.emit(tr("The recipe is saved in {path}.").format(path=written.path))
            if then is not None:
                then()

        self.work.ask_first(Task(WriteRecipe(path, recipe), tr("Saving the recipe"), note, quiet=quiet))

    def _on_run(self, finished: RunFinished) -> None:
        for measurement in measured_in(finished.report):
            self.live.report(measurement)
        self.live.end("done")
        self.past.add(finished)

    def _on_benchmarked(self, result: Benchmarked) -> None:
        for measurement in measured_again(result):
            self.live.report(measurement)
        told = (tr("The latency was measured again."), *map(tell, result.warnings))
        self.told.emit(" ".join(told))

    def _on_sensitivity(self, measured: SensitivityMeasured) -> None:
        self.document.set_sensitivity(measured.sensitivity)
        self.told.emit(tr("Every layer was tried alone: its figures stand in the inspector and in the tree."))

    def _on_exported(self, exported: Exported) -> None:
        self.exported.emit(exported)

    def _on_event(self, event: object) -> None:
        if self.running:
            self.live.report(event)  # type: ignore[arg-type]  # signals carry objects

    def _on_line(self, line: LogLine) -> None:
        """What the libraries in the worker have logged."""
        LOG.log(LEVELS.get(line.level, logging.WARNING), "%s", line.text)

    def _on_told(self, sentence: str) -> None:
        LOG.info("%s", sentence)

    def _on_failed(self, task: Task, failure: Failed) -> None:
        details = f"\n{failure.details.rstrip()}" if failure.details else ""
        LOG.error("%s: %s%s", tell(task.title), tell(failure.sentence), details)
        if isinstance(task.request, RunRecipe):
            self.live.end("stopped")

    def _on_stopped(self, task: Task) -> None:
        if isinstance(task.request, RunRecipe):
            self.live.end("stopped")
            self.told.emit(tr("Stopped; the recipe is as it was."))
        if isinstance(task.request, MeasureSensitivity):
            self.told.emit(tr("Stopped; what was found is kept, and the next time goes on from there."))
