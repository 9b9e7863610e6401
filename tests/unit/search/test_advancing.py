"""How far the finalists are while one of them is carried out."""

import pytest

from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import Event, Measurement, Progress, SilentToken
from desktop_app.search.advancing import USUAL_STAGES, Advancing


class Hears(SilentToken):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def report(self, event: Event) -> None:
        self.told.append(event)


def test_every_stage_of_a_finalist_brings_all_of_them_nearer_to_their_end() -> None:
    token = Hears()
    advancing = Advancing(token, "#7", done=1, count=4)
    for stage in range(3 * USUAL_STAGES):  # many more than usual
        for done in (0.0, 0.5, 1.0):
            advancing.report(Progress(f"stage {stage}", done, "some text", eta=3.0))
    told = [one for one in token.told if isinstance(one, Progress)]
    assert {(one.stage, one.text, one.eta) for one in told} == {("finalists", "#7", None)}
    shares = [one.done for one in told]
    assert shares == sorted(shares)
    assert shares[0] == 1 / 4
    assert shares[1 + 3 * USUAL_STAGES // 2] == pytest.approx((1 + 0.5) / 4, abs=0.005)
    assert 0.99 * 2 / 4 < shares[-1] <= 2 / 4


def test_what_was_told_is_never_taken_back() -> None:
    token = Hears()
    advancing = Advancing(token, "#1", done=0, count=1)
    for done in (0.0, 0.9, 0.1):
        advancing.report(Progress("calibrate", done))
    assert token.told[-1] == token.told[-2]


def test_figures_are_kept_back_and_a_wish_to_stop_comes_through() -> None:
    token = Hears()
    advancing = Advancing(token, "#1", done=0, count=1)
    advancing.report(Measurement("bytes", 5.0, "final"))
    assert all(isinstance(one, Progress) for one in token.told)
    assert not advancing.cancelled
    token.cancelled = True
    assert advancing.cancelled
    with pytest.raises(Cancelled):
        advancing.check()
