"""The family's own nets by one parameter."""

from itertools import pairwise

from desktop_app.search.design.scaling import by_width, compound, within
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes, size_of
from desktop_app.zoo.supernet.blueprint import blueprint_of

FAMILY = FAMILIES["efficientnet_b0"]
BLUEPRINT, SIZE = blueprint_of(FAMILY), size_of(FAMILY, Wishes(resolution=64))


def blocks(net) -> int:
    return sum(stage.blocks for stage in net.stages)


def test_compound_scaling_goes_in_width_depth_and_resolution_together() -> None:
    nets = [one.architecture for one in compound(BLUEPRINT, SIZE)]
    for small, large in pairwise(nets):
        assert small.head <= large.head
        assert blocks(small) <= blocks(large)
        assert small.resolution <= large.resolution <= SIZE.resolution
    assert nets[0].resolution[0] == 24
    assert {net.resolution[0] % 8 for net in nets} == {0}
    published = next(one.architecture for one in compound(BLUEPRINT, SIZE) if one.parameter == 0.0)
    assert (published.head, blocks(published), published.resolution) == (1280, 16, (64, 64))


def test_width_leaves_depth_and_resolution() -> None:
    nets = [one.architecture for one in by_width(BLUEPRINT, SIZE)]
    assert {(blocks(net), net.resolution) for net in nets} == {(16, (64, 64))}
    assert nets[0].head < nets[-1].head


def test_the_largest_within_a_limit_is_taken_and_the_smallest_where_none_is() -> None:
    found = within(by_width(BLUEPRINT, SIZE), lambda net: float(net.head), 700.0)
    assert 600 < found.architecture.head <= 700
    assert within(by_width(BLUEPRINT, SIZE), lambda net: 1.0, 0.5).parameter == 0.05
