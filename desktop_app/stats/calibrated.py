"""The calibration data of a pipeline, with the statistics that the steps asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.stats.requests import Statistic, StatisticRequest
from desktop_app.stats.training import TrainingSamples


@dataclass(frozen=True)
class DataCalibration:
    """Samples that can be gone through again and again, and what was collected on them.

    Attributes:
        make_batches: Starts a new pass over the samples.
        samples: How many there are.
        synthetic: Whether they are made up.
        statistics: What was collected.
        original: The model as opened; None where there is none to learn from.
        training: Samples to train on; None where nothing trains.
        draft: Whether what is made on them is compared and not kept.
    """

    make_batches: Callable[[], Iterator[Batch]]
    samples: int
    synthetic: bool
    statistics: Mapping[StatisticRequest, Statistic]
    original: Model | None = None
    training: TrainingSamples | None = None
    draft: bool = False

    def batches(self) -> Iterator[Batch]:
        """The samples, batch by batch, in the same order every time."""
        return self.make_batches()

    def statistic(self, request: StatisticRequest) -> Statistic:
        """The statistic that a step asked for. Raises KeyError for one that no step asked for."""
        return self.statistics[request]
