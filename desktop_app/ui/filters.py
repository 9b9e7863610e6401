"""The filter line above the tree: words and conditions, all of which must hold.

A word is looked for in the layer's name, `op:Conv` in its operator; `>5% time` (or `size`, `params`, `macs`) compares
its share of the whole; `refused`, `changed`, `locked` and `bits:8` ask for its settings.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from desktop_app.core.layer import Layer
from desktop_app.core.settings import LayerSettings


class Facts(Protocol):
    """What is known of one layer where it is filtered; what no condition asks for is not looked up."""

    @property
    def layer(self) -> Layer:
        """Which layer it is."""

    @property
    def settings(self) -> LayerSettings:
        """What is asked of it."""

    @property
    def changed(self) -> bool:
        """Whether that is not the default."""

    @property
    def refused(self) -> bool:
        """Whether it does not take something."""

    @property
    def shares(self) -> Mapping[str, float]:
        """Of time, size, params and macs its share of the whole model, in [0, 1]."""


Condition = Callable[[Facts], bool]

_SHARE = re.compile(r"([<>])\s*(\d+(?:\.\d+)?)\s*%\s*(?:of\s+)?(time|size|params|macs)\b", re.IGNORECASE)
_FLAGS: dict[str, Condition] = {
    "refused": lambda facts: facts.refused,
    "changed": lambda facts: facts.changed,
    "locked": lambda facts: facts.settings.locked,
}


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions that the filter line asks for; none for a blank line. What is no condition is a word."""
    shares = [_share(*match.groups()) for match in _SHARE.finditer(text)]
    return (*shares, *(_word(word) for word in _SHARE.sub(" ", text).split()))


def holds(conditions: tuple[Condition, ...], facts: Facts) -> bool:
    """Whether a layer passes all conditions."""
    return all(condition(facts) for condition in conditions)


def _share(sign: str, number: str, quantity: str) -> Condition:
    limit, key = float(number) / 100, quantity.lower()
    if sign == ">":
        return lambda facts: facts.shares.get(key, 0.0) > limit
    return lambda facts: facts.shares.get(key, 0.0) < limit


def _word(word: str) -> Condition:
    lowered = word.lower()
    if lowered in _FLAGS:
        return _FLAGS[lowered]
    if lowered.startswith("op:"):
        operator = lowered[3:]
        return lambda facts: operator in facts.layer.op_type.lower()
    if lowered.startswith("bits:"):
        bits = lowered[5:]
        return lambda facts: str(facts.settings.bits) == bits
    return lambda facts: lowered in facts.layer.name.lower() or lowered in "/".join(facts.layer.scope).lower()
