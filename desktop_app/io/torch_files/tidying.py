"""Names for what torch's exporters leave unnamed: nodes after the modules that they stand for, weights after nodes."""

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import onnx_ir as ir

from desktop_app.io.torch_files.naming import node_name

SCOPES_KEY = "pkg.torch.onnx.name_scopes"

ROLES: Mapping[str, Sequence[str]] = {
    "Conv": ("", "weight", "bias"),
    "ConvTranspose": ("", "weight", "bias"),
    "Gemm": ("", "weight", "bias"),
    "MatMul": ("weight", "weight"),
    "BatchNormalization": ("", "weight", "bias", "running_mean", "running_var"),
}
"""What torch's modules call the inputs of an operator that are parameters."""

NAMELESS = re.compile(r"onnx::\w+")

KEPT_METADATA = (SCOPES_KEY, "namespace")
"""The rest are stack traces with the paths of another computer."""


def tidy(model: ir.Model) -> ir.Model:
    """Names nodes, values and weights after modules, in place, and forgets where on whose disk the code lay."""
    used: Counter[str] = Counter()
    ends = {*model.graph.inputs, *model.graph.outputs}
    for node in model.graph:
        path = _module(node)
        if path is not None:
            node.name = _free(node_name(path, node.op_type), used)
            for index, value in enumerate(node.outputs):
                if value not in ends:
                    value.name = f"{node.name}_output_{index}"
        for key in [key for key in node.metadata_props if key not in KEPT_METADATA]:
            del node.metadata_props[key]
    _name_weights(model.graph)
    return model


def _module(node: ir.Node) -> str | None:
    """The path of the module that a node was exported from; None where nothing says it."""
    try:
        scopes = ast.literal_eval(node.metadata_props.get(SCOPES_KEY, ""))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        return None
    return next((one for one in reversed(scopes[:-1]) if one), "")


def _name_weights(graph: ir.Graph) -> None:
    """Gives weights that have only a number the name of the module that reads them."""
    for node in graph:
        for role, value in zip(ROLES.get(node.op_type, ()), node.inputs, strict=False):
            if not role or value is None or not NAMELESS.fullmatch(value.name or ""):
                continue
            if value.name in graph.initializers and "/" in (node.name or ""):
                name = ".".join([*_path(node.name or ""), role])
                if name not in graph.initializers:
                    _rename(graph, value, name)


def _path(name: str) -> list[str]:
    """The module in the name of a node, with numbered modules by their number alone."""
    return [part.rpartition(".")[2] for part in name.strip("/").split("/")[:-1]]


def _rename(graph: ir.Graph, value: ir.Value, name: str) -> None:
    graph.initializers.pop(value.name or "")
    value.name = name
    if value.const_value is not None:
        value.const_value.name = name
    graph.initializers[name] = value


def _free(name: str, used: Counter[str]) -> str:
    used[name] += 1
    return name if used[name] == 1 else f"{name}_{used[name] - 1}"
