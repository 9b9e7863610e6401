"""What the samples say of each layer by itself, layer after layer, so that no more than a few are in memory."""

from collections.abc import Iterator, Sequence

import numpy as np

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.least_squares import NormalEquations
from desktop_app.steps.channel_pruning.reader import Reader
from desktop_app.steps.channel_pruning.samples import FAILURES, count, run_for
from desktop_app.steps.factorisation.regression import Regression, by_outputs, unchanged_inputs, weight_alone
from desktop_app.steps.factorisation.systems import System

AT_ONCE, DRAFTS_AT_ONCE = 8, 64
"""Layers whose inputs are gathered in one pass over the samples; of drafts, which take few rows, more."""

MAX_BYTES = 256 * 2**20
"""Of the second moments that are gathered in one pass."""


def evidence(
    model: Model, systems: Sequence[System], batches: Sequence[Batch], token: Token, seed: int
) -> Iterator[tuple[System, Regression]]:
    """Every layer with the objective of its factors, in order; by the weights alone where the samples say nothing."""
    done = 0
    for group in _groups(systems):
        token.check()
        token.report(Progress("low_rank", done / len(systems), f"weighing the errors of {group[0].layer.name}"))
        found = _moments(model, [one for one in group if one.reader is not None], batches, token, seed)
        for system in group:
            equations = found.get(system.layer.name)
            regression = None
            if equations is not None:
                regression = by_outputs(system, equations) if system.wide else unchanged_inputs(system, equations)
            yield system, regression or weight_alone(system)
        done += len(group)


def _moments(
    model: Model, systems: Sequence[System], batches: Sequence[Batch], token: Token, seed: int
) -> dict[str, NormalEquations]:
    """Second moments of what the layers read; of wide ones, of what they give. Nothing where the model does not run."""
    readers = {system.layer.name: system.reader for system in systems if system.reader is not None}
    wide = {system.layer.name for system in systems if system.wide}
    sums = {system.layer.name: NormalEquations(1, _side(system), 0) for system in systems}
    names = [*dict.fromkeys(name for reader in readers.values() for name in (reader.data, reader.result))]
    samples = sum(count(batch) for batch in batches)
    try:
        for values in run_for(model, names, batches, token) if batches and readers else ():
            for name, reader in readers.items():
                rows = _rows(reader, values, samples, seed, outputs=name in wide)
                sums[name].add(rows, np.zeros((len(rows), 0)))
    except FAILURES:
        return {}
    return sums


def _rows(reader: Reader, values: Batch, samples: int, seed: int, *, outputs: bool) -> np.ndarray:
    """What the layer reads or gives at some positions, with a 1 for the bias: (rows, 1, any)."""
    grid = reader.grid(values[reader.result].shape)
    positions = reader.positions(grid, samples, seed)
    if not outputs:
        return reader.rows(values[reader.data], grid, positions)
    rows = reader.targets(values[reader.result], positions)
    return np.hstack([rows, np.ones((len(rows), 1), rows.dtype)])[:, None]


def _side(system: System) -> int:
    """How many columns the rows have."""
    if system.wide:
        return system.layer.output.size + 1
    return 0 if system.reader is None else system.reader.unknowns


def _groups(systems: Sequence[System]) -> Iterator[list[System]]:
    """As many layers at a time as fit."""
    group: list[System] = []
    used = 0
    for system in systems:
        size = 8 * _side(system) ** 2
        draft = system.reader is not None and system.reader.draft
        if group and (len(group) >= (DRAFTS_AT_ONCE if draft else AT_ONCE) or used + size > MAX_BYTES):
            yield group
            group, used = [], 0
        group.append(system)
        used += size
    if group:
        yield group
