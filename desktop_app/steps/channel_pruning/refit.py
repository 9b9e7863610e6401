"""Refitting what reads the channels that were cut, and all that follows: layer by layer, in closed form, on data.

He, Zhang and Sun, Channel Pruning for Accelerating Very Deep Neural Networks (2017): a layer that has lost inputs gets
the weights whose output is nearest to what the original layer gave. It is given the inputs that it has in the pruned
model, so that it also makes up for the error of the layers before it; where a skip connection is added to its output,
for the error that comes along that too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx_ir as ir

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.steps.channel_pruning.aims import NOT_CLIPPED, Aim, find_aims
from desktop_app.steps.channel_pruning.frontier import Frontier
from desktop_app.steps.channel_pruning.least_squares import NormalEquations, fit, fit_once
from desktop_app.steps.channel_pruning.samples import FAILURES, count, is_held_out, kept_batches, run_for

CLIPPED_ROUNDS = 2
"""So many times a layer whose output is clipped is fitted anew."""

MAX_ROWS_BYTES = 128 * 2**20
"""What a layer reads is kept for the next round if it takes no more; else it is computed again."""

MAX_TARGET_BYTES = 384 * 2**20
"""What the original gives is kept for as many layers at a time as fit."""


@dataclass(frozen=True)
class Target:
    """What the original gives at some positions: (samples * positions, channels) for every batch."""

    grid: tuple[int, ...]
    positions: np.ndarray
    rows: tuple[np.ndarray, ...]


def refit(
    original: Model, pruned: Model, keep: Mapping[int, np.ndarray], calibration: Calibration, token: Token, seed: int
) -> tuple[Model, list[str]]:
    """A copy of `pruned` with refitted weights, and what is worth saying of it.

    Args:
        original: The model before the cut.
        pruned: The model after it.
        keep: What the cut kept, see `cut_channels`.
        calibration: Where the samples come from.
        token: Hears of the progress, says when to stop.
        seed: Of the choice of positions in large images.

    Raises:
        Cancelled: when the token says so.
    """
    work = pruned.clone()
    aims = find_aims(original, work, keep)
    if calibration.draft:
        aims = [replace(aim, reader=replace(aim.reader, draft=True)) for aim in aims]
    batches = kept_batches(calibration)
    if not aims or not batches:
        return pruned, []
    frontier = Frontier(work, batches, token)
    refitted = 0
    try:
        for number, (aim, target) in enumerate(with_targets(original, aims, batches, seed, token)):
            token.check()
            token.report(Progress("prune_channels", number / len(aims), f"refitting {aim.reader.node.name}"))
            refitted += refit_layer(frontier, aim, target)
    except FAILURES as error:
        return pruned, [f"What reads the cut channels was not refitted: {error}"]
    source = "made-up samples" if calibration.synthetic else "calibration samples"
    return work, [f"{refitted} of {len(aims)} layers that read what the cut changed were refitted on {source}."]


def with_targets(
    original: Model, aims: Sequence[Aim], batches: Sequence[Batch], seed: int, token: Token
) -> Iterator[tuple[Aim, Target]]:
    """Every aim with what the original gives, found for as many layers in one pass as may be kept."""
    waiting: list[Aim] = []
    size = 0
    for aim in aims:
        groups, _, outputs = aim.reader.shape
        own = 4 * groups * outputs * aim.reader.rows_wanted()
        if waiting and size + own > MAX_TARGET_BYTES:
            yield from zip(waiting, _targets(original, waiting, batches, seed, token), strict=True)
            waiting, size = [], 0
        waiting.append(aim)
        size += own
    yield from zip(waiting, _targets(original, waiting, batches, seed, token), strict=True)


def _targets(original: Model, aims: Sequence[Aim], batches: Sequence[Batch], seed: int, token: Token) -> list[Target]:
    """What the original gives for some layers, in one pass."""
    names = [*dict.fromkeys(aim.target for aim in aims)]
    samples = sum(count(batch) for batch in batches)
    grids: list[tuple[int, ...]] = []
    rows: list[list[np.ndarray]] = [[] for _ in aims]
    for values in run_for(original, names, batches, token):
        for index, aim in enumerate(aims):
            result = values[aim.target]
            if len(grids) <= index:
                grids.append(aim.reader.grid(result.shape))
            positions = aim.reader.positions(grids[index], samples, seed)
            found = aim.reader.targets(result, positions)
            rows[index].append(found if aim.kept is None else found[:, aim.kept])
    return [
        Target(grid, aim.reader.positions(grid, samples, seed), tuple(own))
        for aim, grid, own in zip(aims, grids, rows, strict=True)
    ]


def refit_layer(frontier: Frontier, aim: Aim, target: Target) -> bool:
    """Writes the weights that come nearest to the target on held-out samples too; whether there are better ones.

    Where the target is clipped, what lies beyond makes no difference: it is fitted again, to what the first fit gives
    there (Zhang et al., Accelerating Very Deep Convolutional Networks, 2015, solve for the nonlinear response alike).
    """
    start = aim.reader.start()
    parts = Parts(frontier, aim, target)
    if aim.reader.draft:
        return _fit_draft(parts, aim, start)
    equations = gather(parts, start.shape)
    solution = fit(*equations, start)
    for _ in range(0 if aim.clipped == NOT_CLIPPED else CLIPPED_ROUNDS):
        better = None if solution is None else _fit_clipped(parts, aim, equations, solution)
        solution = solution if better is None else better
    if solution is None:
        return False
    aim.reader.store(solution)
    return True


def _fit_draft(parts: "Parts", aim: Aim, start: np.ndarray) -> bool:
    """Fits a layer once, and holds no samples out."""
    equations = NormalEquations(*start.shape)
    for part in parts:
        equations.add(part.rows, part.wanted - part.skip)
    solution = fit_once(equations, start)
    if solution is not None:
        aim.reader.store(solution)
    return solution is not None


def gather(parts: "Parts", shape: tuple[int, ...]) -> tuple[NormalEquations, NormalEquations]:
    """What a layer reads with what it should give: of most samples, and of those that are held out."""
    equations = NormalEquations(*shape), NormalEquations(*shape)
    for part in parts:
        for equation, chosen in zip(equations, (~part.held_out, part.held_out), strict=True):
            equation.add(part.rows[chosen], (part.wanted - part.skip)[chosen])
    return equations


def _fit_clipped(
    parts: "Parts", aim: Aim, equations: tuple[NormalEquations, NormalEquations], solution: np.ndarray
) -> np.ndarray | None:
    """A solution that is nearer to the target where that is not clipped; None if none is."""
    retarget(parts, equations, solution, aim.clipped)
    return fit(*equations, solution)


def retarget(
    parts: "Parts",
    equations: tuple[NormalEquations, NormalEquations],
    solution: np.ndarray,
    clipped: tuple[float, float],
) -> None:
    """Asks of the equations, where the target is clipped, no more than what a solution gives there."""
    for equation in equations:
        equation.forget_targets()
    for part in parts:
        wanted = _clipped(part.wanted, _product(part.rows, solution) + part.skip, clipped) - part.skip
        for equation, chosen in zip(equations, (~part.held_out, part.held_out), strict=True):
            equation.add_targets(part.rows[chosen], wanted[chosen])


@dataclass(frozen=True)
class Part:
    """One batch of what a layer is fitted on: (rows, ...) each."""

    rows: np.ndarray
    skip: np.ndarray
    wanted: np.ndarray
    held_out: np.ndarray


class Parts:
    """What a layer is fitted on, to be gone through several times; kept if it is small.

    `place` is the node that reads it, where that is not the layer's own.
    """

    def __init__(self, frontier: Frontier, aim: Aim, target: Target, place: ir.Node | None = None) -> None:
        self._frontier, self._aim, self._target = frontier, aim, target
        self._place = aim.reader.node if place is None else place
        self._kept: list[Part] = []

    def __iter__(self) -> Iterator[Part]:
        if self._kept:
            yield from self._kept
            return
        size = 0
        for part in self._gathered():
            size += part.rows.nbytes
            self._kept = [*self._kept, part] if size <= MAX_ROWS_BYTES else []
            yield part
        if size > MAX_ROWS_BYTES:
            self._kept = []

    def _gathered(self) -> Iterator[Part]:
        reader, target, skip_name = self._aim.reader, self._target, self._aim.skip
        names = [*dict.fromkeys(name for name in (reader.data, skip_name) if name)]
        first = 0
        for values, wanted in zip(self._frontier.values(names, self._place), target.rows, strict=True):
            data = values[reader.data]
            rows = reader.rows(data, target.grid, target.positions)
            skip = reader.targets(values[skip_name], target.positions) if skip_name else np.zeros((1, 1), np.float32)
            held_out = np.repeat(is_held_out(first, len(data)), len(rows) // len(data))
            yield Part(rows, skip, wanted, held_out)
            first += len(data)


def _product(rows: np.ndarray, solution: np.ndarray) -> np.ndarray:
    """What a solution makes of rows, (count, outputs of all blocks)."""
    made = rows.transpose(1, 0, 2) @ solution.astype(np.float32)
    return made.transpose(1, 0, 2).reshape(len(rows), solution.shape[0] * solution.shape[2])


def _clipped(wanted: np.ndarray, found: np.ndarray, clipped: tuple[float, float]) -> np.ndarray:
    """The target, and where it is clipped what was found, as far as that is clipped too."""
    low, high = clipped
    wanted = np.where(wanted <= low, np.minimum(found, low), wanted)
    return np.where(wanted >= high, np.maximum(found, high), wanted)
