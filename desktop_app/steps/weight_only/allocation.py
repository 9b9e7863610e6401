"""Which form each weight takes, where bytes are to be spent on those whose layers lose most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Option:
    """What a form costs: bytes, and the share of the layer's output that is error."""

    bytes: int
    noise: float


def allocate(options: Mapping[str, Sequence[Option]], budget: int) -> dict[str, int]:
    """Number of the option that each weight takes, for the least sum of noise within a budget of bytes.

    Noise of many layers adds up at the output about as if each layer passed it on alike. Starts from the first option
    of each and goes on where a byte gains most, along the convex hull of each weight's options (Shoham and Gersho,
    1988); stops at the first step that no longer fits only for that weight.

    Args:
        options: By name; the first is what is taken at least.
        budget: Bytes for all together.
    """
    taken = dict.fromkeys(options, 0)
    left = budget - sum(choices[0].bytes for choices in options.values())
    steps = [step for name, choices in options.items() for step in _hull(name, choices)]
    closed: set[str] = set()
    for step in sorted(steps, key=lambda one: -one.gain):
        if step.name in closed or step.bytes > left:
            closed.add(step.name)
            continue
        taken[step.name] = step.option
        left -= step.bytes
    return taken


@dataclass(frozen=True)
class _Step:
    name: str
    option: int
    bytes: int
    gain: float


def _hull(name: str, choices: Sequence[Option]) -> list[_Step]:
    """From the first option, always to the one that gains most for each byte more."""
    steps: list[_Step] = []
    now = 0
    while True:
        gains = [_gain(choices[now], one) for one in choices]
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            return steps
        steps.append(_Step(name, best, choices[best].bytes - choices[now].bytes, gains[best]))
        now = best


def _gain(now: Option, other: Option) -> float:
    """Noise avoided for each byte more; none for what is not larger and better."""
    more = other.bytes - now.bytes
    return (now.noise - other.noise) / more if more > 0 and other.noise < now.noise else 0.0
