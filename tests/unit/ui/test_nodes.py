from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.layer import Layer
from desktop_app.ui.items.nodes import build_tree


def layer(name: str, scope: tuple[str, ...]) -> Layer:
    return Layer(name, "Conv", scope, (1,), (1,), 2, 3, 5)


def labels(node):
    return [(child.label, labels(child)) for child in node.children]


def test_scopes_become_groups_and_chains_are_folded():
    tree = build_tree([
        layer("/a/b/c/Conv", ("a", "b", "c")),
        layer("/a/b/d/Conv", ("a", "b", "d")),
        layer("/head/Gemm", ("head",)),
    ])  # fmt: skip

    assert labels(tree) == [("a/b", [("c", []), ("d", [])]), ("head/Gemm", [])]
    assert tree.children[0].cost.params == 4
    assert [one.name for one in tree.children[0].layers] == ["/a/b/c/Conv", "/a/b/d/Conv"]


def test_a_layer_is_called_by_what_its_scope_does_not_tell():
    tree = build_tree([layer("stage1.conv1/Conv", ("stage1",)), layer("stage1.conv2/Conv", ("stage1",))])
    assert labels(tree) == [("stage1", [("conv1", []), ("conv2", [])])]


def test_a_name_cannot_turn_the_line_around():
    tree = build_tree([layer("evil‮name", ())])
    assert tree.children[0].label == "evilname"


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6).map(tuple), max_size=30))
def test_every_layer_stands_once_below_the_root(scopes):
    layers = [layer(f"{'/'.join(scope)}/{place}", scope) for place, scope in enumerate(scopes)]
    tree = build_tree(layers)
    leaves, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        assert all(child.parent is node and node.children[child.row] is child for child in node.children)
        waiting.extend(node.children)
        leaves.extend([node.layer] if node.layer else [])
    assert sorted(leaf.name for leaf in leaves) == sorted(one.name for one in layers)
    assert tree.cost.bytes == 5 * len(layers)


def test_scopes_may_be_nested_without_bound():
    tree = build_tree([layer("x", tuple("s" * 5000)), layer("y", tuple("s" * 5000))])
    assert len(tree.layers) == 2
