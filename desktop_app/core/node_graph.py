"""The nodes of a model and what feeds what: small enough to send to the window, 20,000 nodes included."""

from msgspec import Struct

MAX_SHOWN_NAME = 200


class GraphNode(Struct, frozen=True, gc=False, array_like=True):
    """A node, by places in the tables of its `NodeGraph`.

    Attributes:
        name: What it is called, made fit to be shown.
        op: Place of its operator.
        scope: Place of its scope.
        row: Place of the layer that it is counted to; -1 where it is counted to none.
        owner: Whether it is that layer's node itself.
        inputs: (node, output of that node) for everything that it reads and that is computed; constants are left out.
        shapes: Of its outputs, for one sample; -1 stands for a dimension that is not known.
    """

    name: str
    op: int
    scope: int
    row: int
    owner: bool
    inputs: tuple[tuple[int, int], ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()


class NodeGraph(Struct, frozen=True):
    """All that is computed in a model. What is computed of constants alone is no node of it.

    Attributes:
        ops: The operators, with their domains where these are not the standard one.
        scopes: The scopes of the layer table, outermost module first.
        rows: Names of the layers.
        nodes: First the model's inputs, then the nodes in execution order (those of a body behind the node that it
            belongs to), then the outputs.
        entries: How many of the nodes are inputs.
        exits: How many are outputs.
    """

    ops: tuple[str, ...]
    scopes: tuple[tuple[str, ...], ...]
    rows: tuple[str, ...]
    nodes: tuple[GraphNode, ...]
    entries: int = 0
    exits: int = 0
