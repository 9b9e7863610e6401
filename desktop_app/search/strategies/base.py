"""How candidates are found: what every strategy offers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from optuna.samplers import BaseSampler

from desktop_app.search.damages import Damages

Genes = tuple[int, ...]


Enough = Callable[[Genes], bool]
"""Whether a candidate is predicted to keep all limits on costs."""


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

    def starts(self, damages: Damages, enough: Enough | None, count: int) -> Sequence[Genes]:
        """Candidates to judge first, the most promising first; `enough` is None where no limit is on costs."""
        return ()

    @abstractmethod
    def sampler(self, seed: int) -> BaseSampler | None:
        """Draws the next candidate from what was judged before; None where the starts are all there is.

        The seed and what was judged decide: a search that was stopped goes on as if it had not been.
        """
