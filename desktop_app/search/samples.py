"""Samples kept decoded, with what the original gives on them: a search goes through the same ones again and again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import onnxruntime as ort

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.base import DataSet, Decoding, Samples

MOST_BYTES = 256 * 2**20
"""Of batches that are kept; what does not fit is decoded and computed each time."""

_Asked = tuple[tuple[int, ...], int]
"""Which samples were asked for, and in batches of how many."""


def remembered(data: DataSet, model: Model, *, threads: int = 1) -> DataSet:
    """The same samples, each batch with the outputs of a model beside what the data expects there."""
    return replace(data, source=_Remembered(data, open_session(model, threads=threads)))


class _Remembered:
    """A source that keeps what it has given, from the first batch of what was asked for on."""

    def __init__(self, data: DataSet, session: ort.InferenceSession) -> None:
        self._data, self._source, self._session = data, data.source, session
        self._names = [one.name for one in session.get_outputs()]
        self._kept: dict[_Asked, list[Samples]] = {}
        self._whole = set[_Asked]()
        self._bytes = 0

    @property
    def kind(self) -> str:
        """As the source's."""
        return self._source.kind

    @property
    def samples(self) -> int:
        """As the source's."""
        return self._source.samples

    @property
    def classes(self) -> int:
        """As the source's."""
        return self._source.classes

    @property
    def notes(self) -> tuple[str, ...]:
        """As the source's."""
        return self._source.notes

    @property
    def decoding(self) -> Decoding:
        """As the source's."""
        return self._source.decoding

    def title(self, index: int) -> tuple[str, str]:
        """As the source's."""
        return self._source.title(index)

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The samples of `indices` in that order, in batches as the model takes them.

        The source is asked for all of them at once: it leaves out broken files as long as they are few among them.
        """
        asked = (tuple(indices), batch_size)
        kept = self._kept.setdefault(asked, [])
        if asked in self._whole:
            yield from kept
            return
        count = 0
        for batch in self._data.batches(indices, batch_size):
            if count < len(kept):
                yield kept[count]
            else:
                known = self._with_outputs(batch)
                self._keep(kept, count, known)
                yield known
            count += 1
        if count == len(kept):
            self._whole.add(asked)

    def _with_outputs(self, batch: Samples) -> Samples:
        with running():
            outputs = self._session.run(self._names, batch.inputs)
        return replace(batch, outputs=dict(zip(self._names, outputs, strict=True)))

    def _keep(self, kept: list[Samples], place: int, batch: Samples) -> None:
        size = sum(
            one.nbytes for one in (*batch.inputs.values(), *batch.outputs.values()) if isinstance(one, np.ndarray)
        )
        if place == len(kept) and self._bytes + size <= MOST_BYTES:
            kept.append(batch)
            self._bytes += size
