"""Which channels can be spared when what reads them is refitted: backward elimination on the least-squares objective.

Taking a channel away and refitting the others costs w^T (P_cc)^-1 w, where P is the inverse of the second moments of
what the reader reads, and w the weights on that channel (Hassibi and Stork, Optimal Brain Surgeon, 1993, for blocks).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.reader import Reader, as_reader
from desktop_app.steps.channel_pruning.samples import count, run_for

RIDGE = 1e-3
"""Added to the second moments, as a share of their mean diagonal."""

MAX_UNKNOWNS = 1536
"""Readers with more weights for one output are not judged by."""

AT_ONCE = 4
"""Readers whose inputs are gathered in one pass."""


class _Objective:
    """What one reader loses when channels go. `places` (channels, weights of each) are rows of its weight matrix."""

    def __init__(self, moments: np.ndarray, weights: np.ndarray, places: np.ndarray) -> None:
        scale = max(float(np.trace(moments)) / len(moments), 1e-12)
        moments = moments / scale + RIDGE * np.eye(len(moments))
        self._inverse = np.linalg.inv(moments)
        self._weights = weights.copy()
        self._places = places
        self._total = max(float(np.sum(weights * (moments @ weights))), 1e-30)

    def costs(self, channels: np.ndarray) -> np.ndarray:
        """Share of the output's energy that is lost with each of some channels."""
        places = self._places[channels]
        blocks = np.linalg.inv(self._inverse[places[:, :, None], places[:, None, :]])
        weights = self._weights[places]
        lost: np.ndarray = np.sum(weights * (blocks @ weights), axis=(1, 2)) / self._total
        return lost

    def remove(self, channel: int) -> None:
        """Takes a channel away, and refits the others."""
        place = self._places[channel]
        gain = self._inverse[:, place] @ np.linalg.inv(self._inverse[np.ix_(place, place)])
        self._weights -= gain @ self._weights[place]
        self._inverse -= gain @ self._inverse[place]


def elimination_costs(
    model: Model, groups: Sequence[ChannelGroup], batches: Sequence[Batch], token: Token, seed: int
) -> dict[int, np.ndarray]:
    """For every channel of a group how much is lost by the time that it goes; groups that nothing judges are absent."""
    if not batches:
        return {}
    readers: dict[str, Reader] = {}
    for name in dict.fromkeys(name for group in groups for name in group.consumers):
        reader = as_reader(model, name)
        if reader is not None and reader.unknowns <= MAX_UNKNOWNS and np.isfinite(reader.start()).all():
            readers[name] = reader
    moments = dict(_moments(model, readers, batches, token, seed))
    costs = {}
    for group in groups:
        objectives = []
        for name in group.consumers:
            if name in moments and np.isfinite(moments[name]).all():
                places = _places(model, group, name, readers[name])
                objectives.append(_Objective(moments[name], readers[name].start(), places))
        if objectives:
            costs[group.id] = _eliminate(objectives, group.channels, token)
    return costs


def _moments(
    model: Model, readers: Mapping[str, Reader], batches: Sequence[Batch], token: Token, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Second moments of what the readers read."""
    samples = sum(count(batch) for batch in batches)
    names = [*readers]
    for start in range(0, len(names), AT_ONCE):
        token.report(Progress("prune_channels", 0.0, f"judging the inputs of {names[start]}"))
        together = {name: readers[name] for name in names[start : start + AT_ONCE]}
        sums = {name: np.zeros((reader.unknowns, reader.unknowns)) for name, reader in together.items()}
        values = dict.fromkeys(value for reader in together.values() for value in (reader.data, reader.result))
        for found in run_for(model, [*values], batches, token):
            for name, reader in together.items():
                grid = reader.grid(found[reader.result])
                rows = reader.rows(found[reader.data], grid, reader.positions(grid, samples, seed))
                sums[name] += rows.T @ rows
        yield from sums.items()


def _places(model: Model, group: ChannelGroup, name: str, reader: Reader) -> np.ndarray:
    """For every channel of the group the rows of the reader's weight matrix, (channels, weights of each)."""
    channels = model.channels
    weight = channels.weights[name]
    units = channels.units(group.id, channels.axes_by_value[weight.constant][weight.input])  # type: ignore[arg-type]
    inputs = reader.unknowns - (reader.bias is not None)
    of_row = np.repeat(units, inputs // units.size)
    rows = np.argsort(of_row, kind="stable")[np.count_nonzero(of_row < 0) :]
    return rows.reshape(group.channels, -1)


def _eliminate(objectives: Sequence[_Objective], channels: int, token: Token) -> np.ndarray:
    """What is lost in all when each channel goes, the cheapest first; the last one costs more than all others."""
    left = np.arange(channels)
    lost = np.zeros(channels)
    total = 0.0
    while left.size > 1:
        token.check()
        costs = np.sum([objective.costs(left) for objective in objectives], axis=0)
        cheapest = int(np.argmin(costs))
        total += max(float(costs[cheapest]), 1e-12)
        lost[left[cheapest]] = total
        for objective in objectives:
            objective.remove(int(left[cheapest]))
        left = np.delete(left, cheapest)
    lost[left] = 2 * total + 1e-12
    return lost
