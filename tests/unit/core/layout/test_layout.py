"""Whatever the graph: boxes do not overlap, lines run with the flow, around the boxes, and from box to box."""

from itertools import combinations, pairwise

import pytest

from desktop_app.core.layout.groups import MAX_CHILDREN
from desktop_app.core.layout.level import Box
from desktop_app.core.layout.routing import lay_out_level
from tests.unit.core.layout.graphs import done, drawn, graph_of, random_graph, tree_of


def overlap(one, other, by=0.01):
    return (
        one[0] + one[2] > other[0] + by
        and other[0] + other[2] > one[0] + by
        and one[1] + one[3] > other[1] + by
        and other[1] + other[3] > one[1] + by
    )


def contains(outer, inner):
    return (
        outer[0] <= inner[0] + 0.01
        and outer[1] <= inner[1] + 0.01
        and outer[0] + outer[2] >= inner[0] + inner[2] - 0.01
        and outer[1] + outer[3] >= inner[1] + inner[3] - 0.01
    )


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_boxes_stand_apart_and_lie_in_their_groups(seed, across):
    tree = tree_of(random_graph(seed, 70))
    groups = [one for one in tree.groups if one != tree.root]
    picture = drawn(tree, groups if seed % 2 else groups[: len(groups) // 2], across)
    scene = picture.scene
    for one, other in combinations(scene.boxes, 2):
        assert not overlap(picture.places[one], picture.places[other])
    for number in (*scene.boxes, *scene.frames):
        around = tree.parent_of(number)
        if around != tree.root:
            assert contains(picture.places[around], picture.places[number])
        else:
            assert contains((0, 0, picture.width, picture.height), picture.places[number])


@pytest.mark.parametrize("seed", range(12))
def test_lines_run_down_around_boxes_from_box_to_box(seed):
    tree = tree_of(random_graph(seed, 60, strays=0.0))
    picture = drawn(tree, list(tree.groups))
    rectangles = [picture.places[one] for one in picture.scene.boxes]
    for (_, wire), points in picture.routes.items():
        for (x, y), (to_x, to_y) in pairwise(points):
            assert to_y >= y - 1e-6
            strip = (min(x, to_x), y, abs(to_x - x), to_y - y)
            if abs(x - to_x) < 1e-6 and to_y > y:
                assert not any(overlap((x - 0.5, y + 0.5, 1.0, strip[3] - 1.0), one) for one in rectangles)
        for number, (x, y), edge in ((wire[0], points[0], 1), (wire[1], points[-1], 0)):
            if 0 <= number < tree.root:
                left, top, width, height = picture.places[number]
                assert left <= x <= left + width
                assert y == pytest.approx(top + edge * height)


@pytest.mark.parametrize("seed", range(6))
def test_pieces_of_a_line_meet_at_the_edges_of_groups(seed):
    tree = tree_of(random_graph(seed, 60, strays=0.0))
    picture = drawn(tree, list(tree.groups))
    ends: dict[tuple[int, int], set[tuple[float, float]]] = {}
    for (group, (a, b, source)), points in picture.routes.items():
        if a < 0:
            ends.setdefault((group, -1 - a), set()).add((round(points[0][0], 3), round(points[0][1], 3)))
        if tree.is_group(b) and b in picture.scene.frames:
            ends.setdefault((b, source), set()).add((round(points[-1][0], 3), round(points[-1][1], 3)))
    assert ends
    assert all(len(points) == 1 for points in ends.values())


def test_every_link_is_led_all_the_way():
    tree = tree_of(random_graph(3, 60))
    picture = drawn(tree, list(tree.groups))
    after: dict[tuple[int, int], set[int]] = {}
    for wires in picture.scene.wires.values():
        for a, b, source in wires:
            after.setdefault((a if a >= 0 else -1, source), set()).add(b)
    for source, target in picture.scene.links:
        assert any(target in found for (_, one), found in after.items() if one == source)


def test_a_chain_is_a_straight_line_and_a_skip_goes_around():
    graph = graph_of([()] * 5, [[], [0], [1], [2, 0], [3]])
    picture = drawn(tree_of(graph))
    middles = {one: place[0] + place[2] / 2 for one, place in picture.places.items()}
    assert len({round(middles[one], 3) for one in (0, 1, 2, 3, 4)}) == 1
    skip = picture.routes[(5, (0, 3, 0))]
    assert any(abs(x - middles[1]) > 30 for x, _ in skip)


def test_closed_groups_that_feed_each_other_in_a_circle_are_laid_out():
    graph = graph_of([("a",), ("b",), ("a",), ("b",)], [[], [0], [1], [2]])
    tree = tree_of(graph)
    picture = drawn(tree)
    assert len(picture.scene.boxes) == 2
    assert len(picture.scene.links) == 2
    one, other = (picture.places[number] for number in picture.scene.boxes)
    assert not overlap(one, other)
    backwards = [points for points in picture.routes.values() if points[0][1] > points[-1][1]]
    assert len(backwards) == 1


def test_groups_are_those_of_the_tree_folded_and_divided():
    graph = graph_of([("a",), ("b", "c"), ("b", "c"), ("d",), ("d",), ()], [[], [0], [1], [2], [3], [4]])
    tree = tree_of(graph)
    found = {group.path: (group.label, group.nodes) for group in tree.groups.values()}
    assert found == {(): ("", 6), ("b", "c"): ("b/c", 2), ("d",): ("d", 2)}

    many = tree_of(graph_of([()] * 5000, [[place - 1] if place else [] for place in range(5000)], 1, 1))
    top = many.groups[many.root].children
    assert len(top) < MAX_CHILDREN
    assert top[0] == 0
    assert top[-1] == 4999
    assert [many.groups[one].part for one in top[1:3]] == [(1, 100), (101, 200)]
    assert many.groups[many.root].nodes == 5000


def test_what_was_laid_out_before_is_not_again():
    from desktop_app.core.layout.nested import lay_out, look

    tree = tree_of(random_graph(1, 60))
    cache: dict = {}
    scene = done(look(tree, ()))
    first = done(lay_out(tree, scene, lambda _: (50.0, 20.0), cache=cache))
    count = len(cache)
    assert done(lay_out(tree, scene, lambda _: (50.0, 20.0), cache=cache)) == first
    assert len(cache) == count


def test_nothing_and_a_single_box():
    assert done(lay_out_level([], [])).corners == ()
    laid = done(lay_out_level([Box(10, 20)], []))
    assert (laid.width, laid.height, laid.corners) == (10, 20, ((0, 0),))


def test_it_yields_often():
    from desktop_app.core.layout.nested import lay_out, look

    tree = tree_of(random_graph(2, 600))
    scene = done(look(tree, list(tree.groups)))
    steps = sum(1 for _ in lay_out(tree, scene, lambda _: (50.0, 20.0)))
    assert steps > 300
