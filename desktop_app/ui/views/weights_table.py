"""What of the choices of a search matters most, as a table with bars of text."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHeaderView

from desktop_app.core.text import clean_name
from desktop_app.ui.items.rows_model import Entry, Heading
from desktop_app.ui.searching.candidates import Candidates
from desktop_app.ui.searching.pictures import Weight, by_knob, weights_of
from desktop_app.ui.text import plural, tr
from desktop_app.ui.theme import scaled
from desktop_app.ui.views.facts import KNOB_TITLES
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.sorted_table import SortedTable

HEADINGS = (
    Heading("Layer", False, "Whose setting it is; layers that are cut together are one choice"),
    Heading("Setting", False, "Which setting"),
    Heading("Noise", False, "How the noise of the outputs follows the setting, the others being equal"),
    Heading("Latency", False, "How the predicted time follows it"),
    Heading("Size", False, "How the size follows it"),
)
BAR, NAME_WIDTH = 5, 170
"""Blocks of the longest bar, and pixels for the names of layers."""


class WeightsTable(SortedTable):
    """Follows what is known of the choices."""

    def __init__(self, candidates: Candidates) -> None:
        super().__init__(HEADINGS, name="weightsTable", title=tr("What matters most"))
        self._candidates = candidates
        self._shown: object = None
        self.view.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.view.horizontalHeader().resizeSection(0, scaled(NAME_WIDTH))
        self._note = label(quiet=True, wrap=True)
        self._note.setObjectName("weightsNote")
        self._column.insertWidget(0, self._note)

    def refresh(self) -> None:
        """Shows what is known now."""
        importance = self._candidates.importance
        if importance is self._shown and self._shown is not None:
            return
        self._shown = importance
        choices = self._candidates.space.choices
        weights = weights_of(choices, importance)
        self._note.setText(note(by_knob(choices, importance), importance.candidates if importance else 0))
        self.list_rows(rows_of(weights))


def note(shares: dict[str, tuple[float, float, float]], count: int) -> str:
    """What settings matter, in one or two sentences."""
    if not shares:
        return tr("After some candidates it is told here which choices matter most for noise, time and size.")
    each = ", ".join(
        tr("{setting} {noise} %").format(setting=tr(KNOB_TITLES[knob]), noise=round(100 * share[0]))
        for knob, share in sorted(shares.items(), key=lambda one: -one[1][0])
        if knob in KNOB_TITLES
    )
    return plural(
        count,
        "By one candidate, noise follows: {each}. How a figure follows a choice is a regression of ranks.",
        "By {count} candidates, noise follows: {each}. How a figure follows a choice is a regression of ranks.",
        each=each,
    )


def rows_of(weights: Sequence[Weight]) -> list[tuple[Entry, ...]]:
    """A row for each choice."""
    whole = max((one.most for one in weights), default=1.0) or 1.0
    return [
        (
            Entry(layer_words(one.choice.layers), one.choice.layers[0], "\n".join(map(clean_name, one.choice.layers))),
            Entry(tr(KNOB_TITLES[one.choice.knob]), one.choice.knob),
            *(_bar(value, whole) for value in (one.noise, one.latency, one.bytes)),
        )
        for one in weights
    ]


def layer_words(names: Sequence[str]) -> str:
    """The first layer of a choice, and how many more are set alike."""
    first = clean_name(names[0], 60)
    if len(names) == 1:
        return first
    return plural(len(names) - 1, "{first} and one more", "{first} and {count} more", first=first)


def _bar(value: float, whole: float) -> Entry:
    """A bar as long as it matters, with the figure; what falls has a minus."""
    blocks = round(BAR * abs(value) / whole)
    text = f"{value:+.2f}".replace("-", "−")
    return Entry(f"{'█' * blocks}{'░' * (BAR - blocks)} {text}", abs(value))
