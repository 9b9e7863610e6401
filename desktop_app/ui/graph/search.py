"""What the find field finds: nodes and groups by name or operator."""

from desktop_app.ui.graph.state import GraphState

MOST = 2000


def find_boxes(state: GraphState, text: str) -> tuple[int, ...]:
    """Numbers of the nodes and groups that have all words in their name or operator, in execution order."""
    words = text.lower().split()
    tree = state.tree
    if not words or tree is None:
        return ()
    graph = tree.graph
    ops = [op.lower() for op in graph.ops]
    found = [
        number
        for number, node in enumerate(graph.nodes)
        if all(word in node.name.lower() or word in ops[node.op] for word in words)
    ]
    groups = [
        number
        for number, group in tree.groups.items()
        if number != tree.root and all(word in group.label.lower() for word in words)
    ]
    return tuple((groups + found)[:MOST])
