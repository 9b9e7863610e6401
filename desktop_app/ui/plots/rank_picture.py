"""What a rank keeps of a layer: its singular values, the energy in the largest of them, and where a rank saves."""

from collections.abc import Sequence

from desktop_app.core.rank import Factor, break_even, extents_of, factorise, kind_for, unfit
from desktop_app.ui import format as fmt
from desktop_app.ui.inspection import Subject
from desktop_app.ui.plots.falling import falling_bars, none, waiting
from desktop_app.ui.plots.mini import Line, Mark, MiniPicture, Shown, Table, Tick
from desktop_app.ui.text import tell, tr

KEPT = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
"""Shares of the energy for which the table tells the rank."""

MUCH = 0.9
"""The one that is told in words where no rank is asked for."""


def rank_picture(subject: Subject) -> Shown:
    """The singular values, the energy that the largest of them keep, the rank asked for, and where it stops saving."""
    look = subject.look
    if look is None:
        return waiting()
    if look.spectrum is None:
        return none(look, tr("Not taken apart: {reason}").format(reason=tell(look.spectrum_reason)))
    spectrum, method = look.spectrum, subject.recipe.methods.low_rank
    full = spectrum.full
    limit = 0
    if not unfit(subject.layer, method):
        kind = kind_for(subject.layer, method)
        limit = min(break_even(extents_of(subject.layer, kind, subject.left), kind), full)
    rank = _rank(subject)
    bars = falling_bars(spectrum.values, full, limit - 1 if limit else full)
    energy = tuple((full * (place + 1) / len(spectrum.kept), one) for place, one in enumerate(spectrum.kept))
    marks = [Mark(rank, tr("rank {rank}").format(rank=rank))] if isinstance(rank, int) else []
    if limit:
        marks.append(Mark(limit - 1, tr("saves below {limit}").format(limit=limit), chosen=False))
    rows = tuple((fmt.percent(share, 0), str(rank_for(spectrum.kept, full, share))) for share in KEPT)
    return MiniPicture(
        _words(subject, rank, limit, spectrum.kept, full),
        Table((tr("Energy kept"), tr("Rank")), rows),
        bars,
        (Line(((0.0, 0.0), *energy)),),
        tuple(marks),
        (0, full),
        (0, 1.05),
        (Tick(0, "0"), Tick(full / 2, str(round(full / 2))), Tick(full, str(full))),
        (Tick(0, "0"), Tick(0.5, "50 %"), Tick(1, "100 %")),
    )


def _rank(subject: Subject) -> int | str | None:
    """The rank that comes of what is asked, the last where there are two; the reason why none does; None unasked."""
    asked = subject.settings.rank
    if asked is None or subject.settings.locked:
        return None
    factor = factorise(subject.layer, asked, subject.recipe.methods.low_rank, subject.left)
    return factor.ranks[-1] if isinstance(factor, Factor) else factor


def _words(subject: Subject, rank: int | str | None, limit: int, kept: Sequence[float], full: int) -> str:
    if isinstance(rank, str):
        return tell(rank)
    if not limit:
        return tell(unfit(subject.layer, subject.recipe.methods.low_rank))
    saves = tr("a rank saves below {limit}").format(limit=limit) if limit > 1 else tr("no rank saves")
    if rank is None:
        words = tr("{share} of the energy takes rank {rank} of {full}; {saves}")
        share, rank = MUCH, rank_for(kept, full, MUCH)
        return words.format(share=fmt.percent(share, 0), rank=rank, full=full, saves=saves)
    words = tr("rank {rank} of {full} keeps {share} of the energy; {saves}")
    return words.format(share=fmt.percent(kept_by(kept, full, rank)), rank=rank, full=full, saves=saves)


def kept_by(kept: Sequence[float], full: int, rank: int) -> float:
    """The share of the energy that so many of `full` singular values keep; `kept` is all shares or a selection."""
    if rank <= 0:
        return 0.0
    return kept[min(max(round((rank - 1) / max(full - 1, 1) * (len(kept) - 1)), 0), len(kept) - 1)]


def rank_for(kept: Sequence[float], full: int, share: float) -> int:
    """The smallest rank that keeps at least a share of the energy."""
    place = next((place for place, one in enumerate(kept) if one >= share), len(kept) - 1)
    return round(place / max(len(kept) - 1, 1) * (full - 1)) + 1
