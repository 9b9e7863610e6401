"""What `design` makes of its arguments before a worker hears of them."""

from pathlib import Path

import pytest

from desktop_app.commands.design import _print, design
from desktop_app.core.architecture import Architecture, Candidate, Stage
from desktop_app.core.design import Design
from desktop_app.core.errors import StudioError
from desktop_app.core.report import Latency, Ratio
from desktop_app.jobs.designs import Designed

FILES = (Path("m.onnx"), Path("data"), Path("out"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "--latency in milliseconds, or --speedup"),
        ({"speedup": 0.0}, "--speedup is a number above 0"),
        ({"latency": float("nan")}, "--latency is a number above 0"),
        ({"speedup": 2.0, "scaling": "depth"}, "search, compound, width"),
        ({"speedup": 2.0, "steps": -1}, "--steps is a number of 0 or more"),
        ({"speedup": 2.0, "seed": -1}, "--seed is a number of 0 or more"),
        ({"speedup": 2.0, "family": "mobilenet"}, "There is no family mobilenet"),
        ({"speedup": 2.0, "batch": 1}, "--batch is a number of 2 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        design(*FILES, **more)


NET = Architecture((32, 32), 16, 2, (Stage(24, 2, 5, 4, True, 2), Stage(32, 1, 3, 6, False, 1)), 320)

FOUND = Designed(
    path="out/model.onnx",
    architecture=NET,
    latency_ms=Latency(0.5, 0.6, (0.45, 0.55)),
    speedup=Ratio(3.0, (2.8, 3.2)),
    missed={"speedup": 3.0},
    bytes=120_000,
    params=30_000,
    macs=2_000_000,
    accuracy=0.8,
    original_accuracy=0.9,
    front=(Candidate(7, NET, 0.48, 0.75),),
    judged=10,
    exponent=14.2,
    checked="It is checked.",
    notes=("Worth saying.",),
)


def test_what_was_found_is_printed_with_the_limit_that_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    _print(FOUND, Design("mobilenet_v2", speedup=4.0))
    said = capsys.readouterr().out
    assert "10 of about 10^14 nets" in said
    assert "32x32, 16/2 | 24 x2 k5 e4 se /2 | 32 x1 k3 e6 | 320" in said
    assert "3.00 [2.80, 3.20] times as fast" in said
    assert "accuracy 80.0" in said
    assert "note: Worth saying." in said
    assert "speedup is to be 4, and the nearest has 3." in said
