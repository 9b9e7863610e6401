"""What each task may take, and what it is called in a sentence: rows of data."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.jobs.conversions import ConvertModel, InspectTorchFile, SizeMember
from desktop_app.jobs.designs import DesignStudent
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.graphs import ReadGraph
from desktop_app.jobs.looks import InspectActivations, InspectLayer
from desktop_app.jobs.measurements import BenchmarkModels, EvaluateModel, MeasureSensitivity, ProfileModel
from desktop_app.jobs.messages import OpenModel, Request, RunRecipe
from desktop_app.jobs.previews import PreviewData
from desktop_app.jobs.recipes import DeletePreset, ListPresets, ReadRecipe, SavePreset, WriteRecipe
from desktop_app.jobs.searches import JoinSearch, ReadBudget, SearchModel, SizeSearch, WriteBudget


class Limits(Struct, frozen=True):
    """What a task may take before the worker is ended.

    Attributes:
        doing: The task in words that follow "while".
        silence: Seconds of work without a word from the worker (see `Patience`); a task that goes on reports progress.
        total: Seconds in all.
        grace: Seconds between the wish to stop and the end of the worker. More where files must be cleaned up.
        chosen: Whether the user has chosen the seconds in all.
    """

    doing: str
    silence: float
    total: float
    grace: float = 0.5
    chosen: bool = False

    def at_most(self, seconds: float) -> "Limits":
        """The same with no more seconds in all than the user gives; 0 gives as many as are usual."""
        return replace(self, total=seconds, chosen=True) if 0 < seconds < self.total else self


STARTING = Limits("starting", silence=60.0, total=240.0)
"""What a worker may take to import what it needs from a cold disk, until it says that it is ready."""

_DAY = 86400.0

LIMITS: Mapping[type[Request], Limits] = {
    OpenModel: Limits("opening the model", silence=15, total=120),
    ReadGraph: Limits("reading the graph", silence=60, total=120),
    ProfileModel: Limits("measuring the layers", silence=120, total=600),
    RunRecipe: Limits("compressing the model", silence=1800, total=7 * _DAY),
    BenchmarkModels: Limits("measuring the latency", silence=600, total=_DAY),
    EvaluateModel: Limits("evaluating the model", silence=600, total=_DAY),
    MeasureSensitivity: Limits("trying the layers one by one", silence=1800, total=_DAY),
    SearchModel: Limits("searching", silence=1800, total=30 * _DAY, grace=1.5),
    JoinSearch: Limits("helping a search", silence=1800, total=30 * _DAY, grace=1.5),
    SizeSearch: Limits("counting what there is to choose", silence=300, total=600),
    ReadBudget: Limits("reading the budget", silence=15, total=30),
    WriteBudget: Limits("saving the budget", silence=15, total=30),
    DesignStudent: Limits("designing the model", silence=1800, total=30 * _DAY, grace=1.5),
    PreviewData: Limits("looking at the data", silence=60, total=300),
    ExportModel: Limits("writing the model", silence=600, total=3600, grace=1.5),
    ConvertModel: Limits("converting the model", silence=600, total=3600, grace=1.5),
    InspectTorchFile: Limits("looking at the file", silence=120, total=600),
    SizeMember: Limits("telling what the model will cost", silence=120, total=600),
    InspectLayer: Limits("looking at the layer", silence=60, total=120),
    InspectActivations: Limits("looking at the activations", silence=120, total=600),
    ListPresets: Limits("reading the presets", silence=15, total=30),
    SavePreset: Limits("saving the preset", silence=15, total=30),
    DeletePreset: Limits("deleting the preset", silence=15, total=30),
    ReadRecipe: Limits("reading the recipe", silence=15, total=30),
    WriteRecipe: Limits("writing the recipe", silence=15, total=30),
}
