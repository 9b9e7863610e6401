"""Who judges which candidate: what keeps processes that search together from judging the same."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from desktop_app.core.judged import Judged
from desktop_app.core.report import Machine
from desktop_app.search.drawing import Drawn
from desktop_app.search.strategies.base import Genes
from desktop_app.search.who import Who

SEAT = -1
"""The number of the claim to lead: one process holds the best so far, and ends the search."""

MOST_DEATHS = 3
"""Of processes that judged the same candidate: some may have been killed by chance."""


class Claim(Struct, frozen=True):
    """That a process judges a candidate.

    Attributes:
        number: Of the candidate; `SEAT` for the one that leads.
        genes: What it comes to.
        drawn: As it was drawn.
        notes: What the sampler wants to know of it.
        who: The process.
        machine: Where it judges.
        id: Unlike any other's.
    """

    number: int
    genes: Genes
    drawn: Genes
    notes: dict[str, Any]
    who: Who
    machine: Machine
    id: str

    @property
    def as_drawn(self) -> Drawn:
        """What a sampler learns from, once it was judged."""
        return Drawn(self.drawn, self.notes)


class Standing(Struct, frozen=True):
    """How a search stands.

    Attributes:
        judged: Those judged, in order.
        running: Claims of processes that live, as far as can be told, the oldest first; the seat is none of them.
        lost: Claims that were given up, whose candidates nobody has judged or judges.
        lead: The process that leads; None where there is none.
        ended: Whether the one that led last has ended the search, or was stopped; false where it died.
        deadly: Candidates that several processes died of, as it seems: nobody should judge them.
    """

    judged: tuple[Judged, ...]
    running: tuple[Claim, ...]
    lost: tuple[Claim, ...]
    lead: Who | None
    ended: bool
    deadly: frozenset[Genes]

    @property
    def taken(self) -> frozenset[Genes]:
        """Candidates that need not be judged."""
        return frozenset((*(one.genes for one in self.judged), *(one.genes for one in self.running)))

    @property
    def free(self) -> int:
        """The lowest number that no candidate has."""
        numbers = {one.number for one in self.judged} | {one.number for one in self.running}
        return next(number for number in range(len(numbers) + 1) if number not in numbers)


def lost_of(given_up: Iterable[Claim], judged: Iterable[Judged], running: Iterable[Claim]) -> tuple[Claim, ...]:
    """Those that have to be judged by somebody else, by their numbers."""
    places = [(one.number, one.genes) for one in judged] + [(one.number, one.genes) for one in running]
    numbers, genes = {number for number, _ in places}, {genes for _, genes in places}
    left = dict[int, Claim]()
    for one in given_up:
        if one.number not in numbers and one.genes not in genes and one.number != SEAT:
            left.setdefault(one.number, one)
            genes.add(one.genes)
    return tuple(left[number] for number in sorted(left))


def deadly_of(died: Iterable[Claim]) -> frozenset[Genes]:
    """Candidates whose claims have died with their processes as often as that may happen."""
    deaths = Counter(one.genes for one in died if one.number != SEAT)
    return frozenset(genes for genes, count in deaths.items() if count >= MOST_DEATHS)
