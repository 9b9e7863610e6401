"""What every group loses with its channels, found on data: from what its readers lose to what the model's output loses.

How many channels may go is told by samples other than those by which they were chosen: a classifier that reads one
vector of an image can be refitted perfectly to fewer images than it has inputs, which says nothing of others. Losses of
different groups are made comparable by what they do to the model's output: a group is thinned out alone and the output
looked at, once; that the output's error grows in proportion to the readers' was found to hold well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.progress import Progress, Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.elimination import Objective, eliminate
from desktop_app.steps.channel_pruning.judgement import Judgement
from desktop_app.steps.channel_pruning.outputs import OutputError
from desktop_app.steps.channel_pruning.reader import LEAST_PER_UNKNOWN, Reader, as_reader
from desktop_app.steps.channel_pruning.samples import count, is_held_out, run_for

RIDGE = 1e-3
"""Added to the second moments, as a share of their mean diagonal, where there are rows enough; else more."""

MAX_UNKNOWNS = 1536
"""Readers with more weights for one output are not judged by."""

MAX_BYTES = 192 * 2**20
"""Of moments, and of what readers read of one batch: as many readers at a time as fit."""

STOPS = 12
"""At so many numbers of channels the loss is looked at on held-out samples."""


@dataclass
class Moments:
    """Second moments of what one reader reads, for each of its blocks, from samples that choose and that judge."""

    choosing: np.ndarray
    judging: np.ndarray
    rows: int = 0


def losses_of_readers(
    model: Model,
    groups: Sequence[ChannelGroup],
    batches: Sequence[Batch],
    token: Token,
    seed: int,
    error: OutputError | None,
) -> dict[int, Judgement]:
    """The judgement of every group that some reader can judge.

    Args:
        model: The model as it is.
        groups: Some of its groups.
        batches: Samples.
        token: Hears of the progress, says when to stop.
        seed: Of the choice of positions in large images.
        error: Makes the losses of different groups comparable, with a run of the model for each; None for losses
            that are not.

    Raises:
        Cancelled: when the token says so.
    """
    judged: dict[int, Judgement] = {}
    for together in _together(model, groups, batches):
        readers = {name: reader for _, own in together for name, reader in own.items()}
        moments = _moments(model, readers, batches, token, seed)
        for group, own in together:
            token.report(Progress("prune_channels", 0.0, f"judging the channels of {group.producers[0]}"))
            known = {name: reader for name, reader in own.items() if np.isfinite(moments[name].choosing).all()}
            if known:
                judged[group.id] = _Judge(model, group, known, moments).judgement(error, token)
    return judged


def _together(
    model: Model, groups: Sequence[ChannelGroup], batches: Sequence[Batch]
) -> Iterator[list[tuple[ChannelGroup, dict[str, Reader]]]]:
    """Groups with their readers, as many at a time as may be looked at in one pass."""
    waiting: list[tuple[ChannelGroup, dict[str, Reader]]] = []
    size = 0
    samples = count(batches[0]) if batches else 0
    for group in groups if batches else ():
        readers = {name: reader for name in group.consumers if (reader := _judging(model, name)) is not None}
        own = sum(_bytes(model, reader, samples) for reader in readers.values())
        if waiting and size + own > MAX_BYTES:
            yield waiting
            waiting, size = [], 0
        if readers:
            waiting.append((group, readers))
            size += own
    if waiting:
        yield waiting


def _judging(model: Model, name: str) -> Reader | None:
    """A reader that channels can be judged by; not one that makes of each channel its own, for what reads them does."""
    reader = as_reader(model, name)
    if reader is not None and reader.groups > 1 and reader.unknowns - (reader.bias is not None) == reader.taps:
        return None
    known = reader is not None and reader.unknowns <= MAX_UNKNOWNS and bool(np.isfinite(reader.start()).all())
    return reader if known else None


def _bytes(model: Model, reader: Reader, samples: int) -> int:
    """What looking at one reader takes: its moments, and its input of one batch."""
    elements = np.prod(np.maximum(model.shapes.get(reader.data, ()), 1), dtype=np.int64)
    return 2 * 8 * reader.groups * reader.unknowns**2 + 4 * samples * int(elements)


def _moments(
    model: Model, readers: Mapping[str, Reader], batches: Sequence[Batch], token: Token, seed: int
) -> dict[str, Moments]:
    """Second moments of what the readers read, in one pass."""
    samples = sum(count(batch) for batch in batches)
    shapes = {name: (reader.groups, reader.unknowns, reader.unknowns) for name, reader in readers.items()}
    sums = {name: Moments(np.zeros(shape), np.zeros(shape)) for name, shape in shapes.items()}
    values = dict.fromkeys(value for reader in readers.values() for value in (reader.data, reader.result))
    first = 0
    for found in run_for(model, [*values], batches, token):
        for name, reader in readers.items():
            data = found[reader.data]
            grid = reader.grid(found[reader.result].shape)
            rows = reader.rows(data, grid, reader.positions(grid, samples, seed, LEAST_PER_UNKNOWN))
            judging = np.repeat(is_held_out(first, len(data)), len(rows) // len(data))
            _add(sums[name].choosing, rows[~judging])
            _add(sums[name].judging, rows[judging])
            sums[name].rows += len(rows)
        first += len(data)
    return sums


def _add(moments: np.ndarray, rows: np.ndarray) -> None:
    moments += rows.transpose(1, 2, 0) @ rows.transpose(1, 0, 2)


class _Judge:
    """Takes the channels of one group away, one after another."""

    def __init__(
        self, model: Model, group: ChannelGroup, readers: Mapping[str, Reader], moments: Mapping[str, Moments]
    ) -> None:
        self._group, self._readers = group, readers
        self._objectives: dict[str, list[Objective]] = {}
        self._judging: list[np.ndarray] = []
        for name, reader in readers.items():
            found, places, start = moments[name], _places(model, group, name, reader), reader.start()
            ridge = RIDGE * max(1.0, LEAST_PER_UNKNOWN * reader.unknowns / max(found.rows, 1))
            self._objectives[name] = [
                Objective(found.choosing[block], start[block], places, ridge) for block in range(reader.groups)
            ]
            self._judging += [*(found.judging if found.judging.any() else found.choosing)]

    def judgement(self, error: OutputError | None, token: Token) -> Judgement:
        """The order in which the channels go, and the loss on the way."""
        channels = self._group.channels
        objectives = [one for blocks in self._objectives.values() for one in blocks]
        stops = {*np.linspace(0, channels - 1, STOPS).round().astype(int).tolist(), channels // 2} - {0}
        order: list[int] = []
        gone, losses = [0], [0.0]
        factor = 1.0
        for channel in eliminate(objectives, channels, token):
            order.append(channel)
            if len(order) in stops:
                gone.append(len(order))
                losses.append(sum(one.loss(m) for one, m in zip(objectives, self._judging, strict=True)))
            if len(order) == channels // 2 and error is not None and losses[-1] > 0:
                factor = error.of_weights(self._weights()) / losses[-1]
        (last,) = set(range(channels)) - set(order)
        loss = np.maximum.accumulate(np.interp(np.arange(channels), gone, losses))
        return Judgement(np.array([*order, last]), loss * max(factor, 1e-12))

    def _weights(self) -> dict[str, np.ndarray]:
        """What the readers' weights would be by now."""
        return {name: np.stack([one.weights for one in blocks]) for name, blocks in self._objectives.items()}


def _places(model: Model, group: ChannelGroup, name: str, reader: Reader) -> np.ndarray:
    """For every channel of the group the rows of the reader's weight blocks, (channels, weights of each)."""
    channels = model.channels
    weight = channels.weights[name]
    units = channels.units(group.id, channels.axes_by_value[weight.constant][weight.input])  # type: ignore[arg-type]
    if reader.form == "transposed":  # the inputs of all its groups lie on one axis
        units = units[: units.size // reader.groups]
    inputs = reader.unknowns - (reader.bias is not None)
    of_row = np.repeat(units, inputs // units.size)
    rows = np.argsort(of_row, kind="stable")[np.count_nonzero(of_row < 0) :]
    return rows.reshape(group.channels, -1)
