"""Where members stand: U. Brandes, B. Koepf, "Fast and simple horizontal coordinate assignment" (2001).

Members are lined up with the middle ones of those that they are tied to, once from each of the four sides; the mean of
the two middle results is taken. As in U. Rueegg et al., "Size- and port-aware horizontal node coordinate assignment"
(2015), it is the ends of the ties that are lined up, not the middles of the members.
"""

from collections.abc import Generator, Mapping, Sequence
from itertools import pairwise

from desktop_app.core.layout.level import LINE_GAP, NODE_GAP, Grid

Ties = Sequence[Mapping[int, tuple[float, float]]]
Tie = tuple[int, int]


def place_members(grid: Grid) -> Generator[None, None, list[float]]:
    """The middle of every member, from the left edge of the leftmost."""
    clashes = _clashes(grid)
    yield
    found = []
    for from_below in (False, True):
        layers = grid.layers[::-1] if from_below else grid.layers
        ties: Ties = grid.below if from_below else grid.above
        for from_right in (False, True):
            sign = -1.0 if from_right else 1.0
            ordered = [layer[::-1] for layer in layers] if from_right else layers
            root, shift = _line_up(grid, ordered, ties, clashes, sign)
            yield
            middles = _push(grid, ordered, root, shift)
            found.append([sign * one for one in middles])
            yield
    return _balanced(grid, found)


def _clashes(grid: Grid) -> set[Tie]:
    """Ties that cross one between two bends: long lines are to be straight, so the others give way."""
    places = {one: place for layer in grid.layers for place, one in enumerate(layer)}
    clashes: set[Tie] = set()
    for upper, lower in pairwise(grid.layers):
        first, scanned = 0, 0
        for place, one in enumerate(lower):
            inner = next((up for up in grid.above[one] if one >= grid.boxes and up >= grid.boxes), None)
            if inner is None and place < len(lower) - 1:
                continue
            last = len(upper) - 1 if inner is None else places[inner]
            for other in lower[scanned : place + 1]:
                for up in grid.above[other]:
                    if not first <= places[up] <= last and not (other >= grid.boxes and up >= grid.boxes):
                        clashes.add((up, other))
            scanned, first = place + 1, last
    return clashes


def _line_up(
    grid: Grid, layers: Sequence[Sequence[int]], ties: Ties, clashes: set[Tie], sign: float
) -> tuple[list[int], list[float]]:
    """For every member the first of the column that it is in, and how far from that one's middle it stands."""
    count = len(grid.widths)
    root, shift = list(range(count)), [0.0] * count
    places = [0] * count
    for layer in layers:
        for place, one in enumerate(layer):
            places[one] = place
    for layer in layers[1:]:
        partners = _partners(grid, layer, ties, clashes, places)
        for one, up in partners.items():
            own, other = ties[one][up]
            root[one], shift[one] = root[up], shift[up] + sign * (other - own)
    return root, shift


def _partners(grid: Grid, layer: Sequence[int], ties: Ties, clashes: set[Tie], places: Sequence[int]) -> dict[int, int]:
    """With whom of the layer before each member is lined up: boxes with boxes first, then what is left.

    Two boxes come first where each is a middle one to the other. So a chain of boxes stands straight, the lines around
    it bend, and branches lie on both sides of what they come from.
    """
    back = grid.below if ties is grid.above else grid.above
    partners: dict[int, int] = {}
    limits = [len(places)] * len(layer)
    for boxes in (True, False):
        taken = -1
        for place, one in enumerate(layer):
            if one in partners:
                taken = places[partners[one]]
                continue
            if boxes and one >= grid.boxes:
                continue
            for up in _middle(ties[one], places):
                fits = taken < places[up] < limits[place]
                mutual = up < grid.boxes and one in _middle(back[up], places)
                clash = (up, one) in clashes or (one, up) in clashes
                if fits and not clash and (mutual or not boxes):
                    partners[one], taken = up, places[up]
                    break
        limit = len(places)
        for place in range(len(layer) - 1, -1, -1):
            limits[place] = limit
            if layer[place] in partners:
                limit = places[partners[layer[place]]]
    return partners


def _middle(ties: Mapping[int, tuple[float, float]], places: Sequence[int]) -> list[int]:
    """The middle one of those tied to, or both of them."""
    before = sorted(ties, key=places.__getitem__)
    return before[(len(before) - 1) // 2 : len(before) // 2 + 1]


def _push(grid: Grid, layers: Sequence[Sequence[int]], root: list[int], shift: list[float]) -> list[float]:
    """Moves the columns as far to the left as their neighbours let them, then to the right where there is room."""
    right: dict[int, dict[int, float]] = {}
    waiting: dict[int, int] = {}
    for layer in layers:
        for left, one in pairwise(layer):
            gap = LINE_GAP if left >= grid.boxes or one >= grid.boxes else NODE_GAP
            room = (grid.widths[left] + grid.widths[one]) / 2 + gap + shift[left] - shift[one]
            others = right.setdefault(root[left], {})
            if root[one] not in others:
                waiting[root[one]] = waiting.get(root[one], 0) + 1
            others[root[one]] = max(others.get(root[one], room), room)
    columns = [one for one, first in enumerate(root) if one == first]
    at = dict.fromkeys(columns, 0.0)
    order = [one for one in columns if not waiting.get(one)]
    for one in order:
        for other, room in right.get(one, {}).items():
            at[other] = max(at[other], at[one] + room)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for one in reversed(order):
        rooms = right.get(one)
        if rooms:
            at[one] = max(at[one], min(at[other] - room for other, room in rooms.items()))
    return [at[first] + shift[one] for one, first in enumerate(root)]


def _balanced(grid: Grid, found: list[list[float]]) -> list[float]:
    """The four results over each other, as narrow as the narrowest; of each member the mean of its middle two."""
    halves = [width / 2 for width in grid.widths]
    spans = [
        (
            min(x - half for x, half in zip(one, halves, strict=True)),
            max(x + half for x, half in zip(one, halves, strict=True)),
        )
        for one in found
    ]
    left, right = min(spans, key=lambda span: span[1] - span[0])
    moves = [left - low if place % 2 == 0 else right - high for place, (low, high) in enumerate(spans)]
    moved = [[x + move for x in one] for one, move in zip(found, moves, strict=True)]
    middles = [sum(sorted(four)[1:3]) / 2 for four in zip(*moved, strict=True)]
    low = min(x - half for x, half in zip(middles, halves, strict=True))
    return [x - low for x in middles]
