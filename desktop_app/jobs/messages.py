"""What the window and the worker say to each other: length-capped JSON, decoded against these types.

A task is a request; its class names the task module (`desktop_app.jobs.tasks.<tag>`) and the type of its result.
"""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.look import LayerLook
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Measurement, Progress, Searched
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.core.summary import ModelSummary
from desktop_app.jobs.conversions import Converted, ConvertModel, InspectTorchFile, MemberSized, SizeMember, TorchFile
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.exports import Exported, ExportModel
from desktop_app.jobs.graphs import GraphRead, ReadGraph
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.looks import ActivationsInspected, InspectActivations, InspectLayer, LayerInspected
from desktop_app.jobs.measurements import (
    Benchmarked,
    BenchmarkModels,
    Evaluated,
    EvaluateModel,
    MeasureSensitivity,
    Profiled,
    ProfileModel,
    SensitivityMeasured,
)
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.jobs.recipes import (
    DeletePreset,
    ListPresets,
    Presets,
    ReadRecipe,
    RecipeRead,
    RecipeWritten,
    SavePreset,
    WriteRecipe,
)
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
    """A model was opened.

    Attributes:
        summary: Its layer table.
        snapshot: What later requests name: a private copy, or the file itself above 512 MB.
        looks: What there is to see of the first layers, where that is known at once.
    """

    summary: ModelSummary
    snapshot: str
    looks: tuple[LayerLook, ...] = ()


class OpenModel(Struct, frozen=True, tag="open_model"):
    """Copy, check and read a model file."""

    Result: ClassVar[type[Struct]] = Opened
    path: str


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
