"""A level laid out: layers below each other, and lines led through the gaps between them."""

from collections.abc import Generator, Sequence

from desktop_app.core.layout.level import LAYER_GAP, MAX_LAYER_GAP, PORT_GAP, STEEP_GAP, Box, Grid, Laid, Line, Point
from desktop_app.core.layout.ordering import order_layers
from desktop_app.core.layout.placing import place_members
from desktop_app.core.layout.ranks import make_grid

OFTEN = 200


def lay_out_level(boxes: Sequence[Box], lines: Sequence[Line]) -> Generator[None, None, Laid]:
    """Lays out boxes and lines from top to bottom."""
    if not boxes:
        return Laid(0.0, 0.0, (), ())
    grid = yield from make_grid(boxes, lines)
    yield from order_layers(grid)
    middles = yield from place_members(grid)
    tops, bottoms = _heights(grid, boxes, middles)
    yield
    corners = tuple(
        (middles[one] - box.width / 2, _top(grid, boxes, tops, bottoms, one)) for one, box in enumerate(boxes)
    )
    routes: list[tuple[Point, ...]] = []
    for place, line in enumerate(lines):
        routes.append(_route(grid, boxes, corners, middles, (tops, bottoms), line, place))
        if place % OFTEN == 0:
            yield
    width = max(middle + width / 2 for middle, width in zip(middles, grid.widths, strict=True))
    return Laid(width, bottoms[-1], corners, tuple(routes))


def _heights(grid: Grid, boxes: Sequence[Box], middles: Sequence[float]) -> tuple[list[float], list[float]]:
    """Where each layer begins and ends; there is more room between two of them where lines go far aside."""
    tops, bottoms, y = [], [], 0.0
    for place, layer in enumerate(grid.layers):
        tops.append(y)
        y += max((boxes[one].height for one in layer if one < grid.boxes), default=0.0)
        bottoms.append(y)
        aside = max(
            (
                abs(middles[one] + ends[0] - middles[other] - ends[1])
                for one in layer
                for other, ends in grid.below[one].items()
            ),
            default=0.0,
        )
        y += min(_gap(boxes, grid, place) + STEEP_GAP * aside, MAX_LAYER_GAP)
    return tops, bottoms


def _gap(boxes: Sequence[Box], grid: Grid, place: int) -> float:
    """The room below a layer; less beside the ports of a group: its edge leaves room as well."""
    near = (one for layer in grid.layers[place : place + 2] for one in layer if one < grid.boxes)
    return PORT_GAP if any(boxes[one].rank is not None for one in near) else LAYER_GAP


def _top(grid: Grid, boxes: Sequence[Box], tops: Sequence[float], bottoms: Sequence[float], one: int) -> float:
    """Boxes stand in the middle of their layer."""
    layer = grid.layer[one]
    return (tops[layer] + bottoms[layer] - boxes[one].height) / 2


def _route(
    grid: Grid,
    boxes: Sequence[Box],
    corners: Sequence[Point],
    middles: Sequence[float],
    spans: tuple[Sequence[float], Sequence[float]],
    line: Line,
    place: int,
) -> tuple[Point, ...]:
    """The points of one line: upright beside the boxes of every layer that it passes."""
    a, b, source = line
    if a == b:
        return ()
    tops, bottoms = spans
    back = place in grid.turned
    members = grid.bends[place]
    first, last = members[0], members[-1]
    leaves, enters = middles[first], middles[last]
    if not back:
        leaves = corners[a][0] + boxes[a].exits.get(source, boxes[a].width / 2)
        enters = corners[b][0] + boxes[b].entries.get(source, boxes[b].width / 2)
    points = [(leaves, corners[first][1] + boxes[first].height), (leaves, bottoms[grid.layer[first]])]
    for bend in members[1:-1]:
        layer = grid.layer[bend]
        points += [(middles[bend], tops[layer]), (middles[bend], bottoms[layer])]
    points += [(enters, tops[grid.layer[last]]), (enters, corners[last][1])]
    clean = [point for point, before in zip(points, [None, *points], strict=False) if point != before]
    return tuple(reversed(clean)) if back else tuple(clean)
