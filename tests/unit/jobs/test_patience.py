import pytest

from desktop_app.jobs.limits import Limits
from desktop_app.jobs.patience import STARVED, Patience


class Worker:
    """A clock on the wall, and a worker that gets a share of the processor."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def worked(self) -> float:
        return self.now * self.share


def seconds_until_verdict(worker: Worker, patience: Patience) -> tuple[float, str]:
    began = worker.now
    while (verdict := patience.verdict()) is None:
        assert patience.deadline > worker.now
        worker.now = patience.deadline
    return worker.now - began, verdict[0]


@pytest.mark.parametrize(
    ("share", "seconds"),
    [(1.0, 10), (4.0, 10), (0.5, 18), (0.0, 10 * STARVED), (0.01, 10 * STARVED)],
    ids=["computes", "computes with four threads", "shares the processor", "waits", "starves"],
)
def test_a_silent_worker_gets_its_time_of_work_not_of_the_clock(share: float, seconds: float) -> None:
    worker = Worker(share)
    patience = Patience(Limits("testing", silence=10, total=1000), worker.worked, worker.clock)
    assert seconds_until_verdict(worker, patience) == (pytest.approx(seconds, abs=1), "silent")


def test_a_sign_of_life_begins_anew() -> None:
    worker = Worker(1.0)
    patience = Patience(Limits("testing", silence=10, total=1000), worker.worked, worker.clock)
    worker.now += 9
    patience.heard()
    assert seconds_until_verdict(worker, patience) == (10, "silent")


def test_the_total_holds_whatever_was_heard() -> None:
    worker = Worker(0.0)
    patience = Patience(Limits("testing", silence=10, total=25), worker.worked, worker.clock)
    for _ in range(3):
        worker.now += 8
        assert patience.verdict() is None
        patience.heard()
    assert seconds_until_verdict(worker, patience) == (1, "too_long")
