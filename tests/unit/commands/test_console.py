"""What is told on standard error while a command works."""

import io
import sys

import pytest

from desktop_app.commands.console import ProgressLine
from desktop_app.core.progress import Measurement, Progress


class Terminal(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *events: Progress | Measurement) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    line = ProgressLine()
    for event in events:
        line.show(event)
    line.close()
    return stream.getvalue()


def test_a_terminal_sees_stage_share_text_and_time_left_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(
        monkeypatch,
        Terminal(),
        Progress("quantize_static", 0.25),
        Progress("sensitivity", 0.5, "conv1", 300.0),
        Progress("search", 0.75, "", 0.2),
    )
    lines = [line for line in told.split("\r\x1b[2K") if line]
    assert lines == [
        "Quantise (static) 25%",
        "Sensitivity 50% conv1 (5 min left)",
        "Judge candidates 75% (1 s left)",
    ]


def test_a_file_sees_every_stage_once_and_every_figure_with_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(
        monkeypatch,
        io.StringIO(),
        Progress("clean", 0.0),
        Progress("clean", 1.0),
        Measurement("bytes", 1_092_770.0, "original"),
        Measurement("latency_ratio", 1.424, "final"),
        Measurement("top1_agreement", 0.984, "final"),
    )
    assert told.splitlines() == [
        "Clean ...",
        "Original: 1.09 MB",
        "Result: 1.42 times as fast",
        "Result: same top-1 98.4%",
    ]
