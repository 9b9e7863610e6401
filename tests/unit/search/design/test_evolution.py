"""Evolution keeps the limit, judges nothing twice, and finds what is good."""

import numpy as np
import pytest

from desktop_app.search.design.evolution import POPULATION, Evolution
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of, member
from desktop_app.zoo.supernet.space import Genes, Space, space_about


@pytest.fixture(scope="module")
def space() -> Space:
    blueprint = blueprint_of(FAMILIES["mobilenet_v2"])
    return space_about(blueprint, member(blueprint, size_of(FAMILIES["mobilenet_v2"], Wishes(0.5, resolution=32))))


def cost(genes: Genes) -> float:
    return float(sum(genes))


def worth(genes: Genes) -> tuple[float]:
    """The first half of the genes is worth three times what it costs, the rest nothing."""
    return (float(sum(genes[: len(genes) // 2])),)


def evolution(space: Space, limit: float = 20.0, seed: int = 0) -> Evolution:
    return Evolution(space, cost, limit, np.random.default_rng(seed))


def test_every_net_keeps_the_limit_and_is_judged_once(space: Space) -> None:
    judged = [genes for genes, _ in evolution(space).run(worth, 60)]
    assert len(judged) == len(set(judged)) == 60
    assert max(map(cost, judged)) <= 20.0
    assert np.mean([cost(genes) for genes in judged]) > 15.0  # what may be used is used


def test_children_are_better_than_the_drawn(space: Space) -> None:
    found = [value[0] for _, value in evolution(space).run(worth, 200)]
    assert max(found) > max(found[:POPULATION]) + 2
    assert np.mean(found[-POPULATION:]) > np.mean(found[:POPULATION]) + 2


def test_the_seed_decides(space: Space) -> None:
    one, two, other = (list(evolution(space, seed=seed).run(worth, 40)) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_where_none_keeps_the_limit_the_smallest_is_given(space: Space) -> None:
    assert evolution(space, limit=-1.0).fitted(space.largest) == space.smallest
    assert len(list(evolution(space, limit=-1.0).run(worth, 5))) == 1
