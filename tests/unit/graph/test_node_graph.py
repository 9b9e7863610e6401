"""What feeds what: constants left out, bodies told with their node, scopes as the layers have them."""

import msgspec
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, parser

from desktop_app.core.node_graph import NodeGraph
from desktop_app.graph.model import Model
from desktop_app.graph.node_graph import find_nodes
from desktop_app.io.onnx_reader import read_model

NET = """
<ir_version: 8, opset_import: ["" : 18]>
net (float[1,4,8,8] x) => (float[1,4,8,8] y)
<float[4,4,1,1] w1 = {0}, float[4,4,1,1] w2 = {0}, float[4,4,1,1] w3 = {0}, float two = {2}>
{
    a = Conv (x, w1)
    b = Relu (a)
    scaled = Mul (two, two)
    m = Mul (b, scaled)
    c = Conv (m, w2)
    d = Add (c, a)
    e, f = Split <axis = 1, num_outputs = 2> (d)
    g = Concat <axis = 1> (f, e)
    y = Conv (g, w3)
}
"""
NAMES = [
    "/block/one/conv",
    "/block/one/act",
    "/scale",
    "/block/mul",
    "/block/two/conv",
    "/block/Add",
    "/s",
    "/c",
    "/head/conv",
]


def graph_of(text: str, names: list[str] | None = None) -> NodeGraph:
    proto = parser.parse_model(text)
    for node, name in zip(proto.graph.node, names or [], strict=False):
        node.name = name
    for initializer in proto.graph.initializer:
        size = 1
        for dim in initializer.dims:
            size *= dim
        initializer.CopyFrom(helper.make_tensor(initializer.name, TensorProto.FLOAT, initializer.dims, [1.0] * size))
    return find_nodes(Model(ir.from_proto(proto)))


def edges(graph: NodeGraph) -> set[tuple[str, str]]:
    return {(graph.nodes[source].name, node.name) for node in graph.nodes for source, _ in node.inputs}


def test_nodes_feed_each_other_and_what_is_computed_of_constants_is_no_node():
    graph = graph_of(NET, NAMES)
    assert [node.name for node in graph.nodes] == ["x", *(one for one in NAMES if one != "/scale"), "y"]
    assert (graph.entries, graph.exits) == (1, 1)
    assert edges(graph) == {
        ("x", "/block/one/conv"),
        ("/block/one/conv", "/block/one/act"),
        ("/block/one/conv", "/block/Add"),
        ("/block/one/act", "/block/mul"),
        ("/block/mul", "/block/two/conv"),
        ("/block/two/conv", "/block/Add"),
        ("/block/Add", "/s"),
        ("/s", "/c"),
        ("/c", "/head/conv"),
        ("/head/conv", "y"),
    }
    concat = next(node for node in graph.nodes if node.name == "/c")
    split = next(place for place, node in enumerate(graph.nodes) if node.name == "/s")
    assert concat.inputs == ((split, 1), (split, 0))
    assert graph.nodes[split].shapes == ((1, 2, 8, 8), (1, 2, 8, 8))


def test_nodes_lie_in_the_scopes_of_the_layers_and_know_their_row():
    graph = graph_of(NET, NAMES)
    of = {node.name: node for node in graph.nodes}
    assert graph.scopes[of["/block/one/conv"].scope] == ("block",)
    assert graph.scopes[of["/block/one/act"].scope] == ("block",)
    assert graph.scopes[of["/block/Add"].scope] == ("block",)
    assert graph.scopes[of["/c"].scope] == ()
    assert graph.rows[of["/block/one/act"].row] == "/block/one/conv"
    assert of["/block/one/conv"].owner
    assert not of["/block/one/act"].owner


def test_a_body_feeds_its_node_and_reads_what_lies_outside():
    graph = graph_of(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        net (float[4] x, bool choice) => (float[4] y)
        {
            a = Relu (x)
            b = If (choice) <
                then_branch = yes () => (float[4] t) { t = Neg (a) },
                else_branch = no () => (float[4] e) { e = Abs (x) }
            >
            y = Exp (b)
        }
        """,
        ["relu", "if", "exp"],
    )
    named = {(graph.ops[graph.nodes[s].op], graph.ops[n.op]) for n in graph.nodes for s, _ in n.inputs}
    assert {("Relu", "Neg"), ("Input", "Abs"), ("Neg", "If"), ("Abs", "If"), ("Input", "If")} <= named
    assert all(source < place for place, node in enumerate(graph.nodes) for source, _ in node.inputs)


@pytest.mark.corpus
def test_every_real_model_has_a_graph_without_cycles_that_goes_through_json(shared_data):
    seen = 0
    for path in sorted((shared_data / "corpus").rglob("*.onnx")):
        if "invalid" in path.parts or path.stat().st_size > 8e6:
            continue
        try:
            model = read_model(path)
        except Exception:  # what cannot be opened is not this test's matter
            continue
        graph = find_nodes(model)
        assert msgspec.json.decode(msgspec.json.encode(graph), type=NodeGraph) == graph
        assert all(source < place for place, node in enumerate(graph.nodes) for source, _ in node.inputs), path.name
        assert {graph.rows[node.row] for node in graph.nodes if node.owner} <= set(graph.rows)
        seen += 1
    assert seen > 40
