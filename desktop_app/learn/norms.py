"""Batch normalisation put back behind convolutions for a training.

Exporters fold normalisation into the weights, and what is left diverges at the learning rates that its authors used. A
normalisation whose statistics are those of its own inputs, and whose scale and shift undo it, changes no output; the
training may then move it, and cleaning folds it in again (Ioffe and Szegedy 2015).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
import torch
from torch import Tensor

from desktop_app.graph.constants import array_of
from desktop_app.graph.extracting import needed
from desktop_app.graph.model import Model
from desktop_app.graph.rewriting import add_constant
from desktop_app.learn.module import GraphModule

EPSILON = 1e-5

NORMS = frozenset({"BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization"})

SUFFIX = "/normalisation"

FEW = 16
"""Samples that run at once for the statistics: the outputs of all convolutions are there at the same time."""


@dataclass(frozen=True)
class Moments:
    """Mean and variance of each channel."""

    mean: np.ndarray
    variance: np.ndarray


def put_norms_back(
    model: Model,
    batches: Iterable[Mapping[str, Tensor]],
    locked: Collection[str] = (),
    outputs: Sequence[str] = (),
) -> Model:
    """A copy that computes the same with a normalisation behind every convolution that has none.

    Args:
        model: The student, as cleaning leaves it.
        batches: Inputs that the statistics are taken of; not empty.
        locked: Names of layers to leave as they are.
        outputs: Values up to which the model is trained; its outputs by default.
    """
    copy = model.clone()
    given = [value.name or "" for value in copy.graph.inputs]
    reached = needed(copy, given, outputs or [value.name or "" for value in copy.graph.outputs])
    nodes = [node for node in reached if node.name not in locked and _wants_norm(node, model.shapes)]
    moments = _moments(model, [node.outputs[0].name or "" for node in nodes], batches, outputs)
    for node in nodes:
        found = moments.get(node.outputs[0].name or "")
        if found is not None and np.isfinite(found.variance).all() and np.isfinite(found.mean).all():
            _insert(copy.graph, node, found)
    return Model(copy.ir)


def _wants_norm(node: ir.Node, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether it is a convolution with its own weight, read within the graph, and by no normalisation."""
    if node.op_type != "Conv" or node.domain or array_of(node.inputs[1]) is None:
        return False
    if len(shapes.get(node.outputs[0].name or "", ())) < 3:
        return False  # what cannot be folded in again would stay
    output, weight = node.outputs[0], node.inputs[1]
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if weight is None or len(weight.uses()) != 1 or (bias is not None and array_of(bias) is None):
        return False
    readers = [use.node for use in output.uses()]
    inside = all(reader.graph is node.graph for reader in readers)
    return bool(readers) and inside and not output.is_graph_output() and not any(r.op_type in NORMS for r in readers)


def _moments(
    model: Model, names: list[str], batches: Iterable[Mapping[str, Tensor]], outputs: Sequence[str]
) -> dict[str, Moments]:
    """Mean and variance per channel (axis 1) of the named values, which are held for a few samples at a time."""
    module = GraphModule(model, outputs=outputs).eval()
    sums: dict[str, tuple[Tensor, Tensor, int]] = {}
    with torch.no_grad():
        for inputs in (few for batch in batches for few in _few_by_few(model, batch)):
            values = module(inputs, also=names)
            for name in names:
                rows = values[name].transpose(0, 1).flatten(1).double()
                first, second, count = sums.get(name, (0.0, 0.0, 0))
                sums[name] = (first + rows.sum(1), second + rows.square().sum(1), count + rows.shape[1])
    return {name: _of_sums(*found) for name, found in sums.items()}


def _few_by_few(model: Model, batch: Mapping[str, Tensor]) -> Iterator[Mapping[str, Tensor]]:
    """A batch in pieces, where every input leaves open how many samples come at once."""
    free = all(value.shape is not None and not isinstance(value.shape[0], int) for value in model.graph.inputs)
    samples = {tensor.shape[0] for tensor in batch.values() if tensor.dim()}
    if not free or len(samples) != 1:
        yield batch
        return
    for start in range(0, samples.pop(), FEW):
        yield {name: tensor[start : start + FEW] for name, tensor in batch.items()}


def _of_sums(first: Tensor, second: Tensor, count: int) -> Moments:
    mean = first / count
    variance = (second / count - mean.square()).clamp(min=0.0)
    return Moments(mean.numpy().astype(np.float32), variance.numpy().astype(np.float32))


def _insert(graph: ir.Graph, node: ir.Node, moments: Moments) -> None:
    """Puts a normalisation that changes nothing behind a node; the value's name goes to the normalised one."""
    output = node.outputs[0]
    name, base = output.name or "", f"{node.name}{SUFFIX}"
    scale = np.sqrt(moments.variance + np.float32(EPSILON))
    arrays = {"scale": scale, "shift": moments.mean, "mean": moments.mean, "variance": moments.variance}
    constants = [add_constant(graph, f"{base}/{key}", np.array(array, np.float32)) for key, array in arrays.items()]
    norm = ir.node("BatchNormalization", [output, *constants], {"epsilon": EPSILON}, name=base)
    output.replace_all_uses_with(norm.outputs[0])
    norm.replace_input_with(0, output)
    output.name = f"{name}{SUFFIX}/input"
    norm.outputs[0].name = name
    norm.outputs[0].type, norm.outputs[0].shape = output.type, output.shape
    graph.insert_after(node, norm)
