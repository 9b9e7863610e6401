"""What a strategy is, and what it is told before anything is judged."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from optuna.samplers import BaseSampler

from desktop_app.core.budget import BudgetLimits, misses, set_limits
from desktop_app.core.judged import Judged
from desktop_app.search.damages import Damages
from desktop_app.search.layer_costs import Genes as Genes


@dataclass(frozen=True)
class Outlook:
    """What is known of candidates before any is judged.

    Attributes:
        damages: What every value alone costs and saves.
        foretell: A candidate with its costs as they are predicted, without judging it.
        limits: On costs, as far as they can be predicted.
    """

    damages: Damages
    foretell: Callable[[Genes], Judged]
    limits: BudgetLimits

    @property
    def limited(self) -> bool:
        """Whether there is any limit on costs."""
        return bool(set_limits(self.limits))

    def missed(self, genes: Genes) -> dict[str, float]:
        """The limits on costs that a candidate is predicted to miss, and by what share of them."""
        return misses(self.limits, self.foretell(genes))

    def enough(self, genes: Genes) -> bool:
        """Whether a candidate is predicted to keep all limits on costs."""
        return not self.missed(genes)


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

    def starts(self, outlook: Outlook, count: int) -> Sequence[Genes]:
        """Candidates to judge first, the most promising first."""
        return ()

    def draw(self, outlook: Outlook, judged: Sequence[Judged], seed: int) -> Genes | None:
        """The next candidate of a strategy that draws by itself; None of one that leaves that to its sampler.

        The seed and what was judged decide: a search that was stopped goes on as if it had not been.
        """
        return None

    @abstractmethod
    def sampler(self, seed: int) -> BaseSampler | None:
        """Draws the next candidate from what was judged before; None where the starts are all there is.

        The seed and what was judged decide, see `draw`.
        """
