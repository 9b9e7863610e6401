"""Training block by block, where the memory for all activations at once is short.

Between two values through which everything passes lies a block. The student's block reads what the student itself has
there by now, and learns to give what the original has behind it, so errors of earlier blocks are made up for; only
one block's activations are kept for the gradients.
"""

from collections.abc import Collection, Mapping

import onnx_ir as ir
import torch
from torch import Tensor

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.extracting import needed
from desktop_app.graph.model import Model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.named import NamedModule


def crossings(model: Model) -> tuple[str, ...]:
    """The values of the main graph that alone cross a point between two nodes, in order; no inputs, no outputs."""
    nodes = list(model.graph)
    last = {value: index for index, node in enumerate(nodes) for value in node.inputs if value is not None}
    live: set[ir.Value] = {value for value in model.graph.inputs if value in last}
    outputs = set(model.graph.outputs)
    found = []
    for index, node in enumerate(nodes):
        if any(value in live for value in node.inputs if value is not None):
            live.update(value for value in node.outputs if value in last or value in outputs)
        live = {value for value in live if last.get(value, -1) > index or value in outputs}
        if len(live) == 1 and (only := next(iter(live))).producer() is not None and only not in outputs:
            found.append(only.name or "")
    return tuple(dict.fromkeys(found))


def shared_crossings(student: Model, original: Model) -> tuple[str, ...]:
    """Those through which both models pass by the same name, in the same shape."""
    known = set(crossings(original))
    same = (name for name in crossings(student) if name in known)
    return tuple(n for n in same if student.shapes.get(n) and student.shapes.get(n) == original.shapes.get(n))


def blocks_of(student: Model, original: Model, outputs: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Where the blocks with something to train end: the values to learn, block after block; the outputs come last."""
    ends, learned = [], set[str]()
    for name in shared_crossings(student, original):
        trained = _weights_before(student, name)
        if trained - learned:
            ends.append((name,))
            learned = trained
    return (*ends, tuple(outputs))


def _weights_before(model: Model, name: str) -> set[str]:
    """Names of the constants of floats, of two axes or more, that a value depends on."""
    inputs = [value.name or "" for value in model.graph.inputs]
    values = (value for node in needed(model, inputs, [name]) for value in node.inputs if value is not None)
    return {value.name or "" for value in values if (one := tensor_of(value)) is not None and len(one.shape) > 1}


class Block(NamedModule):
    """A block of the student behind the part before it, which does not train.

    Args:
        before: What computes the value that the block reads; None where it reads the model's inputs.
        block: The block.
    """

    def __init__(self, before: GraphModule | None, block: GraphModule) -> None:
        super().__init__()
        self._before = [] if before is None else [before.eval()]  # in a list: its weights are not the block's
        self.block = block

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The values behind the block."""
        given: Mapping[str, Tensor] = inputs
        for part in self._before:
            with torch.no_grad():
                given = {**inputs, **part(inputs)}
        wanted: dict[str, Tensor] = self.block(given, also=also)
        return wanted
