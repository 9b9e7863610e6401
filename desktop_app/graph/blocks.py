"""Blocks of a graph without telling names: the stretches between points where a single tensor crosses."""

from collections.abc import Sequence
from itertools import groupby

import onnx_ir as ir

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model


def find_blocks(model: Model, layers: Sequence[ir.Node]) -> list[tuple[str, ...]]:
    """For each layer the block that it lies in, alone in a path, or nothing where a stretch has no second layer."""
    stretches = _stretches(model.graph)
    numbers = [stretches.get(node, -1) for node in layers]
    names: dict[int, str] = {}
    for number, run in groupby(numbers):
        if number >= 0 and len(list(run)) > 1:
            names[number] = f"block {len(names) + 1}"
    return [(names[number],) if number in names else () for number in numbers]


def _stretches(graph: ir.Graph) -> dict[ir.Node, int]:
    """Node to the number of the stretch that it lies in."""
    nodes = list(graph)
    last_read = _last_reads(nodes)
    ends: dict[int, int] = {}
    stretches: dict[ir.Node, int] = {}
    constant: set[ir.Value] = set()
    alive = number = 0
    for index, node in enumerate(nodes):
        stretches[node] = number
        if all(value is None or value in constant or tensor_of(value) is not None for value in node.inputs):
            constant.update(node.outputs)
            continue
        for value in node.outputs:
            if last_read.get(value, -1) > index:
                alive += 1
                ends[last_read[value]] = ends.get(last_read[value], 0) + 1
        alive -= ends.pop(index, 0)
        if alive <= 1:
            number += 1
    return stretches


def _last_reads(nodes: Sequence[ir.Node]) -> dict[ir.Value, int]:
    """Value to the position of the last node that reads it."""
    return {value: index for index, node in enumerate(nodes) for value in node.inputs if value is not None}
