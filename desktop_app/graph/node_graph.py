"""The graph of nodes as a person looks at it: what feeds what, in the scopes of the layer table, constants left out."""

from collections.abc import Iterator, Mapping, Sequence

import onnx_ir as ir

from desktop_app.core.layer import Layer
from desktop_app.core.node_graph import MAX_SHOWN_NAME, GraphNode, NodeGraph
from desktop_app.core.text import clean_name
from desktop_app.graph.assumptions import true_inputs
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model, bodies_of
from desktop_app.graph.scopes import Path, path_of

ENTRY, EXIT = "Input", "Output"


def find_nodes(model: Model) -> NodeGraph:
    """All nodes that compute something of the model's inputs, those inside bodies (If, Loop) included.

    A body's results feed the node that it belongs to, and a body's inputs are what that node reads. Nodes inside
    functions are left out: the call stands for them.
    """
    return _Reader(model).read()


class _Table:
    """Numbers things as they come."""

    def __init__(self) -> None:
        self.places: dict[object, int] = {}

    def place(self, thing: object) -> int:
        return self.places.setdefault(thing, len(self.places))


class _Reader:
    """What is known while the nodes are read."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._layers = model.layers
        self._rows = {name: place for place, layer in enumerate(self._layers) for name in layer.nodes}
        self._owners = {layer.name: place for place, layer in enumerate(self._layers)}
        self._scopes = _Scopes(model, self._layers)
        self._ops, self._scope_table = _Table(), _Table()
        self._sources: dict[ir.Value, tuple[int, int]] = {}
        self._nodes: list[GraphNode] = []

    def read(self) -> NodeGraph:
        entries = true_inputs(self._model)
        top = self._scope_table.place(())
        for value in entries:
            self._sources[value] = (len(self._nodes), 0)
            self._add(value.name, ENTRY, top, ((),), (value,))
        bodies = self._bodies()
        for node in self._live():
            self._add_node(node, bodies.get(node, ()))
        for value in self._model.graph.outputs:
            source = self._sources.get(value)
            self._add(value.name, EXIT, top, (() if source is None else (source,),), (value,))
        return NodeGraph(
            tuple(str(op) for op in self._ops.places),
            tuple(scope for scope in self._scope_table.places if isinstance(scope, tuple)),
            tuple(layer.name for layer in self._layers),
            tuple(self._nodes),
            len(entries),
            len(self._model.graph.outputs),
        )

    def _add(
        self,
        name: str | None,
        op: str,
        scope: int,
        inputs: Sequence[tuple[tuple[int, int], ...] | tuple[()]],
        outputs: Sequence[ir.Value],
        row: int = -1,
        owner: bool = False,
    ) -> None:
        shapes = tuple(tuple(self._model.shapes.get(value.name or "", ())) for value in outputs)
        self._nodes.append(
            GraphNode(
                clean_name(name or "", MAX_SHOWN_NAME),
                self._ops.place(op),
                scope,
                row,
                owner,
                tuple(one for some in inputs for one in some),
                shapes,
            )
        )

    def _add_node(self, node: ir.Node, results: Sequence[ir.Value]) -> None:
        place = len(self._nodes)
        name = node.name or ""
        row = self._rows.get(name, -1)
        read = dict.fromkeys(
            self._sources[value] for value in (*node.inputs, *results) if value is not None and value in self._sources
        )
        for index, value in enumerate(node.outputs):
            self._sources[value] = (place, index)
        scope = self._scopes.of(node, self._layers[row] if row >= 0 else None)
        op = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        self._add(
            name,
            op,
            self._scope_table.place(scope),
            [tuple(read)],
            node.outputs,
            row,
            self._owners.get(name) == row >= 0,
        )

    def _bodies(self) -> Mapping[ir.Node, tuple[ir.Value, ...]]:
        """Node to the results of the bodies that it has; the bodies' inputs are tied to what the node reads."""
        self._tied: dict[ir.Value, ir.Value] = {}
        results = {}
        for node in self._model.nodes:
            graphs = list(bodies_of(node))
            if graphs:
                results[node] = tuple(value for graph in graphs for value in graph.outputs)
                for graph in graphs:
                    for inner, outer in zip(graph.inputs, node.inputs, strict=False):
                        if outer is not None:
                            self._tied[inner] = outer
        return results

    def _live(self) -> Iterator[ir.Node]:
        """The nodes that depend on inputs, or are layers; those of a body before the node that it belongs to."""
        constant: set[ir.Value] = set()
        for node in _bodies_first(self._model.graph):
            for value in node.inputs:
                if value in self._tied and self._tied[value] in self._sources:
                    self._sources[value] = self._sources[self._tied[value]]
            reads = [value for value in node.inputs if value is not None]
            inner = any(True for _ in bodies_of(node))
            computed = any(value not in constant and tensor_of(value) is None for value in reads)
            if computed or inner or (node.name or "") in self._owners:
                yield node
            else:
                constant.update(node.outputs)


def _bodies_first(graph: ir.Graph) -> Iterator[ir.Node]:
    for node in graph:
        for inner in bodies_of(node):
            yield from _bodies_first(inner)
        yield node


class _Scopes:
    """In which scope of the layer table a node lies that is no layer: where its name says, or with its layer."""

    def __init__(self, model: Model, layers: Sequence[Layer]) -> None:
        self._known: dict[Path, Path] = {}
        nodes = {node.name or "": node for node in model.nodes}
        for layer in layers:
            if layer.name in nodes:
                self._learn(path_of(nodes[layer.name]), layer.scope)

    def of(self, node: ir.Node, layer: Layer | None) -> Path:
        """The scope of a node that is counted to a layer, or to none."""
        if layer is not None and layer.name == node.name:
            return layer.scope
        path = path_of(node)
        if self._known and (path or "/" in (node.name or "")):  # "/Add" lies in the outermost module
            ends = (path[:end] for end in range(len(path), 0, -1))
            return next((self._known[one] for one in ends if one in self._known), ())
        return layer.scope if layer is not None else ()

    def _learn(self, path: Path, scope: Path) -> None:
        """Notes what of a written path stayed in the layer's scope; nothing where the scope comes from elsewhere."""
        left, found = list(scope), {}
        for end in range(1, len(path) + 1):
            if left and path[end - 1] == left[0]:
                left.pop(0)
            found[path[:end]] = scope[: len(scope) - len(left)]
        if not left:
            for one, stays in found.items():
                self._known.setdefault(one, stays)
