"""What is laid out in one piece: boxes and ports of one group, and the lines between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]

NODE_GAP, LINE_GAP, LAYER_GAP, PORT_GAP, STEEP_GAP, MAX_LAYER_GAP = 22.0, 12.0, 28.0, 10.0, 0.09, 84.0
"""Between boxes of a layer, beside lines, between layers, beside ports; what lines that go far aside add, at most."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box, or a port where lines enter (`rank` 0) or leave (`rank` -1) the group.

    Attributes:
        width: Across the direction of the flow.
        height: Along it.
        rank: 0 keeps it in the first layer, -1 in the last; None leaves it free.
        entries: Source of a line to where it enters, from the left edge; in the middle where none is said.
        exits: Likewise, where lines leave.
    """

    width: float
    height: float
    rank: int | None = None
    entries: Mapping[int, float] = field(default_factory=dict)
    exits: Mapping[int, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other boxes."""
        return (self.width, self.height, self.rank, tuple(self.entries.items()), tuple(self.exits.items()))


Line = tuple[int, int, int]
"""Places of the box where a line begins and of the one where it ends, and the source that it comes from."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Where everything is. Lengths from the upper left corner.

    Attributes:
        width: Of the whole.
        height: Of the whole.
        corners: Upper left corner of each box.
        routes: For each line the points that it goes through, downwards, or upwards where it closes a circle: straight
            between points one above the other, and else a curve that begins and ends upright.
    """

    width: float
    height: float
    corners: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]


@dataclass(slots=True)
class Grid:
    """A level in work: boxes and the bends of long lines, in layers.

    Attributes:
        widths: Of every member; boxes first, then bends.
        boxes: How many of the members are boxes.
        layer: Of every member.
        layers: The members of each layer, from left to right.
        below: For each member those of the next layer that it is tied to, each with the offsets from the middles of the
            two at which the tie begins and ends.
        above: The same seen from the other end.
        bends: For each line, turned downwards: the members that it goes through, ends included.
        turned: The lines that go upwards.
    """

    widths: list[float]
    boxes: int
    layer: list[int]
    layers: list[list[int]]
    below: list[dict[int, tuple[float, float]]]
    above: list[dict[int, tuple[float, float]]]
    bends: list[tuple[int, ...]]
    turned: set[int]
