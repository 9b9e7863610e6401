"""From box to box: along the lines with the flow and against it, and beside each other across it."""

from bisect import bisect_left
from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF

from desktop_app.ui.graph.stage import Stage, nearest
from desktop_app.ui.graph.state import NONE


class Walk:
    """Where one comes from each box of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._after: dict[int, list[int]] = {}
        self._before: dict[int, list[int]] = {}
        for one, other in stage.picture.scene.links:
            self._after.setdefault(one, []).append(other)
            self._before.setdefault(other, []).append(one)
        self._by_top = sorted((stage.picture.places[one][1], one) for one in stage.picture.scene.boxes)
        self._tallest = max((stage.picture.places[one][3] for one in stage.picture.scene.boxes), default=0.0)

    def next(self, number: int, x: int, y: int) -> int | None:
        """The box that one comes to from another in a direction: (0, 1) is down. None where there is none."""
        at = self._stage.at(number)
        if at is None:
            return None
        along, aside = (x, y) if self._stage.picture.across else (y, x)
        if number in self._stage.picture.scene.frames:
            return self._inside(at, along)
        if along:
            found = self._after.get(number, []) if along > 0 else self._before.get(number, [])
            return nearest(self._stage, found, at.center())
        return self._beside(number, at, aside)

    def at(self, point: QPointF) -> int:
        """The box at a point; `NONE` where there is none."""
        for number in self._near(point.y() - self._tallest, point.y()):
            place = self._stage.at(number)
            if place is not None and place.contains(point):
                return number
        return NONE

    def first_in(self, seen: QRectF) -> int | None:
        """The first box in a part of the picture."""
        found = [
            number
            for number in self._near(seen.top() - self._tallest, seen.bottom())
            if (at := self._stage.at(number)) is not None and at.intersects(seen)
        ]
        return found[0] if found else None

    def _near(self, top: float, bottom: float) -> Iterable[int]:
        """The boxes whose upper edges lie between two heights, from above."""
        first, last = bisect_left(self._by_top, (top, NONE)), bisect_left(self._by_top, (bottom, 1 << 60))
        return (number for _, number in self._by_top[first:last])

    def _inside(self, frame: QRectF, along: int) -> int | None:
        """The first or last box in an open group."""
        found = [
            number
            for number in self._near(frame.top(), frame.bottom())
            if (at := self._stage.at(number)) is not None and frame.contains(at)
        ]
        return (found[0] if along > 0 else found[-1]) if found else None

    def _beside(self, number: int, at: QRectF, aside: int) -> int | None:
        """The nearest box on one side."""
        across, found = self._stage.picture.across, []
        for other in self._stage.picture.scene.boxes if across else self._near(at.top() - 200, at.bottom() + 200):
            place = self._stage.at(other)
            if place is None or other == number:
                continue
            moved = place.center() - at.center()
            side, far = (moved.y(), abs(moved.x())) if across else (moved.x(), abs(moved.y()))
            if side * aside > 1 and far < 200:
                found.append((abs(side) + 3 * far, other))
        return min(found)[1] if found else None
