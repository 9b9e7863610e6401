"""Tokens in front of another one."""

import pytest

from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import Event, Measurement, Progress, SilentToken
from desktop_app.core.tokens import Part


class Hears(SilentToken):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told = list[Event]()

    def report(self, event: Event) -> None:
        self.told.append(event)


def test_progress_of_parts_is_that_of_the_whole_and_figures_are_passed_on() -> None:
    token = Hears()
    for number in range(4):
        for done in (0.0, 0.5):
            Part(token, number, 4).report(Progress("playoff", done, "a text", eta=3.0))
    assert token.told == [Progress("playoff", eighth / 8, "a text") for eighth in range(8)]
    figure = Measurement("loss", 0.5, "playoff")
    Part(token, 0, 4).report(figure)
    assert token.told[-1] is figure


def test_parts_stop_when_the_whole_does() -> None:
    token = Hears()
    token.cancelled = True
    part = Part(token, 0, 2)
    assert part.cancelled
    with pytest.raises(Cancelled):
        part.check()
