"""Reading the nodes of a model, for the picture of its graph."""

from desktop_app.core.collector import collector_paused
from desktop_app.core.progress import Token
from desktop_app.graph.node_graph import find_nodes
from desktop_app.jobs.graphs import GraphRead, ReadGraph
from desktop_app.jobs.opened import opened


def run(request: ReadGraph, token: Token) -> GraphRead:
    """Lists the nodes of an opened model.

    Raises:
        InvalidFileError: when the file has changed since it was opened.
        Cancelled: when the token says so.
    """
    model = opened(request.snapshot).model
    token.check()
    with collector_paused():
        return GraphRead(request.snapshot, find_nodes(model))
