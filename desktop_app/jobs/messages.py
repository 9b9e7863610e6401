"""What the window and the worker say to each other: length-capped JSON, decoded against these types.

A task is a request; its class names the task module (`desktop_app.jobs.tasks.<tag>`) and the type of its result.
"""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Measurement, Progress, Searched
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Fidelity, Latency, Machine, Ratio, Report
from desktop_app.core.sensitivity import LayerSensitivity, Sensitivity
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.jobs.conversions import Converted, ConvertModel, InspectTorchFile, MemberSized, SizeMember, TorchFile
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.graphs import GraphRead, ReadGraph
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.looks import ActivationsInspected, InspectActivations, InspectLayer, LayerInspected
from desktop_app.jobs.searches import (
    BudgetRead,
    BudgetWritten,
    JoinSearch,
    ReadBudget,
    SearchFinished,
    SearchHelped,
    SearchModel,
    SearchSized,
    SizeSearch,
    WriteBudget,
)

MAX_MESSAGE_BYTES = 64 * 2**20


class Opened(Struct, frozen=True, tag="opened"):
    """A model was opened. `snapshot` is what later requests name: a private copy, or the file itself above 512 MB."""

    summary: ModelSummary
    snapshot: str


class OpenModel(Struct, frozen=True, tag="open_model"):
    """Copy, check and read a model file."""

    Result: ClassVar[type[Struct]] = Opened
    path: str


class Profiled(Struct, frozen=True, tag="profiled"):
    """Time of every layer."""

    profile: LayerProfile
    machine: Machine


class ProfileModel(Struct, frozen=True, tag="profile_model"):
    """Measure the time of every layer in ONNX Runtime. `threads` 0 stands for cores - 1."""

    Result: ClassVar[type[Struct]] = Profiled
    snapshot: str
    threads: int = 0


class RunFinished(Struct, frozen=True, tag="run_finished"):
    """A run is done.

    Attributes:
        model: The compressed file in the run's folder.
        recipe: Complete, with what was guessed and chosen.
        report: What was measured.
        summary: The compressed model's layer table.
        kept: The run in the history; None where it is not kept.
        not_kept: Why it is not, although it should be: a sentence.
    """

    model: str
    recipe: Recipe
    report: Report
    summary: ModelSummary
    kept: KeptRun | None = None
    not_kept: str = ""


class RunRecipe(Struct, frozen=True, tag="run_recipe"):
    """Carry out a recipe on a snapshot; the result goes to `folder`, and from there to the folder `history` names.

    `measuring` says how its time is taken; `language`: in which the report for people is written.
    """

    Result: ClassVar[type[Struct]] = RunFinished
    snapshot: str
    recipe: Recipe
    folder: str
    measuring: Measuring = Measuring()
    history: str = ""
    language: str = "en"


class BenchmarkRow(Struct, frozen=True):
    """One model of a benchmark. `ratio` is the first model's time over this one's."""

    model: str
    bytes: int
    latency_ms: Latency
    ratio: Ratio
    peak_memory: int | None = None


class Benchmarked(Struct, frozen=True, tag="benchmarked"):
    """Result of the interleaved comparison."""

    rows: tuple[BenchmarkRow, ...]
    machine: Machine
    warnings: tuple[str, ...] = ()


class BenchmarkModels(Struct, frozen=True, tag="benchmark_models"):
    """Compare the latency of models, interleaved; the first is the one that the others are compared with."""

    Result: ClassVar[type[Struct]] = Benchmarked
    models: tuple[str, ...]
    measuring: Measuring = Measuring()


class Evaluated(Struct, frozen=True, tag="evaluated"):
    """Accuracy where there are labels, fidelity where there is a reference."""

    samples: int
    accuracy: float | None = None
    fidelity: Fidelity | None = None
    seconds_decoding: float = 0.0
    images_per_second: float | None = None
    warnings: tuple[str, ...] = ()


class EvaluateModel(Struct, frozen=True, tag="evaluate_model"):
    """Evaluate a model on data, against a reference where one is given."""

    Result: ClassVar[type[Struct]] = Evaluated
    model: str
    data: DataSettings
    reference: str | None = None
    seed: int = 0


class SensitivityMeasured(Struct, frozen=True, tag="sensitivity_measured"):
    """What every change of every layer alone costs and gives."""

    sensitivity: Sensitivity
    warnings: tuple[str, ...] = ()


class MeasureSensitivity(Struct, frozen=True, tag="measure_sensitivity"):
    """Try every layer alone, by the methods and on the data of a recipe; a call that was stopped is gone on with.

    Every layer is told as a `LayerSensitivity` when it is done. With `known_only` nothing is tried: what earlier calls
    have found is the result.
    """

    Result: ClassVar[type[Struct]] = SensitivityMeasured
    snapshot: str
    recipe: Recipe
    samples: int = 32
    known_only: bool = False


class SamplePreview(Struct, frozen=True):
    """One sample as the model will see it: a PNG in base64 (empty where it is no image), its file and label."""

    png: str
    file: str
    label: str


class DataPreview(Struct, frozen=True, tag="data_preview"):
    """What a data source holds. `notes` say what was guessed, and what cannot be had (without labels, say)."""

    kind: str
    samples: int
    labelled: bool
    classes: int
    calibration: int
    evaluation: int
    preprocess: Preprocess | None
    guessed: bool
    previews: tuple[SamplePreview, ...]
    notes: tuple[str, ...] = ()


class PreviewData(Struct, frozen=True, tag="preview_data"):
    """Look at a data source with the eyes of a model."""

    Result: ClassVar[type[Struct]] = DataPreview
    snapshot: str
    data: DataSettings
    seed: int = 0
    count: int = 8


class Exported(Struct, frozen=True, tag="exported"):
    """A file was written, after it was compared in a fresh process with what was shown."""

    path: str
    bytes: int
    checked: str


class ExportModel(Struct, frozen=True, tag="export_model"):
    """Write a run's model where the user wants it. `format`: "onnx", "ort", or "bundle" (then `path` is a folder)."""

    Result: ClassVar[type[Struct]] = Exported
    model: str
    original: str
    path: str
    format: str = "onnx"
    run_folder: str = ""


class Preset(Struct, frozen=True):
    """A recipe to begin with; `tip` says in a sentence what it is good for.

    `name` names the file of one of the user's own; it is empty for those that come with the application.
    """

    title: str
    tip: str
    recipe: Recipe
    name: str = ""


class Presets(Struct, frozen=True, tag="presets"):
    """All presets; `broken` says of which files of the user none can be made, and why."""

    presets: tuple[Preset, ...]
    broken: tuple[str, ...] = ()


class ListPresets(Struct, frozen=True, tag="list_presets"):
    """Read the presets."""

    Result: ClassVar[type[Struct]] = Presets


class SavePreset(Struct, frozen=True, tag="save_preset"):
    """Keep a recipe as a preset of the user: in the file `name`, else in one for the title."""

    Result: ClassVar[type[Struct]] = Presets
    title: str
    tip: str
    recipe: Recipe
    name: str = ""


class DeletePreset(Struct, frozen=True, tag="delete_preset"):
    """Remove a preset of the user."""

    Result: ClassVar[type[Struct]] = Presets
    name: str


class RecipeRead(Struct, frozen=True, tag="recipe_read"):
    """A recipe file was read."""

    path: str
    recipe: Recipe


class ReadRecipe(Struct, frozen=True, tag="read_recipe"):
    """Read a recipe file."""

    Result: ClassVar[type[Struct]] = RecipeRead
    path: str


class RecipeWritten(Struct, frozen=True, tag="recipe_written"):
    """A recipe file was written."""

    path: str


class WriteRecipe(Struct, frozen=True, tag="write_recipe"):
    """Write a recipe file."""

    Result: ClassVar[type[Struct]] = RecipeWritten
    path: str
    recipe: Recipe


Request = (
    OpenModel
    | ProfileModel
    | RunRecipe
    | BenchmarkModels
    | EvaluateModel
    | MeasureSensitivity
    | SearchModel
    | JoinSearch
    | SizeSearch
    | DesignStudent
    | PreviewData
    | ExportModel
    | ConvertModel
    | InspectTorchFile
    | SizeMember
    | InspectLayer
    | InspectActivations
    | ReadGraph
    | ListPresets
    | SavePreset
    | DeletePreset
    | ReadRecipe
    | WriteRecipe
    | ReadBudget
    | WriteBudget
)
Result = (
    Opened
    | Profiled
    | RunFinished
    | Benchmarked
    | Evaluated
    | SensitivityMeasured
    | SearchFinished
    | SearchHelped
    | SearchSized
    | Designed
    | DataPreview
    | Exported
    | Converted
    | TorchFile
    | MemberSized
    | LayerInspected
    | ActivationsInspected
    | GraphRead
    | Presets
    | RecipeRead
    | RecipeWritten
    | BudgetRead
    | BudgetWritten
)


class Failed(Struct, frozen=True, tag="failed"):
    """The task failed: a sentence for the user, and details for whoever asks."""

    sentence: str
    details: str = ""


class Stopped(Struct, frozen=True, tag="stopped"):
    """The task was cancelled, as asked."""


class Cancel(Struct, frozen=True, tag="cancel"):
    """Stop the task that runs now; nothing happens where none does."""


class Ready(Struct, frozen=True, tag="ready"):
    """The first thing a worker says: it has started and takes requests."""


class CancelAcknowledged(Struct, frozen=True, tag="cancel_acknowledged"):
    """The worker has heard that it should stop."""


class LogLine(Struct, frozen=True, tag="log_line"):
    """A line for the log."""

    level: str
    text: str


Reply = (
    Progress
    | Measurement
    | LayerSensitivity
    | Searched
    | LogLine
    | Ready
    | CancelAcknowledged
    | Stopped
    | Failed
    | Result
)
