import math
import time

import pytest

from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import Measurement, Progress
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.jobs.token import PipeToken


def test_much_progress_becomes_little_and_the_last_is_there() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=0.05)
    began = time.monotonic()
    for index in range(2000):
        token.report(Progress("work", index / 2000))
    token.report(Progress("work", 1.0))
    token.close()
    intervals = (time.monotonic() - began) / 0.05
    assert sent[0].done == 0.0
    assert sent[-1].done == 1.0
    assert len(sent) <= intervals + 2


def test_progress_that_nothing_follows_is_sent_when_its_turn_comes() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=0.02)
    token.report(Progress("work", 0.1))
    token.report(Progress("work", 0.2))
    assert [event.done for event in sent] == [0.1]
    deadline = time.monotonic() + 5
    while len(sent) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [event.done for event in sent] == [0.1, 0.2]
    token.close()


def test_every_layer_that_was_tried_is_sent_at_once() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=60)
    rows = [LayerSensitivity(name, 1.0, {}) for name in "abc"]
    for row in rows:
        token.report(row)
    assert sent == rows


def test_every_measurement_is_sent_at_once() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=60)
    for index in range(100):
        token.report(Measurement("bytes", index, "final"))
    assert [event.value for event in sent] == list(range(100))


def test_nothing_is_sent_after_the_end() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=0.01)
    token.report(Progress("work", 0.1))
    token.report(Progress("work", 0.2))
    token.close()
    token.report(Progress("work", 0.3))
    time.sleep(0.05)
    assert [event.done for event in sent] == [0.1, 0.2]


def test_figures_that_are_not_finite_are_left_out() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=0)
    token.report(Measurement("sqnr_db", math.nan, "final"))
    token.report(Measurement("latency_ms", 2.0, "final", low=1.0, high=math.inf))
    token.report(Progress("work", math.nan, eta=math.inf))
    assert sent == [Measurement("latency_ms", 2.0, "final", low=1.0), Progress("work", 0.0)]


def test_a_cancelled_token_says_so() -> None:
    token = PipeToken(print)
    token.check()
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_a_short_stage_is_seen_too() -> None:
    sent: list = []
    token = PipeToken(sent.append, interval=0.02)
    for stage in ("read", "check", "show"):
        for done in (0.0, 0.5, 1.0):
            token.report(Progress(stage, done))
    deadline = time.monotonic() + 5
    while len(sent) < 4 and time.monotonic() < deadline:
        time.sleep(0.005)
    token.close()
    assert [(event.stage, event.done) for event in sent] == [
        ("read", 0.0),
        ("read", 1.0),
        ("check", 1.0),
        ("show", 1.0),
    ]
