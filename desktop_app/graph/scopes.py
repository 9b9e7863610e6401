"""The path of modules of every layer: from what the exporter wrote, from names, and at last from the graph itself."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

import onnx_ir as ir

from desktop_app.graph.blocks import find_blocks
from desktop_app.graph.model import Model

Path = tuple[str, ...]

MAX_METADATA = 10_000
"""Longer metadata is not read; it comes from the file."""

MAX_DEPTH = 32

NAMELESS = re.compile(r"^(onnx::.*|.*[Pp]arameter_?\d*|const_fold_opt.*|\W*\d*\W*)$")
"""Names of weights that tell nothing of where they belong."""


def find_scopes(model: Model, layers: Sequence[tuple[ir.Node, str]]) -> list[Path]:
    """The scope of each layer, outermost module first.

    A module that holds a single layer is no scope: it is that layer. A root that holds all layers is left out too.

    Args:
        model: The model.
        layers: Node and name of the stored weight of each layer.
    """
    paths = [path_of(node) or _of_weight(weight) for node, weight in layers]
    scopes = _without_chains(_without_single_modules(_without_root(_filled(paths))))
    return scopes if any(scopes) else find_blocks(model, [node for node, _ in layers])


def path_of(node: ir.Node) -> Path:
    """The modules that a node lies in as the exporter or its name says, outermost first; nothing where neither does."""
    return _written(node) or _of_name(node.name or "")


def _written(node: ir.Node) -> Path:
    """The modules that torch's exporter writes into the metadata."""
    return _from_name_scopes(node.metadata_props.get("pkg.torch.onnx.name_scopes", "")) or _from_namespace(
        node.metadata_props.get("namespace", "")
    )


def _from_name_scopes(text: str) -> Path:
    """A list such as ['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_3']; the last is the node."""
    if not text or len(text) > MAX_METADATA:
        return ()
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return ()
    return _clean(names[:-1])


def _from_namespace(text: str) -> Path:
    """A path such as ": ResNet/layer1: Sequential/layer1.0: BasicBlock/conv2d: aten.conv2d"; the last is the node."""
    if len(text) > MAX_METADATA:
        return ()
    return _clean([part.partition(":")[0].strip() for part in text.split("/")][:-1])


def _of_name(name: str) -> Path:
    """The modules in a node's name: "/layer1/layer1.0/conv1/Conv", "model/dense/MatMul", "features.0.conv"."""
    name = name.partition(";")[0]
    if "/" in name:
        return _clean(name.split("/")[:-1])
    return _dotted(name)


def _of_weight(name: str) -> Path:
    """The modules in the name of a weight: "layer1.0.conv1.weight", "model/dense/kernel:0", "gpu_0/res2_0_w_0"."""
    if NAMELESS.match(name):
        return ()
    if "/" in name:
        return _clean(name.split("/")[:-1])
    return _dotted(name.rpartition(".")[0] + ".weight") if "." in name else ()


def _dotted(name: str) -> Path:
    """Every prefix of a dotted name is a module: "a.b.c" lies in "a" and "a.b"."""
    parts = name.split(".")[:-1]
    return _clean([".".join(parts[: end + 1]) for end in range(len(parts))])


def _clean(names: Sequence[str]) -> Path:
    return tuple(name for name in names if name)[:MAX_DEPTH]


def _filled(paths: Sequence[Path]) -> list[Path]:
    """Gives layers without a path what the layers before and after them have in common."""
    filled = list(paths)
    known = [index for index, path in enumerate(paths) if path]
    for before, after in pairwise(known):
        shared = tuple(one for one, other in _until_different(paths[before], paths[after]))
        for index in range(before + 1, after):
            filled[index] = shared
    return filled


def _until_different(one: Path, other: Path) -> Iterator[tuple[str, str]]:
    return takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))


def _without_root(paths: Sequence[Path]) -> list[Path]:
    """Leaves out the outermost modules while all layers lie in the same one."""
    paths = list(paths)
    while len(paths) > 1 and all(paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]
    return paths


def _without_single_modules(paths: Sequence[Path]) -> list[Path]:
    """Leaves out the innermost modules while they hold one layer only."""
    held = _held(paths)
    return [tuple(path[depth] for depth in range(len(path)) if held[path[: depth + 1]] > 1) for path in paths]


def _without_chains(paths: Sequence[Path]) -> list[Path]:
    """Of modules that hold the same layers, one within the other, leaves one.

    The inner one stays where its name includes the outer one's ("net", "net.0"); otherwise the outer one: many blocks
    have a "conv" inside, and "features.1" is one of them only.
    """
    held = _held(paths)

    def is_chain(path: Path, depth: int) -> bool:
        """Whether the module at a depth holds but one module."""
        return 0 < depth < len(path) and held[path[:depth]] == held[path[: depth + 1]]

    def stays(path: Path, depth: int) -> bool:
        within, inside = path[depth - 1 : depth + 1], path[depth : depth + 2]
        if is_chain(path, depth) and not within[1].startswith(within[0]):
            return False
        return not is_chain(path, depth + 1) or not inside[1].startswith(inside[0])

    return [tuple(name for depth, name in enumerate(path) if stays(path, depth)) for path in paths]


def _held(paths: Sequence[Path]) -> Counter[Path]:
    """How many layers lie in each module, those of the modules inside it included."""
    return Counter(path[:depth] for path in paths for depth in range(1, len(path) + 1))
