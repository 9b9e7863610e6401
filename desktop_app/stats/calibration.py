"""What a step is given of the data."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from desktop_app.graph.model import Model
from desktop_app.stats.requests import Statistic, StatisticRequest
from desktop_app.stats.training import TrainingSamples

Batch = Mapping[str, np.ndarray]
"""Input name to array, first axis the samples."""


class Calibration(Protocol):
    """The calibration samples and the statistics collected on them."""

    @property
    def samples(self) -> int:
        """How many samples there are."""

    @property
    def synthetic(self) -> bool:
        """Whether the samples are made up."""

    @property
    def original(self) -> Model | None:
        """The model as opened, to learn from; None where there is none."""

    @property
    def training(self) -> TrainingSamples | None:
        """Samples to train on; None where nothing trains."""

    @property
    def draft(self) -> bool:
        """Whether what is made on them is compared and not kept: methods then fit once, on less."""

    def batches(self) -> Iterator[Batch]:
        """The samples, batch by batch, in the same order every time."""

    def statistic(self, request: StatisticRequest) -> Statistic:
        """The statistic that the step asked for in `needs`. Raises KeyError for one that it did not."""
