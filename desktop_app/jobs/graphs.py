"""What the window asks to draw a model as a graph."""

from typing import ClassVar

from msgspec import Struct

from desktop_app.core.node_graph import NodeGraph


class GraphRead(Struct, frozen=True, tag="graph_read"):
    """The nodes of a model."""

    snapshot: str
    graph: NodeGraph


class ReadGraph(Struct, frozen=True, tag="read_graph"):
    """Say which nodes a model has and what feeds what."""

    Result: ClassVar[type[Struct]] = GraphRead
    snapshot: str
