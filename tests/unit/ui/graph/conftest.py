"""A small network as the worker tells it, in the real window."""

import pytest

from desktop_app.core.node_graph import GraphNode, NodeGraph
from desktop_app.jobs.graphs import GraphRead
from desktop_app.jobs.messages import Opened
from desktop_app.ui.graph.state import GraphState
from tests.real_window import settings_folder, window
from tests.unit.ui.conftest import document, profiled, summary
from tests.unit.ui.graph.drawn import wait_drawn

__all__ = ["document", "profiled", "settings_folder", "summary", "window"]

OPS = ("Input", "Conv", "Relu", "Add", "Output")
SCOPES = ((), ("stem",), ("block",), ("block", "inner"), ("head",))
ROWS = ("/stem/conv", "/block/inner/conv1", "/block/inner/conv2", "/block/norm", "/head/classifier")


def node(name, op, scope, row, owner, *reads):
    return GraphNode(
        name, OPS.index(op), SCOPES.index(scope), row, owner, tuple((one, 0) for one in reads), ((1, 4, 8, 8),)
    )


@pytest.fixture
def graph() -> NodeGraph:
    """x -> stem -> relu -> conv1 -> conv2 -> add (with relu) -> norm -> classifier -> y."""
    nodes = (
        node("x", "Input", (), -1, False),
        node("/stem/conv", "Conv", ("stem",), 0, True, 0),
        node("/stem/relu", "Relu", ("stem",), 0, False, 1),
        node("/block/inner/conv1", "Conv", ("block", "inner"), 1, True, 2),
        node("/block/inner/conv2", "Conv", ("block", "inner"), 2, True, 3),
        node("/block/add", "Add", ("block",), 2, False, 4, 2),
        node("/block/norm", "Conv", ("block",), 3, True, 5),
        node("/head/classifier", "Conv", ("head",), 4, True, 6),
        node("y", "Output", (), -1, False, 7),
    )
    return NodeGraph(OPS, SCOPES, ROWS, nodes, 1, 1)


@pytest.fixture
def opened(window, summary, graph, qtbot):
    """The real window with the model, its graph read and drawn; the worker has no file of it."""
    window.session.times.leave("/snapshot")
    window.session.graph._asked = "/snapshot"
    window.document.opened.connect(lambda: setattr(window.session.graph, "_asked", "/snapshot"))
    window.document.show(Opened(summary, "/snapshot"))
    window.workspace.tabs.setCurrentWidget(window.workspace.graph)
    window.activateWindow()
    window.session.graph._on_read(GraphRead("/snapshot", graph))
    wait_drawn(qtbot, window)
    return window


@pytest.fixture
def state(opened) -> GraphState:
    return opened.session.graph
