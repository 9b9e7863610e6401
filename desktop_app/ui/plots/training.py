"""The numbers of a training: its loss, and how often the student agrees with the original, over the batches told."""

from dataclasses import dataclass

from desktop_app.core.progress import Measurement, Metric
from desktop_app.ui import format as fmt
from desktop_app.ui.text import Words, tr

JUDGED: dict[Metric, Words] = {"top1_agreement": "Agreement", "accuracy": "Accuracy"}
"""What held-out samples judge: metric to title."""

MAX_POINTS = 240
"""More cannot be told apart on a screen."""


@dataclass(frozen=True)
class Spot:
    """A point: how many losses had been told by then, and a figure."""

    at: int
    value: float


@dataclass(frozen=True)
class Line:
    """Figures of one metric over a training. `share`: whether they are shares in [0, 1]."""

    title: str
    spots: tuple[Spot, ...]
    share: bool = False

    def text(self, spot: Spot) -> str:
        """A figure as the user reads it."""
        return fmt.percent(spot.value) if self.share else fmt.figures(spot.value)


@dataclass(frozen=True)
class TrainingCurve:
    """One training as it is known by now.

    Attributes:
        stage: The step that trains.
        loss: On the batches, each point the mean of those since the one before.
        judged: On held-out samples: agreement with the original, and accuracy where there are labels.
    """

    stage: str
    loss: Line
    judged: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them, those without a point left out."""
        return tuple(line for line in (self.loss, *self.judged) if line.spots)

    @property
    def told(self) -> int:
        """How many losses were told."""
        return self.loss.spots[-1].at if self.loss.spots else 0

    def rows(self) -> list[tuple[str, ...]]:
        """The table beside the pictures: of each line its first, best and newest figure."""
        return [(line.title, *(line.text(one) for one in _named(line))) for line in self.lines]


class CurveRecorder:
    """Takes a training's figures one by one and keeps few points, however many there are.

    When there are too many, neighbours are joined to their mean: what is kept is at most `MAX_POINTS` losses.
    """

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.over = False
        self._every, self._told = 1, 0
        self._waiting: list[float] = []
        self._loss: list[Spot] = []
        self._judged: dict[Metric, list[Spot]] = {metric: [] for metric in JUDGED}

    def take(self, measurement: Measurement) -> bool:
        """Takes a figure, if it is one of this training; says whether it was.

        - The size of the model, once the stage is done, ends the training: agreement told after it is on other samples.
        - Figures of other stages and other metrics are not taken.
        """
        if measurement.stage != self.stage or self.over:
            return False
        if measurement.metric == "loss":
            self._take_loss(measurement.value)
            return True
        if measurement.metric in self._judged:
            self._judged[measurement.metric].append(Spot(self._told, measurement.value))
            return True
        self.over = True
        return False

    def curve(self) -> TrainingCurve:
        """What is known by now."""
        judged = (Line(tr(title), tuple(self._judged[metric]), share=True) for metric, title in JUDGED.items())
        return TrainingCurve(self.stage, Line(tr("Loss"), tuple(self._loss)), tuple(judged))

    def _take_loss(self, value: float) -> None:
        self._told += 1
        self._waiting.append(value)
        if len(self._waiting) < self._every:
            return
        self._loss.append(Spot(self._told, sum(self._waiting) / len(self._waiting)))
        self._waiting.clear()
        if len(self._loss) > MAX_POINTS:
            pairs = zip(self._loss[::2], self._loss[1::2], strict=False)
            self._waiting = [self._loss[-1].value] * self._every if len(self._loss) % 2 else []
            self._loss = [Spot(late.at, (early.value + late.value) / 2) for early, late in pairs]
            self._every *= 2


def _named(line: Line) -> tuple[Spot, Spot, Spot]:
    """The first spot, the best one, and the newest."""
    best = max if line.share else min
    return line.spots[0], best(line.spots, key=lambda one: one.value), line.spots[-1]
