"""Numbers as the user reads them: three figures, a unit, and a dash for what is not known."""

from desktop_app.core.language import current
from desktop_app.core.units import amount as amount
from desktop_app.core.units import figures as figures
from desktop_app.core.units import size as size
from desktop_app.ui.text import tr

UNKNOWN = "–"
EXACT_DB = 119.5


def macs(count: float) -> str:
    """Multiply-accumulates: 569 MMAC."""
    short = amount(count)
    return f"{short[:-1]} {short[-1]}MAC" if short[-1].isalpha() else f"{short} MAC"


def milliseconds(value: float | None) -> str:
    """A time: 9.12 ms, 0.083 ms."""
    if value is None:
        return UNKNOWN
    return f"{value:.3f} ms" if value < 0.1 else f"{figures(value)} ms"


def percent(share: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as a percentage."""
    if share is None:
        return UNKNOWN
    return f"{share * 100:.{digits}f}{current().percent}"


def duration(seconds: float) -> str:
    """Time left, to the second: 9 s, 2 min 5 s."""
    whole = max(0, round(seconds))
    if whole >= 60:
        return tr("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return tr("{seconds} s").format(seconds=whole)


def change(before: str, after: str) -> str:
    """What it was and what it became; told once where that is the same."""
    return before if before == after else f"{before} → {after}"


def shape(sizes: tuple[int, ...]) -> str:
    """Dimensions: 64x64x3x3; `?` stands for one that is not known."""
    return "×".join("?" if one < 0 else str(one) for one in sizes) or UNKNOWN


def decibel(value: float | None, digits: int = 1) -> str:
    """A ratio of signal to noise: 43.1 dB; so little noise that it cannot be told is "exact"."""
    if value is None:
        return UNKNOWN
    return tr("exact") if value >= EXACT_DB else f"{value:.{digits}f} dB".replace("-", "−")


def points(value: float) -> str:
    """Percentage points, which may be below zero, in hundredths, with a true minus."""
    return f"{value:.2f}".replace("-", "−")


def signed(value: float) -> str:
    """A number that may be below zero, in three figures, with a true minus."""
    return f"−{figures(-value)}" if value < 0 else figures(value) if value else "0"
