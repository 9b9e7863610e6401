"""A process that lives says so, whatever became of one of its beats."""

import threading

import pytest
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import OperationalError

from desktop_app.search import pulse
from desktop_app.search.pulse import Pulse


@pytest.mark.parametrize("error", [StorageInternalError("lost"), OperationalError("lost", None, OSError()), OSError()])
def test_a_beat_that_fails_is_not_the_last(error: Exception) -> None:
    beaten, again = list[int](), threading.Event()

    def beat(number: int) -> None:
        beaten.append(number)
        if len(beaten) == 2:
            raise error
        if len(beaten) > 2:
            again.set()

    with Pulse(beat, lambda: None, 0.01) as beating:
        beating.hold(7)
        assert again.wait(60.0)


def test_what_was_missed_is_caught_up_with_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    beaten, now = list[int](), [1000.0]
    monkeypatch.setattr(pulse, "time", lambda: now[0])
    beating = Pulse(beaten.append, lambda: None, 10.0)
    beating.hold(7)
    beating.catch_up()
    now[0] += 100.0
    beating.catch_up()
    beating.catch_up()
    assert beaten == [7, 7]
