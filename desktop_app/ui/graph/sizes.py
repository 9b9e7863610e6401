"""How large each box must be for what it says; the same whatever the colours mean, so that nothing moves."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from desktop_app.ui.graph.inks import Inks
from desktop_app.ui.graph.looks import Caption, caption_of
from desktop_app.ui.graph.state import GraphState

PAD, GAP, MARK = 11.0, 6.0, 14.0
LINE_PAD = 5.0
MIN_CARD, MAX_TEXT = 128.0, 230.0
FIGURE_ROOM = "100.0 %  "


@dataclass(frozen=True, slots=True)
class Measured:
    """A box's texts, cut to what fits, with its size and where the name begins."""

    caption: Caption
    title: str
    name: str
    name_at: float
    width: float
    height: float


class Sizes:
    """Measures boxes in the fonts of now, each once."""

    def __init__(self, state: GraphState, look: Inks) -> None:
        self._state = state
        self._title, self._plain, self._small = (QFontMetricsF(font) for font in (look.title, look.plain, look.small))
        self._known: dict[int, Measured] = {}
        self._same: dict[tuple[Caption, bool], Measured] = {}

    def of(self, number: int) -> Measured:
        """The texts and the size of a box."""
        known = self._known.get(number)
        if known is None:
            caption = caption_of(self._state, number)
            key = (caption, False)
            known = self._same.get(key)
            if known is None:
                known = self._same[key] = self._measure(caption)
            self._known[number] = known
        return known

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a box."""
        measured = self.of(number)
        return measured.width, measured.height

    def _measure(self, caption: Caption) -> Measured:
        mark = MARK if caption.kind == "group" else 0.0
        if caption.kind in ("node", "end"):
            text = self._plain.elidedText(caption.title, Qt.TextElideMode.ElideMiddle, MAX_TEXT)
            width = self._plain.horizontalAdvance(text) + 2 * PAD
            return Measured(caption, text, "", 0.0, width, self._plain.height() + 2 * LINE_PAD)
        title = self._title.elidedText(caption.title, Qt.TextElideMode.ElideMiddle, MAX_TEXT)
        name = self._plain.elidedText(caption.name, Qt.TextElideMode.ElideMiddle, MAX_TEXT) if caption.name else ""
        name_at = PAD + mark + self._title.horizontalAdvance(title) + GAP
        first = name_at - GAP + (GAP + self._plain.horizontalAdvance(name) if name else 0.0) + PAD
        second = 2 * PAD + self._small.horizontalAdvance(caption.line + FIGURE_ROOM) + GAP
        width = max(MIN_CARD, first, second)
        height = self._title.height() + self._small.height() + 2 * LINE_PAD + 2
        return Measured(caption, title, name, name_at, width, height)
