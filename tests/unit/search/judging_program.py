"""A process of a search whose candidates cost nothing to judge: `python judging_program.py STORAGE TRIALS OPTIONS`.

Prints `judging N` before it judges a candidate, and `judged N` when that is kept. What a candidate costs and loses
follows from its genes, so that processes agree on it.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken
from desktop_app.search.finding import Search
from desktop_app.search.leading import led
from desktop_app.search.space import Choice, Space
from desktop_app.search.study import Study

SPACE = Space(tuple(Choice("prune", (f"layer {place}",), (0.0, 0.25, 0.5, 0.75)) for place in range(8)))
LIMITS = BudgetLimits(bytes=500)


class CheapJudge:
    """Judges by the genes alone."""

    space = SPACE
    original = (0,) * len(SPACE.choices)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def effective(self, genes: Sequence[int]) -> tuple[int, ...]:
        return tuple(genes)

    def judge(self, number: int, genes: tuple[int, ...], token: SilentToken) -> tuple[Judged, object]:
        say(f"judging {number}")
        time.sleep(self._seconds)
        token.check()
        return figures(number, genes), self.make(genes, token)

    def make(self, genes: tuple[int, ...], token: SilentToken) -> object:
        return SimpleNamespace(genes=genes)


def figures(number: int, genes: tuple[int, ...]) -> Judged:
    gone = sum(genes)
    noise = sum(gene * (place + 1) for place, gene in enumerate(genes))
    return Judged(
        number, genes, bytes=1000 - 40 * gone, macs=1000, latency_ms=10.0 - gone / 4, sqnr_db=60.0 - noise / 4
    )


class Told(SilentToken):
    def report(self, event: object) -> None:
        if isinstance(event, Judged):
            say(f"judged {event.number}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("storage")
    parser.add_argument("trials", type=int)
    parser.add_argument("--strategy", default="evolution")
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--helps", action="store_true")
    asked = parser.parse_args()
    budget = Budget(limits=LIMITS, trials=asked.trials, strategy=asked.strategy)

    with Study(asked.storage, "one", SPACE, LIMITS) as study:
        judge = CheapJudge(asked.seconds)
        search = Search(judge, budget, study, lambda: None, lambda judged, model: None, leads=not asked.helps)
        if asked.helps:
            say("ready")
            standing = study.standing()
            while standing.lead is None and not standing.ended:
                time.sleep(0.05)
                standing = study.standing()
            search.find(Told())
        else:
            with led(study, Told()):
                search.find(Told())


if __name__ == "__main__":
    main()
