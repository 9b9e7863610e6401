"""How high a picture of bars goes."""

from collections.abc import Sequence

LONGEST = 1.5
"""So much higher than the highest bar an interval may reach, before it is cut off at the edge."""


def reach(values: Sequence[float], highs: Sequence[float]) -> float:
    """The height that is to be seen: all bars, and their intervals as far as these leave the bars readable.

    Args:
        values: The heights of the bars, 0 or more.
        highs: The upper ends of their intervals, in any order; none where there are no intervals.

    Returns:
        The end of the longest interval, unless that would make every bar flat; 1 where there is nothing to see.
    """
    highest = max(values, default=0.0)
    return max(highest, min(max(highs, default=0.0), LONGEST * highest)) or 1.0
