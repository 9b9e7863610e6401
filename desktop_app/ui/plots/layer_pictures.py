"""Which channels of a layer go, and what bits cost it."""

from collections.abc import Sequence

from desktop_app.ui import format as fmt
from desktop_app.ui.inspection import Subject
from desktop_app.ui.plots.falling import falling_bars, none, waiting
from desktop_app.ui.plots.mini import Bar, Mark, MiniPicture, Shown, Table, Tick
from desktop_app.ui.text import plural, tell, tr

TENTHS = tuple(range(10, 100, 10))


def channels_picture(subject: Subject) -> Shown:
    """The norms of the channels, strongest first, and which of them go."""
    look = subject.look
    if look is None:
        return waiting()
    if look.channels is None:
        return none(look, tr("The layer makes no channels that could be told apart."))
    norms, count = look.channels.norms[::-1], look.channels.count
    whole, left = max(subject.layer.output.size, 1), subject.left[0]
    keep = round(count * left / whole)
    top = norms[0] or 1.0
    bars = falling_bars(norms, count, keep)
    marks = (Mark(keep, tr("{count} stay").format(count=keep)),) if keep < count else ()
    rows = tuple(
        (fmt.percent(one / 100, 0), str(count - round(count * one / 100)), fmt.percent(weakest_share(norms, one / 100)))
        for one in TENTHS
    )
    table = Table((tr("Removed"), tr("Channels left"), tr("Share of the norm")), rows)
    return MiniPicture(
        _words(subject, norms, count, keep),
        table,
        bars,
        marks=marks,
        x_range=(0, count),
        y_range=(0, 1.05),
        x_ticks=(Tick(0, "1"), Tick(count / 2, str(round(count / 2))), Tick(count, str(count))),
        y_ticks=(Tick(0, "0"), Tick(1, fmt.figures(top))),
    )


def bits_picture(subject: Subject) -> Shown:
    """The signal to noise that is left when every channel is rounded to so many bits."""
    look = subject.look
    if look is None:
        return waiting()
    if not look.noise:
        return none(look, tr("Not rounded channel by channel."))
    noise, asked = dict(look.noise), subject.settings.bits
    top = max(60.0, *(value for bits, value in look.noise if bits <= 8))
    bars = tuple(
        Bar(place + 0.15, place + 0.85, min(value, top), "chosen" if bits == asked else "plain")
        for place, (bits, value) in enumerate(look.noise)
    )
    ticks = tuple(Tick(place + 0.5, str(bits)) for place, (bits, _) in enumerate(look.noise))
    if asked in noise and asked < subject.layer.bits:
        words = tr("{bits} bits keep {noise} of signal to noise").format(bits=asked, noise=fmt.decibel(noise[asked]))
    else:
        words = tr("8 bits: {eight}; 6 bits: {six}; 4 bits: {four}").format(
            eight=fmt.decibel(noise.get(8)), six=fmt.decibel(noise.get(6)), four=fmt.decibel(noise.get(4))
        )
    rows = tuple((str(bits), fmt.decibel(value)) for bits, value in look.noise)
    return MiniPicture(
        words,
        Table((tr("Bits"), tr("Signal to noise")), rows),
        bars,
        x_range=(0, len(bars)),
        y_range=(0, top * 1.05),
        x_ticks=ticks,
        y_ticks=(Tick(0, "0"), Tick(20, "20"), Tick(40, "40"), Tick(60, "60 dB")),
    )


def weakest_share(norms: Sequence[float], share: float) -> float:
    """Of norms that fall: what the last `share` of them hold of the sum of all."""
    every = sum(norms)
    gone = norms[len(norms) - round(len(norms) * share) :] if share > 0 else ()
    return sum(gone) / every if every else 0.0


def _words(subject: Subject, norms: Sequence[float], count: int, keep: int) -> str:
    """What is cut, or why nothing is, or what the norms say of a cut."""
    if keep < count:
        words = tr("the cut removes {gone} of {count} channels, {share} of the norm")
        share = fmt.percent(weakest_share(norms, 1 - keep / count), 0)
        text = words.format(gone=count - keep, count=count, share=share)
        if subject.recipe.methods.prune.competing:
            text = tr("{words}; layers compete, so the run decides how many go").format(words=text)
        return text
    reason = subject.refused.get("prune", "")
    if reason and (subject.settings.prune > 0 or "prune" in subject.layer.refusals):
        return tr("not cut: {reason}").format(reason=tell(reason))
    quarter = fmt.percent(weakest_share(norms, 0.25), 0)
    return plural(
        count,
        "one channel",
        "{count} channels; the weakest quarter holds {share} of the norm",
        share=quarter,
    )
