"""Numbers as people read them: three figures and a unit. A MB is a million bytes, as file managers show it."""


def size(count: float) -> str:
    """Bytes, in the unit that gives one to three figures before the point: 13.9 MB."""
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


def figures(value: float) -> str:
    """A number in three figures: 9.38, 5.00, 0.0831, 123."""
    return f"{value:.0f}" if value >= 99.95 else f"{value:#.3g}"
