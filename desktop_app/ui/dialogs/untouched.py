"""Fields round, clamp and sort: what nobody has changed in them stays as it was given."""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

S = TypeVar("S", bound=Struct)


def untouched(given: S, shown: S, now: S) -> S:
    """What stands in fields, but as it was given where the fields still show that.

    Args:
        given: What the fields were filled with.
        shown: What they made of it.
        now: What they say now.
    """
    same = [name for name in now.__struct_fields__ if getattr(now, name) == getattr(shown, name)]
    return replace(now, **{name: getattr(given, name) for name in same})
