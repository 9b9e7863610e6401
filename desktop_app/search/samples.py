"""Samples kept decoded, with what the original gives on them: a search goes through the same ones again and again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import onnxruntime as ort

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.base import DataSet, Decoding, Samples, Source

MOST_BYTES = 256 * 2**20
"""Of batches that are kept; what does not fit is decoded and computed each time."""


def remembered(data: DataSet, model: Model, *, threads: int = 1) -> DataSet:
    """The same samples, each batch with the outputs of a model beside what the data expects there."""
    return replace(data, source=_Remembered(data.source, open_session(model, threads=threads)))


class _Remembered:
    """A source that keeps what it has given."""

    def __init__(self, source: Source, session: ort.InferenceSession) -> None:
        self._source, self._session = source, session
        self._names = [one.name for one in session.get_outputs()]
        self._kept: dict[tuple[int, ...], tuple[Samples, ...]] = {}
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
        """The samples of `indices` in that order; the last batch may be smaller."""
        for start in range(0, len(indices), batch_size):
            chunk = tuple(indices[start : start + batch_size])
            known = self._kept.get(chunk)
            if known is None:
                known = tuple(self._with_outputs(one) for one in self._source.batches(chunk, batch_size))
                self._keep(chunk, known)
            yield from known

    def _with_outputs(self, batch: Samples) -> Samples:
        with running():
            outputs = self._session.run(self._names, batch.inputs)
        return replace(batch, outputs=dict(zip(self._names, outputs, strict=True)))

    def _keep(self, chunk: tuple[int, ...], batches: tuple[Samples, ...]) -> None:
        size = sum(
            one.nbytes
            for batch in batches
            for one in (*batch.inputs.values(), *batch.outputs.values())
            if isinstance(one, np.ndarray)
        )
        if self._bytes + size <= MOST_BYTES:
            self._kept[chunk] = batches
            self._bytes += size
