from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.bench import latency
from desktop_app.bench.latency import BURST_SECONDS, MAX_BLOCKS, MAX_ROUNDS, MIN_BLOCKS, compare, plan_blocks
from desktop_app.core.errors import Cancelled, InvalidFileError
from desktop_app.core.progress import Event, Progress, SilentToken
from desktop_app.graph.model import Model

times = st.floats(1e-5, 10.0)


@given(st.lists(times, min_size=1, max_size=4), st.floats(0.01, 30.0), st.floats(0.5, 60.0))
def test_plans_keep_to_their_bounds(runs: list[float], opening: float, seconds: float) -> None:
    plan = plan_blocks(runs, opening, seconds)
    assert MIN_BLOCKS <= plan.blocks <= MAX_BLOCKS
    assert 1 <= plan.rounds <= MAX_ROUNDS
    turn = sum(burst * run for burst, run in zip(plan.bursts, runs, strict=True))
    least = plan.rounds == 1
    assert least or plan.blocks * (opening + plan.rounds * turn) <= seconds * 1.001


def test_fast_models_run_several_times_in_a_turn() -> None:
    plan = plan_blocks((5e-5, 1e-2), 0.1, 10.0)
    assert plan.bursts[0] * 5e-5 >= BURST_SECONDS
    assert plan.bursts[1] == 1


def test_a_model_is_compared_with_itself_and_with_a_slower_one(small_model: Model) -> None:
    feeds = {"image": np.zeros((64, 3, 8, 8), np.float32)}
    result = compare((small_model, small_model), threads=1, feeds=feeds, seconds=0.5)
    assert (len(result.rows), result.threads, result.blocks) == (2, 1, MIN_BLOCKS)
    assert result.pairs >= MIN_BLOCKS
    for row in result.rows:
        assert 0 < row.latency_ms.ci95[0] <= row.latency_ms.median <= row.latency_ms.ci95[1]
        assert row.latency_ms.p95 > 0
        assert row.ratio.ci95[0] <= row.ratio.median <= row.ratio.ci95[1]
    assert result.rows[0].ratio.median == 1.0


def test_sessions_are_fresh_in_every_block_and_take_turns(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    order: list[int] = []
    real_open, real_time = latency.open_session, latency._Runner.time

    def count(model: Model, threads: int) -> object:
        opened.append(threads)
        return real_open(model, threads=threads)

    def note(runner: latency._Runner, runs: int, token: SilentToken) -> np.ndarray:
        order.append(id(runner))
        return real_time(runner, runs, token)

    monkeypatch.setattr(latency, "open_session", count)
    monkeypatch.setattr(latency._Runner, "time", note)
    result = compare((small_model, small_model), threads=2, seconds=0.2)
    assert opened == [2] * 2 * (1 + result.blocks)
    assert min(Counter(order).values()) > 1


def test_inputs_are_made_up_and_progress_is_told(small_model: Model) -> None:
    heard: list[Event] = []

    class Listening(SilentToken):
        def report(self, event: Event) -> None:
            heard.append(event)

    assert compare((small_model,), threads=1, seconds=0.1, token=Listening()).rows[0].ratio.verdict == ""
    shares = [event.done for event in heard if isinstance(event, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_it_stops_when_asked(small_model: Model) -> None:
    class Stopped(SilentToken):
        cancelled = True

    with pytest.raises(Cancelled):
        compare((small_model,), threads=1, token=Stopped())


def test_inputs_that_the_model_refuses_are_explained(small_model: Model) -> None:
    with pytest.raises(InvalidFileError, match="stopped while it ran"):
        compare((small_model,), threads=1, feeds={"image": np.zeros((1, 5, 8, 8), np.float32)}, seconds=0.1)
