"""Lines between boxes: their shapes, and which of them belong to a box."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from PySide6.QtGui import QPainterPath

from desktop_app.core.layout.groups import GroupTree
from desktop_app.core.layout.level import Point
from desktop_app.core.layout.nested import Picture, Wire

SAME = 0.05
ARROW, ARROW_HALF = 6.5, 3.6

Piece = tuple[int, Wire]


def add_route(path: QPainterPath, points: Sequence[Point], across: bool, drawn: set[tuple[Point, Point]]) -> None:
    """Adds a line to a path: straight along the flow, and else curved; what the path has already is left out."""
    at: Point | None = None
    for one, other in pairwise(points):
        if (one, other) in drawn:
            continue
        drawn.add((one, other))
        if at != one:
            path.moveTo(*one)
        if abs(one[across] - other[across]) < SAME:
            path.lineTo(*other)
        elif across:
            middle = (one[0] + other[0]) / 2
            path.cubicTo(middle, one[1], middle, other[1], *other)
        else:
            middle = (one[1] + other[1]) / 2
            path.cubicTo(one[0], middle, other[0], middle, *other)
        at = other


def add_arrow(path: QPainterPath, points: Sequence[Point], across: bool) -> None:
    """Adds the head of a line, pointing as it runs."""
    x, y = points[-1]
    along = 1.0 if points[-1][not across] >= points[0][not across] else -1.0
    path.moveTo(x, y)
    if across:
        path.lineTo(x - along * ARROW, y - ARROW_HALF)
        path.lineTo(x - along * ARROW, y + ARROW_HALF)
    else:
        path.lineTo(x - ARROW_HALF, y - along * ARROW)
        path.lineTo(x + ARROW_HALF, y - along * ARROW)
    path.closeSubpath()


def ends_at_box(tree: GroupTree, picture: Picture, piece: Piece) -> bool:
    """Whether a piece of a line ends at a box: not at the edge of a group."""
    target = piece[1][1]
    return target >= 0 and target not in picture.scene.wires


def outgoing(picture: Picture, source: int) -> Iterator[Piece]:
    """All pieces of the lines that come from a box."""
    for group, wires in picture.scene.wires.items():
        for wire in wires:
            if wire[2] == source:
                yield group, wire


def incoming(tree: GroupTree, picture: Picture, target: int) -> Iterator[Piece]:
    """All pieces of the lines that lead to a box, followed back to where they come from."""
    ends: dict[tuple[int, int, int], list[Piece]] = {}
    for group, wires in picture.scene.wires.items():
        for wire in wires:
            ends.setdefault((group, wire[1], wire[2]), []).append((group, wire))
    around = tree.parent_of(target)
    waiting = [piece for (group, end, _), some in ends.items() if (group, end) == (around, target) for piece in some]
    seen = set(waiting)
    while waiting:
        group, wire = piece = waiting.pop()
        yield piece
        begin, _, source = wire
        if begin < 0:
            before = ends.get((tree.parent_of(group), group, source), [])
        elif begin != source:
            before = ends.get((begin, -1 - source, source), [])
        else:
            before = []
        fresh = [one for one in before if one not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def path_of(picture: Picture, pieces: Iterable[Piece]) -> QPainterPath:
    """All these pieces as one path."""
    path = QPainterPath()
    drawn: set[tuple[Point, Point]] = set()
    for piece in pieces:
        add_route(path, picture.routes[piece], picture.across, drawn)
    return path
