"""How candidates are found: what every strategy offers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from optuna.samplers import BaseSampler

from desktop_app.search.damages import Damages

Genes = tuple[int, ...]


@dataclass(frozen=True)
class Wanted:
    """What the limits ask to be saved, of the prediction for the model as it is.

    Attributes:
        milliseconds: Of the latency.
        bytes: Of the size.
        macs: Of the multiply-accumulates.
    """

    milliseconds: float = 0.0
    bytes: float = 0.0
    macs: float = 0.0


class Strategy(ABC):
    """Finds candidates; the search judges them, whatever the strategy, by the same figures.

    Attributes:
        name: As budgets name it.
        weighs: Whether it wants to know what every value alone costs and saves.
        draws: Whether there is more than what it wants judged first.
    """

    name: ClassVar[str]
    weighs: ClassVar[bool] = False
    draws: ClassVar[bool] = True

    def starts(self, damages: Damages, wanted: Wanted, count: int) -> Sequence[Genes]:
        """Candidates to judge first, the most promising first; about those that save what is wanted."""
        return ()

    @abstractmethod
    def sampler(self, seed: int) -> BaseSampler | None:
        """Draws the next candidate from what was judged before; None where the starts are all there is.

        The seed and what was judged decide: a search that was stopped goes on as if it had not been.
        """
