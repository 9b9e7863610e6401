"""Going through a model once, layer by layer, with the values kept at the place that was come to."""

from collections.abc import Iterator, Sequence

import onnx_ir as ir

from desktop_app.core.progress import Token
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model, nodes_of
from desktop_app.graph.runnable import runnable
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch

MAX_BYTES = 256 * 2**20
"""Values that would take more are not kept: they are computed again from those kept before."""


class Frontier:
    """Computes values of a model whose weights change from front to back.

    What lies before the node that was reached is final. The values that cross that place are kept for all samples, so
    that every node is run about once and not once for each layer behind it.
    """

    def __init__(self, model: Model, batches: Sequence[Batch], token: Token) -> None:
        self._model, self._token = model, token
        self._kept: Sequence[Batch] = batches
        self._inputs = {value.name for value in model.graph.inputs}
        self._order = {node: position for position, node in enumerate(model.graph)}

    def values(self, names: Sequence[str], node: ir.Node) -> Iterator[Batch]:
        """Values for every batch; `node` is reached: what lies before it will not change any more."""
        if all(name in self._kept[0] for name in names):
            yield from ({name: batch[name] for name in names} for batch in self._kept)
            return
        crossing = self._crossing(self._order[node])
        given = [name for name in crossing if name in self._kept[0]]
        everything = [*dict.fromkeys([*names, *(name for name in crossing if name not in given)])]
        session = open_session(runnable(self._model, _types(self._kept), everything))
        inputs = {value.name for value in session.get_inputs()}
        kept: list[Batch] = []
        size = 0
        for batch in self._kept:
            self._token.check()
            wanted = everything if size <= MAX_BYTES else names
            feed = {name: array for name, array in batch.items() if name in inputs}
            found = dict(zip(wanted, session.run(list(wanted), feed), strict=True))
            yield {name: found[name] for name in names}
            if size <= MAX_BYTES:
                kept.append({**{name: batch[name] for name in given}, **found})
                size += sum(array.nbytes for array in kept[-1].values())
        if size <= MAX_BYTES:
            self._kept = kept

    def _crossing(self, position: int) -> list[str]:
        """Names of the values that are there before a position and are needed from there on."""
        later = [node for node, place in self._order.items() if place >= position]
        read = (value for node in nodes_of(later) for value in node.inputs)
        return [*dict.fromkeys(value.name or "" for value in read if value and self._before(value, position))]

    def _before(self, value: ir.Value, position: int) -> bool:
        """Whether a value is computed, or an input, before a position."""
        node = value.producer()
        if node is None:
            return value.name in self._inputs
        return tensor_of(value) is None and self._order.get(node, position) < position


def _types(batches: Sequence[Batch]) -> dict[str, tuple[ir.DataType, tuple[int | None, ...]]]:
    """Type and shape of every value; a size that differs from batch to batch, and the first, is left open."""
    types = {}
    for name, array in batches[0].items():
        shapes = [batch[name].shape for batch in batches]
        alike = [len({*sizes}) == 1 for sizes in zip(*shapes, strict=True)]
        shape = tuple(size if axis and alike[axis] else None for axis, size in enumerate(array.shape))
        types[name] = ir.DataType.from_numpy(array.dtype), shape
    return types
