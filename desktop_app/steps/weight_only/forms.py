"""Forms in which a weight can be stored: how many bits, and how many weights share a scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.methods import Block
from desktop_app.core.settings import ON_INTEGERS

SIZES = (64, 32, 16)
"""Blocks that are tried where the recipe leaves it open."""

FALLBACKS = {8: (), 6: (), 4: (8,), 2: (4, 8)}
"""Bits in which a small layer may be stored instead of those asked for, where it loses out of proportion in them."""


@dataclass(frozen=True)
class Form:
    """`bits` for each weight, and a scale for each `block` of them in a row."""

    bits: int
    block: int


def forms(bits: int, block: Block, inputs: int) -> list[Form]:
    """The forms to choose from for a weight with so many inputs; the first is the smallest."""
    if block is None or (block == "auto" and bits in ON_INTEGERS):
        return [Form(bits, inputs)]
    if block != "auto":
        return [Form(bits, nearest_block(block, inputs))]
    sizes = dict.fromkeys([inputs, *(nearest_block(size, inputs) for size in SIZES)])
    return [*(Form(bits, size) for size in sizes), *(Form(more, inputs) for more in FALLBACKS[bits])]


def nearest_block(size: int, inputs: int) -> int:
    """The divisor of `inputs` nearest to `size`, from half of it to twice; all inputs where there is none."""
    fitting = [one for one in _between(size) if inputs % one == 0]
    return min(fitting, key=lambda one: (abs(one - size), one), default=inputs)


def _between(size: int) -> Sequence[int]:
    return range(max(size // 2, 1), 2 * size + 1)
