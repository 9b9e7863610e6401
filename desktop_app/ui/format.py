"""Numbers as the user reads them: three figures, a unit, and a dash for what is not known."""

UNKNOWN = "–"


def size(count: float) -> str:
    """Bytes, in the unit that gives one to three figures before the point; a MB is a million bytes."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{figures(count / factor)} {unit}"
    return f"{count:.0f} B"


def amount(count: float) -> str:
    """A number of things: 864, 2.30k, 12.0M, 1.20G."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= factor:
            return f"{figures(count / factor)}{unit}"
    return f"{count:.0f}"


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
    return f"{share * 100:.{digits}f} %"


def duration(seconds: float) -> str:
    """Time left, to the second: 9 s, 2 min 5 s."""
    whole = max(0, round(seconds))
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def change(before: str, after: str) -> str:
    """What it was and what it became; told once where that is the same."""
    return before if before == after else f"{before} → {after}"


def shape(sizes: tuple[int, ...]) -> str:
    """Dimensions: 64x64x3x3; `?` stands for one that is not known."""
    return "×".join("?" if one < 0 else str(one) for one in sizes) or UNKNOWN


def figures(value: float) -> str:
    """A number in three figures: 9.38, 5.00, 0.0831, 123."""
    return f"{value:.0f}" if value >= 99.95 else f"{value:#.3g}"
