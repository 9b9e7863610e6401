"""Which layers stay as they are because what takes their place is not faster on this machine."""

from collections.abc import Mapping, Sequence

from desktop_app.core.rank import Factor
from desktop_app.steps.factorisation.plan import Stopwatch
from desktop_app.steps.factorisation.systems import System

MARGIN = 0.97
"""Share of the layer's time below which what takes its place counts as faster: two timings of one kernel differ so."""


def not_faster(systems: Sequence[System], factors: Mapping[str, Factor], stopwatch: Stopwatch) -> dict[str, str]:
    """Layers that are not faster rewritten, or not known to be, by name, to the reason with its figures."""
    reasons: dict[str, str] = {}
    for system in systems:
        name = system.layer.name
        times = stopwatch.times(system, [factors[name]])
        if times is None:
            reasons[name] = "how long it takes on this machine cannot be measured, so that it is not known to be faster"
        elif times[1][0] > MARGIN * times[0]:
            word = factors[name].kind
            reasons[name] = f"it stays: {word} it takes {times[1][0]:.1f} us on this machine, now {times[0]:.1f} us"
    return reasons
