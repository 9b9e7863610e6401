"""What pictures of a weight share: bars that fall, and sentences where there is nothing to draw."""

from collections.abc import Sequence

from desktop_app.core.look import LayerLook
from desktop_app.ui.plots.mini import Bar, Note, at_share
from desktop_app.ui.text import tell, tr

MOST_BARS = 240
"""No picture is so wide that more could be told apart."""


def falling_bars(values: Sequence[float], count: int, limit: float) -> tuple[Bar, ...]:
    """Bars for values that fall, the first of height 1; those behind `limit` go.

    Args:
        values: All of `count` values, or an even selection of them.
        count: How many there are; the picture is so wide.
        limit: So many stay.
    """
    top = (values[0] if values else 0.0) or 1.0
    number = min(len(values), MOST_BARS)
    step = count / max(number, 1)
    return tuple(
        Bar(
            place * step,
            (place + 1) * step,
            at_share(values, place / max(number - 1, 1)) / top,
            "gone" if (place + 0.5) * step > limit else "plain",
        )
        for place in range(number)
    )


def waiting() -> Note:
    """Before the worker has looked."""
    return Note(tr("Looking at the weight…"))


def none(look: LayerLook, words: str) -> Note:
    """Why there is no picture: what the worker says, else `words`."""
    return Note(tr("Nothing to see: {reason}").format(reason=tell(look.reason)) if look.reason else words)
