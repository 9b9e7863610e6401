"""How the numbers of a layer are spread: those of its weight, and those that it gives on samples."""

from math import sqrt

from desktop_app.core.look import Histogram
from desktop_app.ui import format as fmt
from desktop_app.ui.inspection import Subject
from desktop_app.ui.plots.falling import none, waiting
from desktop_app.ui.plots.mini import Bar, Mark, MiniPicture, Note, Shown, Style, Table, Tick, at_share
from desktop_app.ui.text import tr


def weights_picture(subject: Subject) -> Shown:
    """How the elements of the weight are spread, and which of them go where single weights are pruned."""
    look = subject.look
    if look is None:
        return waiting()
    weight = look.weight
    if weight is None:
        return none(look, "")
    share = 0.0 if subject.cuts_channels or "prune" in subject.refused else subject.settings.prune
    threshold = at_share(weight.magnitudes, share) if share else 0.0
    words = tr("from {low} to {high}, standard deviation {deviation}").format(
        low=fmt.signed(weight.low), high=fmt.signed(weight.high), deviation=fmt.figures(weight.deviation)
    )
    if weight.zeros >= 0.001:
        words = tr("{words}; {share} are zero").format(words=words, share=fmt.percent(weight.zeros))
    if share:
        words = tr("pruning sets {share} to zero: those below {limit}").format(
            share=fmt.percent(share, 0), limit=fmt.figures(threshold)
        )
    marks = (Mark(-threshold, chosen=True), Mark(threshold, chosen=True)) if share else ()
    return histogram_picture(words, weight.histogram, marks, threshold)


def activations_picture(subject: Subject) -> Shown:
    """How the values are spread that the layer gives on samples."""
    seen = subject.activation
    if seen is None:
        return Note(subject.activation_reason)
    words = tr("from {low} to {high} on samples, behind its activation").format(
        low=fmt.signed(seen.low), high=fmt.signed(seen.high)
    )
    return histogram_picture(words, seen.histogram)


def histogram_picture(
    words: str, histogram: Histogram, marks: tuple[Mark, ...] = (), threshold: float = 0.0
) -> MiniPicture:
    """A histogram, its heights by the square root so that the tails are seen; values below `threshold` go."""
    counts = histogram.counts
    step = (histogram.stop - histogram.start) / max(len(counts), 1)
    top, every = max(counts, default=1) or 1, sum(counts) or 1
    edges = [histogram.start + place * step for place in range(len(counts) + 1)]
    bars = tuple(
        Bar(edges[place], edges[place + 1], sqrt(count / top), _side(edges[place] + step / 2, threshold))
        for place, count in enumerate(counts)
    )
    rows = tuple(
        (fmt.signed(edges[place]), fmt.signed(edges[place + 1]), str(count), fmt.percent(count / every))
        for place, count in enumerate(counts)
    )
    ends = (Tick(histogram.start, fmt.signed(histogram.start)), Tick(histogram.stop, fmt.signed(histogram.stop)))
    room = 0.15 * (histogram.stop - histogram.start)
    zero = (Tick(0.0, "0"),) if histogram.start + room < 0 < histogram.stop - room else ()
    return MiniPicture(
        words,
        Table((tr("From"), tr("To"), tr("Count"), tr("Share")), rows),
        bars,
        marks=marks,
        x_range=(histogram.start, histogram.stop),
        y_range=(0, 1.05),
        x_ticks=(*zero, *ends),
    )


def _side(middle: float, threshold: float) -> Style:
    return "gone" if abs(middle) < threshold else "plain"
