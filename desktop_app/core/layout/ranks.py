"""Which layer each box goes to, and the bends of lines that pass over layers."""

import heapq
from collections import Counter
from collections.abc import Generator, Sequence

from desktop_app.core.layout.level import Box, Grid, Line

OFTEN = 100
MOST_ALONE = 3
"""More long lines than that from one source are one line that parts where it must: nobody could follow them all."""
ROUNDS = 4
"""Boxes settle after a few rounds; more would gain next to nothing."""


def make_grid(boxes: Sequence[Box], lines: Sequence[Line]) -> Generator[None, None, Grid]:
    """The boxes in layers such that every line but those that close a circle goes down, and goes as short as may be."""
    turned = yield from _turned(len(boxes), lines)
    down = [(b, a) if place in turned else (a, b) for place, (a, b, _) in enumerate(lines)]
    layer = yield from _layers(boxes, down)
    return (yield from _bent(boxes, lines, down, layer, turned))


def _turned(count: int, lines: Sequence[Line]) -> Generator[None, None, set[int]]:
    """The lines to turn around so that no circle is left: where none of the rest is free, the earliest box goes on."""
    outgoing: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for place, (a, b, _) in enumerate(lines):
        if a != b:
            outgoing[a].append(place)
            waiting[b] += 1
    free = [one for one in range(count) if not waiting[one]]
    heapq.heapify(free)
    done, turned, first = [False] * count, set[int](), 0
    for step in range(count):
        if not free:
            while done[first]:
                first += 1
            free.append(first)
        box = heapq.heappop(free)
        done[box] = True
        for place in outgoing[box]:
            after = lines[place][1]
            if done[after]:
                turned.add(place)
                continue
            waiting[after] -= 1
            if not waiting[after]:
                heapq.heappush(free, after)
        if step % OFTEN == 0:
            yield
    return turned


def _layers(boxes: Sequence[Box], down: Sequence[tuple[int, int]]) -> Generator[None, None, list[int]]:
    """Longest paths first; then every box moves to where its lines are shortest, as far as its neighbours let it."""
    count = len(boxes)
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for a, b in dict.fromkeys(down):
        if a != b:
            after[a].append(b)
            before[b].append(a)
    order = _sorted(after, before)
    start = 1 if any(box.rank == 0 for box in boxes) else 0
    layer = [0 if box.rank == 0 else start for box in boxes]
    for one in order:
        for other in after[one]:
            layer[other] = max(layer[other], layer[one] + 1)
    yield
    last = max((layer[one] + (box.rank != -1) for one, box in enumerate(boxes)), default=0)
    for one, box in enumerate(boxes):
        if box.rank == -1:
            layer[one] = last
    for _ in range(ROUNDS):
        moved = False
        for place, one in enumerate(reversed(order)):
            if boxes[one].rank is None and after[one] and len(after[one]) >= len(before[one]):
                wanted = min(layer[other] for other in after[one]) - 1
                moved |= wanted != layer[one]
                layer[one] = wanted
            if place % OFTEN == 0:
                yield
        for place, one in enumerate(order):
            if boxes[one].rank is None and len(before[one]) > len(after[one]):
                wanted = max(layer[other] for other in before[one]) + 1
                moved |= wanted != layer[one]
                layer[one] = wanted
            if place % OFTEN == 0:
                yield
        if not moved:
            break
    return _without_gaps(layer)


def _sorted(after: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> list[int]:
    waiting = [len(one) for one in before]
    order = [one for one, count in enumerate(waiting) if not count]
    for box in order:
        for one in after[box]:
            waiting[one] -= 1
            if not waiting[one]:
                order.append(one)
    return order


def _without_gaps(layer: list[int]) -> list[int]:
    places = {one: place for place, one in enumerate(sorted(set(layer)))}
    return [places[one] for one in layer]


def _bent(
    boxes: Sequence[Box],
    lines: Sequence[Line],
    down: Sequence[tuple[int, int]],
    layer: list[int],
    turned: set[int],
) -> Generator[None, None, Grid]:
    """Ties between neighbouring layers. Where many long lines come from one source they share their bends."""
    grid = Grid(
        [box.width for box in boxes],
        len(boxes),
        layer,
        [[] for _ in range(max(layer, default=-1) + 1)],
        [{} for _ in boxes],
        [{} for _ in boxes],
        [],
        turned,
    )
    long = Counter((a, line[2]) for line, (a, b) in zip(lines, down, strict=True) if layer[b] - layer[a] > 1)
    shared: dict[tuple[int, int], list[int]] = {}
    for place, (line, (a, b)) in enumerate(zip(lines, down, strict=True)):
        if a == b:
            grid.bends.append((a,))
            continue
        trunk = [a]
        if place not in turned and long[a, line[2]] > MOST_ALONE:
            trunk = shared.setdefault((a, line[2]), trunk)
        offsets = (0.0, 0.0) if place in turned else _offsets(boxes, line)
        grid.bends.append(_along(grid, trunk, a, b, offsets))
        if place % OFTEN == 0:
            yield
    for one, where in enumerate(grid.layer):
        grid.layers[where].append(one)
    return grid


def _offsets(boxes: Sequence[Box], line: Line) -> tuple[float, float]:
    """Where a line begins and ends, from the middles of its boxes."""
    a, b, source = line
    first, last = boxes[a], boxes[b]
    leaves = first.exits[source] - first.width / 2 if source in first.exits else 0.0
    enters = last.entries[source] - last.width / 2 if source in last.entries else 0.0
    return leaves, enters


def _along(grid: Grid, trunk: list[int], a: int, b: int, offsets: tuple[float, float]) -> tuple[int, ...]:
    """Leads a line down a trunk, which grows as long as it must be, and from there to its box."""
    needed = grid.layer[b] - grid.layer[a]
    while len(trunk) < needed:
        bend = _bend(grid, grid.layer[a] + len(trunk))
        _tie(grid, trunk[-1], bend, offsets[0] if len(trunk) == 1 else 0.0, 0.0)
        trunk.append(bend)
    _tie(grid, trunk[needed - 1], b, offsets[0] if needed == 1 else 0.0, offsets[1])
    return (*trunk[:needed], b)


def _bend(grid: Grid, layer: int) -> int:
    grid.widths.append(0.0)
    grid.layer.append(layer)
    grid.below.append({})
    grid.above.append({})
    return len(grid.widths) - 1


def _tie(grid: Grid, a: int, b: int, leaves: float, enters: float) -> None:
    grid.below[a][b] = (leaves, enters)
    grid.above[b][a] = (enters, leaves)
