"""Comparing the latency of models so that the difference can be trusted: interleaved pairs in blocks of fresh sessions.

Two medians taken one after the other differ by a fifth for one and the same model: memory is laid out anew in each
session, and the machine drifts. So all models run in turns, their ratio is taken pair by pair, sessions are made afresh
for every block, and the interval is bootstrapped over blocks and pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime as ort
from msgspec import Struct

from desktop_app.bench.machine import BusyWatch, thread_count
from desktop_app.bench.statistics import Interval, block_bootstrap, verdict
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.report import Latency, Ratio
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds

MIN_BLOCKS, MAX_BLOCKS = 5, 12
BLOCK_SECONDS = 0.8
"""What a block is worth; with more time there are more blocks rather than longer ones."""
MAX_ROUNDS = 60
WARM_UP_SECONDS, WARM_UP_RUNS, WARM_UP_LIMIT = 0.03, 4, 0.25
OVERRUN = 1.5
"""A block ends after so many times its share, for a machine may become busy after the plan was made."""
BURST_SECONDS = 0.0005
"""Fast models run several times in a row, so that a turn is long against what switching between models costs."""

Feeds = Mapping[str, np.ndarray]


class Row(Struct, frozen=True):
    """One model: its latency, and the first model's time over its own."""

    latency_ms: Latency
    ratio: Ratio


class Comparison(Struct, frozen=True):
    """What the models take, in the order given.

    Attributes:
        rows: One for each model.
        threads: Threads inside an operator.
        blocks: How often the sessions were made afresh.
        pairs: Turns of every model, over all blocks.
        warnings: What disturbed the measurement, a sentence each.
    """

    rows: tuple[Row, ...]
    threads: int
    blocks: int
    pairs: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Setting:
    """What stays the same from block to block."""

    models: Sequence[Model | Path]
    threads: int
    feeds: Feeds | None
    seed: int
    token: Token


class Plan(Struct, frozen=True):
    """How the time is spent: blocks, turns in a block, and runs in a turn of each model."""

    blocks: int
    rounds: int
    bursts: tuple[int, ...]


def compare(
    models: Sequence[Model | Path],
    *,
    threads: int = 0,
    feeds: Feeds | None = None,
    seconds: float = 12.0,
    seed: int = 0,
    token: Token | None = None,
) -> Comparison:
    """Measures models against each other; the first is the one that the others are compared with.

    Args:
        models: What to compare; one is enough to know its latency.
        threads: Threads inside an operator; 0 stands for one less than there are cores.
        feeds: Inputs to run with; made-up ones for one sample if None.
        seconds: How long to measure. Slow models take longer: five blocks of one run each are the least.
        seed: Of the made-up inputs and of the bootstrap.
        token: Hears of progress; says when to stop.

    Raises:
        InvalidFileError: when ONNX Runtime refuses a model, or the inputs.
        InvalidRecipeError: when no input can be made up for a model.
        Cancelled: when the token says so.
    """
    token = token or SilentToken()
    threads = thread_count(threads)
    busy = BusyWatch()
    setting = _Setting(models, threads, feeds, seed, token)
    plan = _plan(setting, seconds)
    times: list[list[list[np.ndarray]]] = []
    for block in range(plan.blocks):
        token.report(Progress("measure", block / plan.blocks, "Comparing latencies"))
        times.append(_measure_block(setting, plan, block, perf_counter() + OVERRUN * seconds / plan.blocks))
    token.report(Progress("measure", 1.0))
    return _summarise(times, threads, seed, busy.warnings())


class _Runner:
    """A fresh session with its inputs."""

    def __init__(self, session: ort.InferenceSession, feeds: Feeds) -> None:
        self._session = session
        self._feeds = {one.name: feeds[one.name] for one in session.get_inputs() if one.name in feeds}

    def time(self, runs: int, token: Token) -> np.ndarray:
        """Seconds of each of some runs in a row."""
        seconds = np.empty(runs)
        with running():
            for number in range(runs):
                token.check()
                start = perf_counter()
                self._session.run(None, self._feeds)
                seconds[number] = perf_counter() - start
        return seconds

    def warm_up(self, token: Token) -> float:
        """Runs until the session has settled, slow ones once; the median seconds of the later half of these runs."""
        seconds = [float(self.time(1, token)[0])]
        while seconds[0] < WARM_UP_LIMIT and (len(seconds) < WARM_UP_RUNS or sum(seconds) < WARM_UP_SECONDS):
            seconds.append(float(self.time(1, token)[0]))
        return float(np.median(seconds[len(seconds) // 2 :]))


def _open(setting: _Setting, block: int) -> tuple[_Runner, ...]:
    """Fresh sessions, settled. Who is opened first changes too: it gets other memory than who comes later."""
    runners: dict[int, _Runner] = {}
    for index in _order(len(setting.models), block):
        setting.token.check()
        model, feeds = setting.models[index], setting.feeds
        session = open_session(model, threads=setting.threads)
        if feeds is None:
            shapes = model.shapes if isinstance(model, Model) else None
            feeds = made_up_feeds(inputs_of(session), shapes, setting.seed)
        runners[index] = _Runner(session, feeds)
    return tuple(runners[index] for index in range(len(runners)))


def _order(models: int, turn: int) -> range:
    return range(models) if turn % 2 == 0 else range(models - 1, -1, -1)


def _plan(setting: _Setting, seconds: float) -> Plan:
    """A plan that fits the speed of the models, from sessions that are opened for that only."""
    start = perf_counter()
    settled = [runner.warm_up(setting.token) for runner in _open(setting, 0)]
    opening = perf_counter() - start
    return plan_blocks(settled, opening, max(seconds - opening, 0.0))


def plan_blocks(run_seconds: Sequence[float], open_seconds: float, seconds: float) -> Plan:
    """Divides `seconds` into blocks and turns.

    Args:
        run_seconds: Of one run of each model.
        open_seconds: What it takes to open and warm up all sessions once.
        seconds: For everything.
    """
    bursts = tuple(max(1, round(BURST_SECONDS / max(one, 1e-7))) for one in run_seconds)
    turn = sum(burst * one for burst, one in zip(bursts, run_seconds, strict=True))
    blocks = int(np.clip(seconds / max(BLOCK_SECONDS, 3 * open_seconds), MIN_BLOCKS, MAX_BLOCKS))
    left = max(seconds / blocks - open_seconds, 0.0)
    rounds = int(np.clip(left / turn, 1, MAX_ROUNDS))
    stretch = max(1, int(left / (rounds * turn))) if rounds == MAX_ROUNDS else 1
    return Plan(blocks, rounds, tuple(burst * min(stretch, 10) for burst in bursts))


def _measure_block(setting: _Setting, plan: Plan, block: int, end: float) -> list[list[np.ndarray]]:
    """Seconds of every run, by model and turn; who goes first changes from turn to turn and from block to block."""
    runners = _open(setting, block)
    for index in _order(len(runners), block):
        runners[index].warm_up(setting.token)
    times: list[list[np.ndarray]] = [[] for _ in runners]
    for turn in range(plan.rounds):
        for index in _order(len(runners), turn + block):
            times[index].append(runners[index].time(plan.bursts[index], setting.token))
        if perf_counter() > end:
            break
    return times


def _summarise(
    times: Sequence[Sequence[Sequence[np.ndarray]]], threads: int, seed: int, warnings: tuple[str, ...]
) -> Comparison:
    """From seconds by block, model and turn to medians with intervals."""
    turns = [[np.array([np.median(burst) for burst in bursts]) for bursts in block] for block in times]
    rows = []
    for model in range(len(turns[0])):
        latency = block_bootstrap([block[model] * 1e3 for block in turns], seed)
        single = np.concatenate([burst for block in times for burst in block[model]]) * 1e3
        ratio = (
            block_bootstrap([block[0] / block[model] for block in turns], seed) if model else Interval(1.0, 1.0, 1.0)
        )
        rows.append(
            Row(
                Latency(latency.median, float(np.quantile(single, 0.95)), (latency.low, latency.high)),
                Ratio(ratio.median, (ratio.low, ratio.high), verdict(ratio) if model else ""),
            )
        )
    return Comparison(tuple(rows), threads, len(times), sum(len(block[0]) for block in turns), warnings)
