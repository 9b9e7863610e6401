"""The signs by which trials are told from each other, and what they mean."""

from desktop_app.ui.plots.tradeoff import Dot, TradeOff
from desktop_app.ui.text import tr


def sign(dot: Dot) -> str:
    """The symbol of a trial: whether it keeps the limits, and whether it was measured where others were not."""
    if dot.stands_out:
        return "d" if dot.feasible else "s"
    return "o" if dot.feasible else "x"


def legend(picture: TradeOff) -> str:
    """What the signs mean, as far as they occur, and what is not drawn."""
    dots = picture.dots
    told = [
        (any(dot.on_front for dot in dots), tr("● not beaten")),
        (any(dot.feasible and not dot.on_front for dot in dots), tr("○ beaten in both")),
        (any(not dot.feasible and not dot.stands_out for dot in dots), tr("× beyond the limits")),
        (any(dot.feasible and dot.stands_out for dot in dots), tr("◇ measured whole")),
        (any(not dot.feasible and dot.stands_out for dot in dots), tr("□ measured whole, beyond the limits")),
        (picture.original is not None, tr("★ original")),
        (picture.left_out > 0, tr("{count} without these figures").format(count=picture.left_out)),
        (picture.hidden > 0, tr("{count} hidden by the limits").format(count=picture.hidden)),
    ]
    return "    ".join(text for holds, text in told if holds)
