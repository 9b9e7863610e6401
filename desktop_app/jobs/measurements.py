"""What is asked to be measured of models: time, accuracy and fidelity, what each change costs."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.data import DataSettings
from desktop_app.core.measuring import Measuring
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Fidelity, Latency, Machine, Ratio
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.summary import LayerProfile


class Profiled(Struct, frozen=True, tag="profiled"):
    """Time of every layer."""

    profile: LayerProfile
    machine: Machine


class ProfileModel(Struct, frozen=True, tag="profile_model"):
    """Measure the time of every layer in ONNX Runtime. `threads` 0 stands for cores - 1."""

    Result: ClassVar[type[Struct]] = Profiled
    snapshot: str
    threads: int = 0


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
