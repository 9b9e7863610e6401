"""The graph of the opened model and what the user has opened in it: outlives the views that show it."""

import gc
from collections.abc import Generator
from itertools import takewhile
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.core.layer import Layer
from desktop_app.core.layout.groups import Group, GroupTree
from desktop_app.core.node_graph import GraphNode
from desktop_app.jobs.graphs import GraphRead, ReadGraph
from desktop_app.jobs.messages import Failed
from desktop_app.ui.document import Document
from desktop_app.ui.graph.slices import Slices
from desktop_app.ui.items.nodes import row_path
from desktop_app.ui.selection import Path
from desktop_app.ui.text import tr
from desktop_app.ui.work import Task, Work

if TYPE_CHECKING:  # it is laid out once the graph is looked at
    from desktop_app.core.layout.nested import Cache

NONE = -1
OPEN_AT_FIRST = 60
"""So many boxes one can look at: groups of a fresh model are opened until there would be more."""
MOST_OPEN = 2500
"""Opening all stops there."""


class GraphState(QObject):
    """Reads the graph when the worker is free, and keeps what is to be seen of it.

    Signals:
        read: There is another graph, or none.
        opened: Other groups are open.
        restyled: Colours mean something else, or the direction is another.
        moved: Another box is the current one.
    """

    read = Signal()
    opened = Signal()
    restyled = Signal()
    moved = Signal()

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._work = document, work
        self.tree: GroupTree | None = None
        self.problem = ""
        self.open: frozenset[int] = frozenset()
        self.current = NONE
        self.measure = "time"
        self.across = False
        self.listed = False
        self.spot: tuple[float, float, float] | None = None
        self.cache: Cache = {}
        self._asked = ""
        self._owners: dict[str, int] = {}
        self._layers: dict[int, tuple[str, ...]] = {}
        self._slices = Slices(self)
        self._slices.done.connect(self._on_built)
        document.opened.connect(self._forget)
        work.changed.connect(self._ask)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)

    @property
    def document(self) -> Document:
        """Of which model it is."""
        return self._document

    def node(self, number: int) -> GraphNode | None:
        """The node of that number; None for a group."""
        return None if self.tree is None or self.tree.is_group(number) else self.tree.graph.nodes[number]

    def group(self, number: int) -> Group | None:
        """The group of that number; None for a node."""
        return self.tree.groups.get(number) if self.tree is not None else None

    def layer(self, number: int) -> Layer | None:
        """The layer whose own node that is; None for others."""
        node = self.node(number)
        return self._known_layer(node) if node is not None and node.owner else None

    def row_layer(self, number: int) -> Layer | None:
        """The layer that a node is counted to; None for groups and for nodes that are counted to none."""
        node = self.node(number)
        return None if node is None else self._known_layer(node)

    def layers_in(self, number: int) -> tuple[str, ...]:
        """The layers of a group, or that of a node."""
        known = self._layers.get(number)
        if known is None:
            known = self._layers[number] = tuple(self._find_layers(number))
        return known

    def rows_of(self, number: int) -> tuple[Path, ...]:
        """The rows of the tree that say the same: of a node that of its layer, of a group that of its scope."""
        layers = [self._document.layer(name) for name in self.layers_in(number)]
        if not layers:
            return ()
        group = self.group(number)
        if len(layers) == 1 or (group is not None and group.part is not None):
            return tuple(row_path(layer) for layer in layers)
        paths = [row_path(layer)[:-1] for layer in layers]
        same = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
        scope = tuple(parts[0] for parts in same)
        return (scope,) if scope else tuple(row_path(layer) for layer in layers)

    def box_of(self, layer: str) -> int:
        """The number of a layer's node; `NONE` where it has none in the graph."""
        return self._owners.get(layer, NONE)

    def visible(self, number: int) -> int:
        """What is to be seen of a node or group: itself, or the outermost closed group around it."""
        if self.tree is None or number == NONE:
            return NONE
        closed = [one for one in self.tree.above(number)[:-1] if one not in self.open]
        return closed[-1] if closed else number

    def choose(self, number: int) -> None:
        """Makes a box the current one, and its rows the selected ones."""
        self.go_to(number)
        if number != NONE:
            self._document.selection.choose(self.rows_of(number), self.layers_in(number))

    def go_to(self, number: int) -> None:
        """Makes a box the current one."""
        if number != self.current:
            self.current = number
            self.moved.emit()

    def toggle(self, number: int) -> None:
        """Opens a group, or closes it."""
        if self.group(number) is not None:
            self._set_open(self.open ^ {number})

    def reveal(self, number: int) -> None:
        """Opens all groups around a node or group."""
        if self.tree is not None and number != NONE:
            self._set_open(self.open | set(self.tree.above(number)[:-1]))

    def open_all(self) -> None:
        """Opens groups, outer ones first, as long as what is to be seen can be looked at."""
        self._set_open(self._first_open(MOST_OPEN))

    def close_all(self) -> None:
        """Closes all groups."""
        self._set_open(frozenset())

    def close_around(self) -> bool:
        """Closes the current group, or the one around the current box; whether there is one."""
        if self.tree is None or self.current == NONE:
            return False
        inside = self.current in self.open and self.tree.is_group(self.current)
        group = self.current if inside else self.tree.parent_of(self.current)
        if group == self.tree.root:
            return False
        self.toggle(group)
        return True

    def colour_by(self, measure: str) -> None:
        """Colours mean another measure from now on."""
        if measure != self.measure:
            self.measure = measure
            self.restyled.emit()

    def turn(self, across: bool) -> None:
        """Runs from left to right, or from top to bottom."""
        if across != self.across:
            self.across = across
            self.opened.emit()

    def _set_open(self, groups: frozenset[int]) -> None:
        if groups != self.open:
            self.open = groups
            if self.current != NONE and self.visible(self.current) != self.current:
                self.go_to(self.visible(self.current))
            self.opened.emit()

    def _first_open(self, most: int) -> frozenset[int]:
        """Groups from the outermost on, as long as no more than so many boxes are to be seen."""
        if self.tree is None:
            return frozenset()
        shown = len(self.tree.groups[self.tree.root].children)
        waiting, found = [self.tree.root], set[int]()
        for number in waiting:
            for child in self.tree.groups[number].children:
                if self.tree.is_group(child) and shown + len(self.tree.groups[child].children) - 1 <= most:
                    shown += len(self.tree.groups[child].children) - 1
                    found.add(child)
                    waiting.append(child)
        return frozenset(found)

    def _known_layer(self, node: GraphNode) -> Layer | None:
        tree = self.tree
        if tree is None or node.row < 0 or not self._document.has_layer(tree.graph.rows[node.row]):
            return None
        return self._document.layer(tree.graph.rows[node.row])

    def _find_layers(self, number: int) -> list[str]:
        tree = self.tree
        if tree is None:
            return []
        if not tree.is_group(number):
            layer = self.row_layer(number)
            return [layer.name] if layer is not None else []
        found = dict.fromkeys(
            name
            for child in tree.groups[number].children
            for name in (self.layers_in(child) if tree.is_group(child) else self._own(child))
        )
        return list(found)

    def _own(self, number: int) -> tuple[str, ...]:
        layer = self.layer(number)
        return (layer.name,) if layer is not None else ()

    def _forget(self) -> None:
        gc.unfreeze()
        self._slices.stop()
        self.tree, self.problem, self.open, self.current, self.spot = None, "", frozenset(), NONE, None
        self.cache, self._asked, self._owners, self._layers = {}, "", {}, {}
        self.read.emit()

    def _ask(self) -> None:
        """Has the graph read once for each model, before other quiet work."""
        snapshot = self._document.snapshot
        if self._work.current is None and snapshot and self._asked != snapshot:
            self._asked = snapshot
            self._work.ask(Task(ReadGraph(snapshot), tr("Reading the graph"), self._on_read, quiet=True))

    def _on_read(self, read: GraphRead) -> None:
        if read.snapshot == self._document.snapshot:
            tree = GroupTree(read.graph)
            self._slices.start(_built(tree))

    def _on_built(self, tree: GroupTree) -> None:
        self.tree = tree
        graph = tree.graph
        self._owners = {graph.rows[node.row]: place for place, node in enumerate(graph.nodes) if node.owner}
        self.open = self._first_open(OPEN_AT_FIRST)
        gc.freeze()  # 20,000 nodes and rows stay as long as the model: looking through them would take 70 ms each time
        self.read.emit()

    def _on_failed(self, task: Task, failure: Failed) -> None:
        if isinstance(task.request, ReadGraph):
            self.problem = failure.sentence
            self.read.emit()

    def _on_stopped(self, task: Task) -> None:
        """Another errand went first: the graph is read after it."""
        if isinstance(task.request, ReadGraph):
            self._asked = ""


def _built(tree: GroupTree) -> Generator[None, None, GroupTree]:
    yield from tree.build()
    return tree
