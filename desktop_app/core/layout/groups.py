"""The groups of a graph: the scopes of the layer table, and parts where a scope holds more than one can look at."""

from collections.abc import Generator
from dataclasses import dataclass, field

from desktop_app.core.node_graph import NodeGraph

Steps = Generator[None, None, None]
Path = tuple[str, ...]

MAX_DEPTH = 32
"""What lies deeper is one scope, as in the tree."""
MAX_CHILDREN, PARTS, SMALLEST_PART = 400, 100, 100
"""A scope that holds more than that is divided into so many parts, of no fewer nodes than that."""
OFTEN = 500
"""After so many nodes others may have their turn."""


@dataclass(slots=True)
class Group:
    """A scope of the graph, or a part of one.

    Attributes:
        id: Its number, which follows those of the nodes.
        path: The scope, outermost first, as in the tree.
        label: What it is called within its parent; empty for a part.
        parent: The group around it; -1 for the root.
        children: Numbers of the nodes and groups in it, in execution order.
        nodes: How many nodes are in it, at any depth.
        part: Of a part: the places of its first and its last child in the scope, from 1; None for a scope.
    """

    id: int
    path: Path
    label: str
    parent: int
    children: list[int] = field(default_factory=list)
    nodes: int = 0
    part: tuple[int, int] | None = None


class GroupTree:
    """All groups of a graph. Nodes and groups share one row of numbers: nodes first, then the root, then the others."""

    def __init__(self, graph: NodeGraph) -> None:
        self.graph = graph
        self.root = len(graph.nodes)
        self.groups: dict[int, Group] = {self.root: Group(self.root, (), "", -1)}
        self.parent: list[int] = []
        self._next = self.root + 1

    def is_group(self, number: int) -> bool:
        """Whether a number is that of a group."""
        return number >= self.root

    def parent_of(self, number: int) -> int:
        """The group that a node or group lies in; -1 for the root."""
        return self.groups[number].parent if number >= self.root else self.parent[number]

    def above(self, number: int) -> list[int]:
        """The groups around a node or group, innermost first, the root last."""
        found = []
        while (number := self.parent_of(number)) >= 0:
            found.append(number)
        return found

    def build(self) -> Steps:
        """Finds the groups."""
        known: dict[Path, Group] = {(): self.groups[self.root]}
        scopes = [self._scope(known, path) for path in self.graph.scopes]
        self.parent = [self.root] * len(self.graph.nodes)
        placed = {self.root}
        for place, node in enumerate(self.graph.nodes):
            group = scopes[node.scope]
            self.parent[place] = group.id
            group.children.append(place)
            while group.id not in placed:
                placed.add(group.id)
                above = self.groups[group.parent]
                above.children.append(group.id)
                group = above
            if place % OFTEN == 0:
                yield
        yield from self._finish()

    def _scope(self, known: dict[Path, Group], scope: Path) -> Group:
        path = (*scope[:MAX_DEPTH], *(["/".join(scope[MAX_DEPTH:])] if scope[MAX_DEPTH:] else []))
        for end in range(1, len(path) + 1):
            if path[:end] not in known:
                known[path[:end]] = self._new(path[:end], path[end - 1], known[path[: end - 1]].id)
        return known[path]

    def _new(self, path: Path, label: str, parent: int) -> Group:
        group = self.groups[self._next] = Group(self._next, path, label, parent)
        self._next += 1
        return group

    def _finish(self) -> Steps:
        """Folds groups that hold a single thing, counts nodes, divides what is too large; innermost groups first."""
        for group in reversed(list(self.groups.values())):
            if group.id != self.root:
                if len(group.children) == 1:
                    self._fold(group)
                elif not group.children:
                    del self.groups[group.id]
                    continue
            yield
        for group in list(self.groups.values()):
            if len(group.children) > MAX_CHILDREN:
                self._divide(group)
                yield
        for group in reversed(self._outermost_first()):
            group.nodes = sum(self.groups[one].nodes if one >= self.root else 1 for one in group.children)

    def _fold(self, group: Group) -> None:
        """Puts the only thing that a group holds in its place."""
        above, child = self.groups[group.parent], group.children[0]
        if child >= self.root:
            self.groups[child].parent = above.id
            self.groups[child].label = f"{group.label}/{self.groups[child].label}"
        else:
            self.parent[child] = above.id
        above.children[above.children.index(group.id)] = child
        del self.groups[group.id]

    def _divide(self, group: Group) -> None:
        """Divides the children into parts, in order; inputs and outputs of the model stay outside."""
        last = len(self.graph.nodes) - self.graph.exits
        inside = [one for one in group.children if one >= self.root or self.graph.entries <= one < last]
        size = max(SMALLEST_PART, -(-len(inside) // PARTS))
        first = [one for one in group.children if one < self.graph.entries]
        end = [one for one in group.children if last <= one < self.root]
        parts = []
        for start in range(0, len(inside), size):
            children = inside[start : start + size]
            part = self._new((*group.path, f"\0{start}"), "", group.id)
            part.children, part.part = children, (start + 1, start + len(children))
            for child in children:
                if child >= self.root:
                    self.groups[child].parent = part.id
                else:
                    self.parent[child] = part.id
            parts.append(part.id)
        group.children = [*first, *parts, *end]

    def _outermost_first(self) -> list[Group]:
        order = [self.groups[self.root]]
        for group in order:
            order.extend(self.groups[one] for one in group.children if one >= self.root)
        return order
