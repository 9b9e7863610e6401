"""The tree of scopes as plain nodes: built at once from the layer table, folded where a scope holds a single thing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.text import clean_name

MAX_DEPTH = 32
"""What lies deeper is one scope: the file is not to be trusted, and Qt lays out rows by recursion."""


@dataclass(eq=False, slots=True)
class Node:
    """A row: a layer, or a scope with all layers below it.

    Attributes:
        label: What the row is called below its parent.
        path: The scope, outermost first, and for a layer its name; the same row has it after every rebuild.
        parent: The row above; None for the invisible root.
        layer: The layer; None for a scope.
        layers: All layers at or below the row, in execution order.
        row: Position below the parent.
    """

    label: str
    path: tuple[str, ...]
    parent: "Node | None" = None
    layer: Layer | None = None
    children: "list[Node]" = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    row: int = 0
    _cost: Cost | None = None

    @property
    def cost(self) -> Cost:
        """What the layers cost; summed when it is asked for the first time."""
        if self._cost is None:
            self._cost = sum((Cost(one.bytes, one.params, one.macs) for one in self.layers), Cost())
        return self._cost


def build_tree(layers: Iterable[Layer]) -> Node:
    """The root of the tree of these layers; groups stand where their first layer stands."""
    root = Node("", ())
    scopes: dict[tuple[str, ...], Node] = {(): root}
    for layer in layers:
        path = row_path(layer)
        parent = scopes.get(path[:-1]) or _scope(scopes, path[:-1])
        parent.children.append(Node(layer_label(layer), path, parent, layer, layers=[layer]))
    _finish(root)
    return root


def row_path(layer: Layer) -> tuple[str, ...]:
    """The path of a layer's row."""
    deeper = ["/".join(layer.scope[MAX_DEPTH:])] if layer.scope[MAX_DEPTH:] else []
    return (*layer.scope[:MAX_DEPTH], *deeper, layer.name)


def _scope(scopes: dict[tuple[str, ...], Node], path: tuple[str, ...]) -> Node:
    node = scopes.get(path)
    if node is None:
        parent = _scope(scopes, path[:-1])
        node = scopes[path] = Node(_shown(path[-1]), path, parent)
        parent.children.append(node)
    return node


_shown = lru_cache(maxsize=1 << 16)(clean_name)


def take_apart(root: Node) -> None:
    """Rows that nobody shows any more hold each other no longer: nothing of them waits for the garbage collector."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        node.parent, node.children = None, []


def layer_label(layer: Layer) -> str:
    """The name without what the rows above and the column of operators tell already."""
    return _label(layer.name, layer.scope, layer.op_type)


@lru_cache(maxsize=1 << 16)
def _label(name: str, scope: tuple[str, ...], op_type: str) -> str:
    """Kept, since a filter makes the rows again and again."""
    rest = name.lstrip("/")
    for part in scope:
        if not rest.startswith((f"{part}/", f"{part}.")):
            break
        rest = rest[len(part) + 1 :]
    return clean_name(rest.removesuffix(f"/{op_type}") or name)


def _finish(root: Node) -> None:
    """Folds, numbers and collects, deepest rows first."""
    order = [root]
    for node in order:
        order.extend(child for child in node.children if child.layer is None)
    for node in reversed(order):
        node.children = [child if child.layer is not None else _folded(child) for child in node.children]
        place(node)
        if node.layer is None:
            node.layers = [layer for child in node.children for layer in child.layers]


def _folded(node: Node) -> Node:
    """A scope that holds a single row is that row, named by both."""
    if len(node.children) != 1:
        return node
    child = node.children[0]
    only_operator = child.layer is not None and child.label == child.layer.op_type
    child.label = node.label if only_operator else f"{node.label}/{child.label}"
    child.parent = node.parent
    return child


def place(node: Node) -> None:
    """Tells the children of a row where they stand."""
    for row, child in enumerate(node.children):
        child.row = row
        child.parent = node
