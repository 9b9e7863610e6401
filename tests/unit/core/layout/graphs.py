"""Graphs made by hand and at random, and how a layout is run to its end."""

import random

from desktop_app.core.layout.groups import GroupTree
from desktop_app.core.layout.nested import Picture, Scene, lay_out, look
from desktop_app.core.node_graph import GraphNode, NodeGraph


def done(steps):
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def graph_of(scopes: list[tuple[str, ...]], inputs: list[list[int]], entries: int = 0, exits: int = 0) -> NodeGraph:
    """A graph whose node i lies in scopes[i] and reads the nodes inputs[i]."""
    table = list(dict.fromkeys(scopes))
    nodes = tuple(
        GraphNode(f"n{place}", 0, table.index(scope), -1, False, tuple((one, 0) for one in reads), ((1,),))
        for place, (scope, reads) in enumerate(zip(scopes, inputs, strict=True))
    )
    return NodeGraph(("Op",), tuple(table), (), nodes, entries, exits)


def random_graph(seed: int, count: int, strays: float = 0.1) -> NodeGraph:
    """Nodes that read a few of those before them, in nested scopes that follow each other; strays lie outside."""
    rng = random.Random(seed)
    scopes = [tuple(f"s{place // size}" for size in (24, 6) if rng.random() >= strays) for place in range(count)]
    inputs = [
        [rng.randrange(max(0, place - 9), place) for _ in range(rng.randint(1, 3))] if place else []
        for place in range(count)
    ]
    return graph_of(scopes, inputs)


def tree_of(graph: NodeGraph) -> GroupTree:
    tree = GroupTree(graph)
    done(tree.build())
    return tree


def drawn(tree: GroupTree, opened=(), across=False) -> Picture:
    scene: Scene = done(look(tree, opened))
    return done(lay_out(tree, scene, lambda number: (60.0 + number % 5 * 10, 24.0 + number % 3 * 8), across))
