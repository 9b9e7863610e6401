import numpy as np
import pytest

from desktop_app.core.judged import Judged
from desktop_app.core.progress import SilentToken
from desktop_app.core.searching import Importance
from desktop_app.search.importance import FEWEST, Weighing, importance_of


def judged(number: int, genes: tuple[int, ...]) -> Judged:
    """The first choice costs most noise, the second a third of that; the third makes smaller and costs none."""
    decibels = 60.0 - 9.0 * genes[0] - 3.0 * genes[1]
    return Judged(number, genes, bytes=1000 - 100 * genes[2], latency_ms=1.0 - 0.1 * genes[0], sqnr_db=decibels)


def drawn(count: int, choices: int = 4, seed: int = 0) -> list[Judged]:
    draws = np.random.default_rng(seed).integers(0, 4, (count, choices))
    return [judged(number, tuple(map(int, genes))) for number, genes in enumerate(draws)]


def test_what_costs_noise_time_and_size_is_told_apart() -> None:
    found = importance_of(drawn(60))
    assert found is not None
    assert found.candidates == 60
    assert found.noise[0] > 2 * found.noise[1] > 4 * abs(found.noise[3])
    assert found.bytes[2] < -0.7
    assert found.latency[0] < -0.7
    assert max(abs(one) for one in (*found.bytes[:2], *found.latency[1:])) < 0.2


def test_a_choice_that_only_goes_along_with_another_gets_no_more_than_its_share() -> None:
    together = [judged(number, (gene, gene, 0)) for number, gene in enumerate([0, 1, 2, 3] * 3)]
    apart = [judged(20 + number, (gene, 0, 0)) for number, gene in enumerate([0, 1, 2, 3] * 3)]
    found = importance_of([*together, *apart])
    assert found is not None
    assert found.noise[0] > found.noise[1] > 0
    assert found.noise[2] == 0.0  # it never changed


def test_more_choices_than_candidates_are_weighed_as_well() -> None:
    found = importance_of(drawn(12, choices=30))
    assert found is not None
    assert len(found.noise) == 30
    assert np.argmax(np.abs(found.latency)) == 0


def test_few_candidates_say_nothing_and_those_that_failed_do_not_count() -> None:
    few = drawn(FEWEST - 1)
    assert importance_of(few) is None
    assert importance_of([*few, Judged(99, (0, 0, 0, 0), failed="it could not be made")]) is None


class Heard(SilentToken):
    def __init__(self) -> None:
        self.events: list[object] = []

    def report(self, event: object) -> None:
        self.events.append(event)


@pytest.mark.parametrize("known", [0, 10])
def test_candidates_are_passed_on_and_weighed_ever_less_often(known: int) -> None:
    token, candidates = Heard(), drawn(100)
    weighing = Weighing(token, candidates[:known])
    for one in candidates[known:]:
        weighing.report(one)
    assert [one for one in token.events if isinstance(one, Judged)] == candidates[known:]
    counts = [one.candidates for one in token.events if isinstance(one, Importance)]
    assert counts[0] == max(known, FEWEST)
    assert counts == sorted(set(counts))
    assert counts[-1] - counts[-2] > counts[1] - counts[0]
    assert len(counts) < 40
