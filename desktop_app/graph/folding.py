"""Nodes whose result does not depend on the model's inputs, and what they compute, by ONNX Runtime."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import onnx
import onnx_ir as ir

from desktop_app.core.errors import StudioError
from desktop_app.graph.operators import operators
from desktop_app.graph.protos import declare, model_proto, node_proto
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session

VARIABLE = operators(
    "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial Bernoulli Dropout BatchNormalization"
    " If Loop Scan SequenceMap"
)
"""Standard operators that may give another result next time, or that run a graph of their own."""

FEEDABLE = frozenset(
    {
        ir.DataType.FLOAT,
        ir.DataType.DOUBLE,
        ir.DataType.FLOAT16,
        ir.DataType.INT64,
        ir.DataType.INT32,
        ir.DataType.INT16,
        ir.DataType.INT8,
        ir.DataType.UINT8,
        ir.DataType.BOOL,
    }
)
"""Element types that numpy and ONNX Runtime both have."""

EVALUATION_ERRORS: tuple[type[Exception], ...] = (StudioError, *RUNTIME_ERRORS)


def constant_nodes(graph: ir.Graph, known: Iterable[str], allowed: Callable[[ir.Node], bool]) -> list[ir.Node]:
    """The nodes of a graph that depend on the values `known` only, in order; Constant nodes are left out."""
    reached = set(known)
    found = []
    for node in graph:
        if not node.inputs or node.domain or node.op_type in VARIABLE:
            continue
        if all(value is None or value.name in reached for value in node.inputs) and allowed(node):
            found.append(node)
            reached.update(value.name or "" for value in node.outputs)
    return found


def evaluate(nodes: Iterable[ir.Node], constants: Mapping[str, np.ndarray], opset: int) -> dict[str, np.ndarray]:
    """What the nodes give, by value name; nothing when ONNX Runtime cannot compute them.

    Args:
        nodes: In execution order, of the standard domain.
        constants: The arrays that they read and do not make themselves; fed, so that they are not copied.
        opset: The version of the standard operators.
    """
    graph = onnx.GraphProto(name="constants")
    graph.node.extend(node_proto(node) for node in nodes)
    made = [name for node in graph.node for name in node.output if name]
    feeds = {name: constants[name] for node in graph.node for name in node.input if name in constants}
    for name, array in feeds.items():
        declare(graph.input.add(name=name), int(ir.DataType.from_numpy(array.dtype)), array.shape)
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in made)
    try:
        session = open_session(model_proto(graph, {"": opset}).SerializeToString(), optimise=False)
        results = session.run(made, feeds)
    except EVALUATION_ERRORS:
        return {}
    return {name: result for name, result in zip(made, results, strict=True) if isinstance(result, np.ndarray)}
