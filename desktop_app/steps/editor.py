"""Adds constants and nodes, under free names, to a copy of a model."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx_ir as ir

from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import Model

FIRST_WITH_FREE_INITIALIZERS = 4
"""IR version from which initializers need not be inputs of the model."""


class GraphEditor:
    """A copy of a model's main graph that is being rewritten; `finish` gives the new model."""

    def __init__(self, model: Model) -> None:
        self._model = model.clone()
        self.graph = self._model.graph
        self._names = _names(self._model.ir)
        self._first = next(iter(self.graph), None)
        self._replaced: list[ir.Value] = []
        self._shared: dict[str, ir.Value] = {}
        self._counts: dict[str, int] = {}

    def node_like(self, node: ir.Node) -> ir.Node:
        """The copy of a node of the original main graph."""
        return self._model.node(node.name or "")

    def constant(self, base: str, content: np.ndarray | ir.TensorProtocol) -> ir.Value:
        """A new initializer named after `base`."""
        tensor = ir.Tensor(np.ascontiguousarray(content)) if isinstance(content, np.ndarray) else content
        value = ir.Value(
            name=self._free(base),
            type=ir.TensorType(tensor.dtype),
            shape=ir.Shape(tensor.shape.numpy()),
            const_value=tensor,
        )
        tensor.name = value.name
        self.graph.register_initializer(value)
        return value

    def shared_constant(self, name: str, content: np.ndarray) -> ir.Value:
        """The initializer of that name, made when it is first asked for; always asked for with the same content."""
        if name not in self._shared:
            self._shared[name] = self.constant(name, content)
        return self._shared[name]

    def node(
        self,
        op_type: str,
        inputs: Sequence[ir.Value | None],
        base: str,
        attributes: Mapping[str, ir.Attr],
        outputs: int = 1,
        domain: str = "",
    ) -> ir.Node:
        """A new node whose name and outputs are named after `base`; insert it with `before` or `at_start`."""
        names = [self._free(base) for _ in range(outputs)]
        made = [ir.Value(name=name) for name in names]
        node = ir.node(op_type, list(inputs), name=names[0], outputs=made, domain=domain)
        for attribute in attributes.values():
            node.attributes.add(attribute)
        return node

    def before(self, place: ir.Node, nodes: Sequence[ir.Node]) -> None:
        """Inserts nodes before another one."""
        self.graph.insert_before(place, nodes)
        if place is self._first and nodes:
            self._first = nodes[0]

    def at_start(self, nodes: Sequence[ir.Node]) -> None:
        """Inserts nodes before all that were there at first, so that whoever reads their values comes later."""
        if self._first is None:
            self.graph.extend(nodes)
        else:
            self.graph.insert_before(self._first, nodes)

    def set_constant(self, node: ir.Node, index: int, array: np.ndarray) -> None:
        """Stores another array in the constant that the copy of `node` reads as input `index`."""
        value = self.node_like(node).inputs[index]
        if value is not None:
            set_tensor(value, array)

    def replace(self, old: ir.Value, new: ir.Value) -> None:
        """Lets all readers of `old` read `new`."""
        old.replace_all_uses_with(new)
        self._replaced.append(old)

    def replace_input(self, node: ir.Node, index: int, new: ir.Value) -> None:
        """Lets one node read `new` as its input `index`."""
        old = node.inputs[index]
        node.replace_input_with(index, new)
        if old is not None:
            self._replaced.append(old)

    def drop(self, node: ir.Node, replacement: ir.Value) -> None:
        """Puts `replacement` in the place of a node's only output, under that output's name, and removes the node."""
        output = node.outputs[0]
        read = [value for value in node.inputs if value is not None]
        replacement.name, replacement.type, replacement.shape = output.name, output.type, output.shape
        output.replace_all_uses_with(replacement, replace_graph_outputs=True)
        self.graph.remove(node, safe=True)
        self._replaced.extend(read)

    def remove(self, node: ir.Node) -> None:
        """Removes a node that nobody reads."""
        self._replaced.extend(value for value in node.inputs if value is not None)
        self.graph.remove(node, safe=True)

    def finish(self) -> Model:
        """The new model, without the constants that nobody reads any more."""
        for value in dict.fromkeys(self._replaced):
            if value.uses() or value.is_graph_output():
                continue
            node = value.producer()
            if value.is_initializer() and not value.is_graph_input():
                del self.graph.initializers[value.name or ""]
            elif node is not None and node.op_type == "Constant":
                self.graph.remove(node, safe=True)
        model = self._model.ir
        model.ir_version = max(model.ir_version, FIRST_WITH_FREE_INITIALIZERS)
        return Model(model)

    def _free(self, base: str) -> str:
        name = base
        while name in self._names:
            self._counts[base] = self._counts.get(base, 1) + 1
            name = f"{base}_{self._counts[base]}"
        self._names.add(name)
        return name


def _names(model: ir.Model) -> set[str]:
    """Every name of a node or value, in subgraphs too."""
    names: set[str] = set()
    for graph in model.graphs():
        names.update(value.name or "" for value in (*graph.inputs, *graph.initializers.values()))
        for node in graph:
            names.add(node.name or "")
            names.update(value.name or "" for value in node.outputs)
    return names
