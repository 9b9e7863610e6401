"""Shapes of inputs as a person types them: "1x3x224x224", "1x128:int64"."""

import re
from math import prod

from msgspec import Struct

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name

DTYPES = ("float32", "float16", "float64", "int64", "int32", "uint8", "int8", "bool")
FORM = re.compile(r"(\d{1,9}(?:[x,]\d{1,9})*)(?::(\w+))?")
MAX_ELEMENTS = 2**28


class InputShape(Struct, frozen=True):
    """Sizes of an input with its batch, and its element type."""

    sizes: tuple[int, ...]
    dtype: str = "float32"


def parse_shape(text: str) -> InputShape:
    """The shape that a text stands for. Raises StudioError."""
    match = FORM.fullmatch(text.replace(" ", "").lower())
    if match is None:
        raise StudioError(
            f"{clean_name(text)} is no shape of an input: write its sizes with the batch, such as 1x3x224x224, and for "
            "other numbers than float32 their type, such as 1x128:int64."
        )
    sizes, dtype = tuple(int(one) for one in re.split("[x,]", match[1])), match[2] or "float32"
    if dtype not in DTYPES:
        raise StudioError(f"{clean_name(dtype)} is no type of inputs: choose one of {', '.join(DTYPES)}.")
    elements = prod(sizes)
    if not 0 < elements <= MAX_ELEMENTS:
        raise StudioError(f"An input of {text} has {elements:,} numbers; it must have between 1 and {MAX_ELEMENTS:,}.")
    return InputShape(sizes, dtype)
