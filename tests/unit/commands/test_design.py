"""What `design` makes of its arguments before a worker hears of them."""

from pathlib import Path

import pytest

from desktop_app.commands.design import design
from desktop_app.core.errors import StudioError

FILES = (Path("m.onnx"), Path("data"), Path("out"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "--latency in milliseconds, or --speedup"),
        ({"speedup": 0.0}, "--speedup is a number above 0"),
        ({"latency": float("nan")}, "--latency is a number above 0"),
        ({"speedup": 2.0, "scaling": "depth"}, "search, compound, width"),
        ({"speedup": 2.0, "steps": -1}, "--steps is a number of 0 or more"),
        ({"speedup": 2.0, "batch": 1}, "--batch is a number of 2 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        design(*FILES, **more)
