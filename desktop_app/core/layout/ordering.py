"""The order of the members of each layer, such that few lines cross."""

from bisect import bisect_right, insort
from collections.abc import Generator, Mapping, Sequence

from desktop_app.core.layout.level import Grid

Steps = Generator[None, None, None]

SWEEPS, PATIENCE = 24, 4
"""So many sweeps at most, and so many without a gain."""
MAX_SWAPPED = 80
"""Neighbours of wider layers are not swapped: it would take long, and nobody could see it."""


def order_layers(grid: Grid) -> Steps:
    """Sorts the layers by the middles of what they are tied to, up and down, and keeps the best that was found."""
    yield from _follow(grid)
    best, crossings = [list(layer) for layer in grid.layers], (yield from _crossings(grid))
    idle = 0
    for sweep in range(SWEEPS):
        if not crossings or idle >= PATIENCE:
            break
        yield from _sweep(grid, down=sweep % 2 == 0)
        yield from _swap(grid)
        found = yield from _crossings(grid)
        idle = 0 if found < crossings else idle + 1
        if found < crossings:
            best, crossings = [list(layer) for layer in grid.layers], found
    grid.layers[:] = best


def _follow(grid: Grid) -> Steps:
    """The first order: as one comes upon them when following the lines from the top."""
    seen = [False] * len(grid.widths)
    fresh: list[list[int]] = [[] for _ in grid.layers]
    starts = [one for layer in grid.layers for one in layer if not grid.above[one]]
    for count, start in enumerate(starts):
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if not seen[one]:
                seen[one] = True
                fresh[grid.layer[one]].append(one)
                waiting.extend(sorted(grid.below[one], reverse=True))
        if count % 50 == 0:
            yield
    grid.layers[:] = fresh


def _places(grid: Grid) -> list[int]:
    places = [0] * len(grid.widths)
    for layer in grid.layers:
        for place, one in enumerate(layer):
            places[one] = place
    return places


def _at(grid: Grid, places: Sequence[int], one: int, offset: float) -> float:
    """The place of a tie's end: that of the member, and a part of it where it is tied beside its middle."""
    return places[one] + (offset / (grid.widths[one] + 1.0) if offset else 0.0)


def _sweep(grid: Grid, down: bool) -> Steps:
    """Sorts every layer by the mean place of its neighbours in the layer before; what has none keeps its place."""
    places = _places(grid)
    ties = grid.above if down else grid.below
    for layer in grid.layers if down else reversed(grid.layers):
        if len(layer) > 1:
            wanted = {one: _mean(grid, places, one, ties[one]) for one in layer}
            layer.sort(key=wanted.__getitem__)
            for place, one in enumerate(layer):
                places[one] = place
            yield


def _mean(grid: Grid, places: Sequence[int], one: int, ties: Mapping[int, tuple[float, float]]) -> float:
    if not ties:
        return float(places[one])
    return sum(_at(grid, places, other, ends[1]) for other, ends in ties.items()) / len(ties)


def _swap(grid: Grid) -> Steps:
    """Swaps neighbours as long as that takes crossings away."""
    places = _places(grid)
    for layer in grid.layers:
        if not 1 < len(layer) <= MAX_SWAPPED:
            continue
        for place in range(len(layer) - 1):
            left, right = layer[place], layer[place + 1]
            gain = 0
            for ties in (grid.above, grid.below):
                ends = [[_at(grid, places, other, end[1]) for other, end in ties[one].items()] for one in (left, right)]
                gain += sum((a > b) - (a < b) for a in ends[0] for b in ends[1])
            if gain > 0:
                layer[place], layer[place + 1] = right, left
                places[left], places[right] = place + 1, place
        yield


def _crossings(grid: Grid) -> Generator[None, None, int]:
    """How many ties cross."""
    places, total = _places(grid), 0
    for layer in grid.layers[:-1]:
        ties = sorted(
            (_at(grid, places, one, ends[0]), _at(grid, places, other, ends[1]))
            for one in layer
            for other, ends in grid.below[one].items()
        )
        if len(ties) > 1:
            passed: list[float] = []
            for _, end in ties:
                total += len(passed) - bisect_right(passed, end)
                insort(passed, end)
            yield
    return total
