"""The whole picture: group in group, each laid out by itself and then as one box of the group around it.

A line from a box to another that lies in other groups enters and leaves each group on the way at a port: a place on the
group's edge. So opening a group moves only what is around it, and what was laid out before need not be again.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field

from desktop_app.core.layout.groups import GroupTree
from desktop_app.core.layout.level import Box, Laid, Point
from desktop_app.core.layout.routing import lay_out_level

OFTEN = 100
TITLE, PADDING = 30.0, 18.0
"""Height of a group's title, and the room around what is in it."""

Wire = tuple[int, int, int]
"""A piece of a line within a group: from and to (numbers of boxes; -1 - source where it enters or leaves the group),
and the visible box that the line comes from."""
Size = tuple[float, float]
Rectangle = tuple[float, float, float, float]
"""x, y, width, height."""
Cache = dict[tuple[object, ...], Laid]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be seen.

    Attributes:
        boxes: The boxes, without open groups, in execution order.
        frames: The open groups, outer ones first, without the root.
        links: (from, to) for all boxes that feed each other.
        wires: Group to the pieces of lines in it.
    """

    boxes: tuple[int, ...]
    frames: tuple[int, ...]
    links: tuple[tuple[int, int], ...]
    wires: Mapping[int, tuple[Wire, ...]]


@dataclass(frozen=True, slots=True)
class Picture:
    """Where it is to be seen; lengths from the upper left corner.

    Attributes:
        scene: What is laid out.
        width: Of the whole.
        height: Of the whole.
        places: Of boxes and frames.
        routes: Group and piece of a line to its points, see `Laid.routes`.
        across: Whether lines run from left to right; points of routes are then side by side where they were above.
    """

    scene: Scene
    width: float
    height: float
    places: Mapping[int, Rectangle]
    routes: Mapping[tuple[int, Wire], tuple[Point, ...]]
    across: bool = False


def look(tree: GroupTree, opened: Iterable[int]) -> Generator[None, None, Scene]:
    """What is to be seen while these groups are open: what lies in a closed group is that group."""
    wanted = {tree.root, *opened}
    shown, frames, boxes = {tree.root}, [], []
    waiting = [tree.root]
    while waiting:
        number = waiting.pop()
        if number >= tree.root and number in wanted:
            shown.add(number)
            frames.append(number)
            waiting.extend(reversed(tree.groups[number].children))
        else:
            boxes.append(number)
    yield
    seen: list[int] = []
    wires: dict[int, dict[Wire, None]] = {group: {} for group in frames}
    links: dict[tuple[int, int], None] = {}
    for place in range(len(tree.graph.nodes)):
        above = tree.above(place)
        closed = [one for one in above if one not in shown]
        seen.append(closed[-1] if closed else place)
        if place % OFTEN == 0:
            yield
    chains = {box: tree.above(box) for box in boxes}
    for place, node in enumerate(tree.graph.nodes):
        for source, _ in node.inputs:
            link = (seen[source], seen[place])
            if link[0] != link[1] and link not in links:
                links[link] = None
                _lead(chains, wires, *link)
        if place % OFTEN == 0:
            yield
    return Scene(tuple(boxes), tuple(frames[1:]), tuple(links), {group: tuple(some) for group, some in wires.items()})


def _lead(chains: Mapping[int, list[int]], wires: Mapping[int, dict[Wire, None]], source: int, target: int) -> None:
    """Leads a line out of the groups around its source and into those around its target."""
    around, common = set(chains[target]), chains[target][-1]
    inner, port = source, -1 - source
    for group in chains[source]:
        if group in around:
            common = group
            break
        wires[group][(inner, port, source)] = None
        inner = group
    below, last = [], target
    for group in chains[target]:
        if group == common:
            break
        below.append((group, (port, last, source)))
        last = group
    wires[common][(inner, last, source)] = None
    for group, wire in below:
        wires[group][wire] = None


def lay_out(
    tree: GroupTree, scene: Scene, size_of: Callable[[int], Size], across: bool = False, cache: Cache | None = None
) -> Generator[None, None, Picture]:
    """Lays out what is to be seen.

    Args:
        tree: The groups.
        scene: What is to be seen.
        size_of: Width and height of a box; for an open group, those of its title.
        across: From left to right, not from top to bottom.
        cache: Levels that were laid out before.
    """
    work = _Work(tree, scene, size_of, across, {} if cache is None else cache)
    for group in (*reversed(scene.frames), tree.root):
        yield from work.lay_out_group(group)
    return (yield from work.assemble())


@dataclass(slots=True)
class _Work:
    tree: GroupTree
    scene: Scene
    size_of: Callable[[int], Size]
    across: bool
    cache: Cache
    laid: dict[int, Laid] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    outside: dict[int, Box] = field(default_factory=dict)

    def lay_out_group(self, group: int) -> Generator[None, None, None]:
        """Lays out one level, whose open groups are laid out already, and makes a box of it."""
        wires = self.scene.wires[group]
        enters = list(dict.fromkeys(a for a, _, _ in wires if a < 0))
        leaves = list(dict.fromkeys(b for _, b, _ in wires if b < 0))
        members = [*enters, *self.tree.groups[group].children, *leaves]
        boxes = (
            *(Box(0.0, 0.0, 0) for _ in enters),
            *(self._box(one) for one in self.tree.groups[group].children),
            *(Box(0.0, 0.0, -1) for _ in leaves),
        )
        first = {one: place for place, one in enumerate(members[: len(members) - len(leaves)])}
        last = {one: place for place, one in enumerate(members) if place >= len(enters)}
        lines = tuple((first[a], last[b], source) for a, b, source in wires)
        key = (lines, *(box.key for box in boxes))
        laid = self.cache.get(key)
        if laid is None:
            laid = self.cache[key] = yield from lay_out_level(boxes, lines)
        self.laid[group], self.members[group] = laid, members
        if group != self.tree.root:
            self._frame(group, laid, len(enters), len(leaves))

    def _frame(self, group: int, laid: Laid, enters: int, leaves: int) -> None:
        _, side, width, height = self._room(group, laid)
        members, count = self.members[group], len(self.members[group])
        self.outside[group] = Box(
            width,
            height,
            None,
            {-1 - members[place]: laid.corners[place][0] + side for place in range(enters)},
            {-1 - members[place]: laid.corners[place][0] + side for place in range(count - leaves, count)},
        )

    def _room(self, group: int, laid: Laid) -> tuple[float, float, float, float]:
        """Of a frame, as the flow goes: room before what is in it, room beside it, and its width and height."""
        title, _ = self.size_of(group)
        if self.across:
            height = max(laid.height + 2 * PADDING, title)
            return (height - laid.height) / 2, TITLE, laid.width + TITLE + PADDING, height
        width = max(laid.width + 2 * PADDING, title)
        return TITLE, (width - laid.width) / 2, width, laid.height + TITLE + PADDING

    def _box(self, number: int) -> Box:
        if number in self.outside:
            return self.outside[number]
        width, height = self.size_of(number)
        return Box(height, width) if self.across else Box(width, height)

    def assemble(self) -> Generator[None, None, Picture]:
        """Puts the levels into each other."""
        root = self.laid[self.tree.root]
        places: dict[int, Rectangle] = {}
        routes: dict[tuple[int, Wire], tuple[Point, ...]] = {}
        corners: dict[int, Point] = {self.tree.root: (0.0, 0.0)}
        for group in (self.tree.root, *self.scene.frames):
            x, y = corners[group]
            laid = self.laid[group]
            for member, corner in zip(self.members[group], laid.corners, strict=True):
                if member < 0:
                    continue
                box = self._box(member)
                at = (x + corner[0], y + corner[1])
                places[member] = self._turned((*at, box.width, box.height))
                if member in self.outside:
                    start, side, _, _ = self._room(member, self.laid[member])
                    corners[member] = (at[0] + side, at[1] + start)
            yield
            for wire, points in zip(self.scene.wires[group], laid.routes, strict=True):
                moved = self._to_edges(group, wire, [(x + px, y + py) for px, py in points])
                routes[(group, wire)] = tuple((py, px) for px, py in moved) if self.across else tuple(moved)
            yield
        size = (root.height, root.width) if self.across else (root.width, root.height)
        return Picture(self.scene, *size, places, routes, self.across)

    def _to_edges(self, group: int, wire: Wire, points: list[Point]) -> list[Point]:
        """Leads a line that enters or leaves on to the edge of the frame."""
        if group == self.tree.root:
            return points
        laid = self.laid[group]
        start, _, _, height = self._room(group, laid)
        if wire[0] < 0:
            points = [(points[0][0], points[0][1] - start), *points]
        if wire[1] < 0:
            points = [*points, (points[-1][0], points[-1][1] + height - start - laid.height)]
        return points

    def _turned(self, place: Rectangle) -> Rectangle:
        x, y, width, height = place
        return (y, x, height, width) if self.across else place
