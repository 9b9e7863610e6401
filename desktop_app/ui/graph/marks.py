"""What stands out in the graph, as a value."""

from dataclasses import dataclass

from desktop_app.core.layout.nested import Scene
from desktop_app.ui.graph.state import NONE, GraphState


@dataclass(frozen=True)
class Marks:
    """What stands out: selected boxes and groups, boxes counted to selected layers, and the box that has the keys."""

    chosen: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    current: int = NONE


def marks_of(state: GraphState, scene: Scene) -> Marks:
    """The marks of a scene; within an open group that is selected as a whole, nothing is marked once more."""
    selection, tree = state.document.selection, state.tree
    layers, rows = set(selection.layers), selection.rows
    if not layers or tree is None:
        return Marks(current=state.current)
    frames = {one for one in scene.frames if (own := set(state.rows_of(one))) and own <= rows}
    chosen, members = set[int](), set[int]()
    for number in scene.boxes:
        if layers.isdisjoint(state.layers_in(number)) or not frames.isdisjoint(tree.above(number)):
            continue
        own_box = state.group(number) is not None or state.layer(number) is not None
        (chosen if own_box else members).add(number)
    return Marks(frozenset(chosen | frames), frozenset(members), state.current)
