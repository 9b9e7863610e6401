"""What is better in everything, and what is not beaten: the front of a trade-off."""

from collections.abc import Sequence


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is nowhere worse than `other` and somewhere better. Less is better in every place."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and any(a < b for a, b in zip(one, other, strict=True))


def front(points: Sequence[Sequence[float]]) -> frozenset[int]:
    """The places of the points that no other dominates; equal points are all of them in it or none.

    Args:
        points: Of equally many coordinates each, finite; less is better in every one.
    """
    found, flat = list[int](), all(len(one) == 2 for one in points)
    for place in sorted(range(len(points)), key=lambda one: tuple(points[one])):  # what dominates comes before
        rivals = found[-1:] if flat else found  # of two coordinates, the last has the least second one
        if not any(dominates(points[one], points[place]) for one in rivals):
            found.append(place)
    return frozenset(found)
