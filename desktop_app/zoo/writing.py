"""Writes a graph, node by node, with names that tell where in the module each belongs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx_ir as ir
from torch import nn

from desktop_app.io.torch_files.naming import node_name

OPSET, IR_VERSION = 17, 8
"""Old enough for every runtime of today; nothing that the families need came later."""

PRODUCER = "compression-studio"


class Writer:
    """A graph while it is written.

    Args:
        root: The whole module, whose parameters become initializers under their own names.
    """

    def __init__(self, root: nn.Module) -> None:
        self._stored = dict(root.named_parameters()) | dict(root.named_buffers())
        self._initializers: dict[str, ir.Value] = {}
        self._nodes: list[ir.Node] = []
        self._used: Counter[str] = Counter()
        self._path = ""

    def enter(self, path: str) -> None:
        """Says to which submodule the nodes that follow belong ("layer1.0.conv1")."""
        self._path = path

    def node(
        self,
        op_type: str,
        inputs: Sequence[ir.Value | None],
        attributes: Mapping[str, int | float | str | Sequence[int]] | None = None,
    ) -> ir.Value:
        """Adds a node and gives its output."""
        name = self._free(node_name(self._path, op_type))
        made = ir.node(op_type, list(inputs), dict(attributes or {}), name=name)
        made.outputs[0].name = f"{name}_output_0"
        self._nodes.append(made)
        return made.outputs[0]

    def parameters(self, *names: str) -> Iterator[ir.Value]:
        """The named parameters and statistics of the submodule, as far as it has them."""
        for name in (f"{self._path}.{one}" for one in names):
            if name in self._stored:
                yield self._constant(name, self._stored[name].detach().cpu().numpy())

    def number(self, name: str, value: float) -> ir.Value:
        """A number that all nodes share."""
        return self._constant(name, np.array(value, np.float32))

    def integers(self, name: str, values: Sequence[int]) -> ir.Value:
        """Integers that belong to the submodule."""
        return self._constant(f"{self._path}.{name}", np.array(values, np.int64))

    def numbers(self, name: str, values: Sequence[float]) -> ir.Value:
        """Numbers that belong to the submodule."""
        return self._constant(f"{self._path}.{name}", np.array(values, np.float32))

    def finish(self, inputs: Sequence[ir.Value], outputs: Sequence[ir.Value], name: str) -> ir.Model:
        """The model."""
        graph = ir.Graph(
            inputs,
            outputs,
            nodes=self._nodes,
            initializers=tuple(self._initializers.values()),
            opset_imports={"": OPSET},
            name=name,
        )
        return ir.Model(graph, ir_version=IR_VERSION, producer_name=PRODUCER)

    def _constant(self, name: str, array: np.ndarray) -> ir.Value:
        if name not in self._initializers:
            tensor = ir.Tensor(array, name=name)
            self._initializers[name] = ir.Value(
                name=name, shape=tensor.shape, type=ir.TensorType(tensor.dtype), const_value=tensor
            )
        return self._initializers[name]

    def _free(self, name: str) -> str:
        self._used[name] += 1
        return name if self._used[name] == 1 else f"{name}_{self._used[name] - 1}"
