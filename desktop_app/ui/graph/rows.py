"""The graph as a table: the boxes that are to be seen, what they are and what feeds them."""

from desktop_app.core.layout.nested import Scene
from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.graph.looks import Looks, caption_of
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.items.rows_model import Entry, Heading
from desktop_app.ui.text import tr

HEADINGS = (
    Heading("Box", False, "The nodes and closed groups that are to be seen, in execution order"),
    Heading("Operator", False, "Operator of a node; of a group how many layers it has"),
    Heading("Output", False, "Shape of the output for one sample"),
    Heading("Figure", True, "What the colour of the box means"),
    Heading("Asked", False, "What the recipe asks of it"),
    Heading("Reads", False, "The boxes that feed it"),
)
MOST_READ = 4


def box_rows(state: GraphState, looks: Looks, scene: Scene) -> list[tuple[Entry, ...]]:
    """A row for each box; the first entry is sorted by its place among them."""
    reads: dict[int, list[int]] = {}
    for one, other in scene.links:
        reads.setdefault(other, []).append(one)
    names = {number: name_of(state, number) for number in scene.boxes}
    return [
        (Entry(names[number], place), *_cells(state, looks, number, names, reads.get(number, [])))
        for place, number in enumerate(scene.boxes)
    ]


def name_of(state: GraphState, number: int) -> str:
    """The whole name of a box."""
    node, group = state.node(number), state.group(number)
    if group is not None:
        scope = "/".join(clean_name(part) for part in group.path if not part.startswith("\0"))
        return caption_of(state, number).title if group.part is not None else scope
    return node.name if node is not None else ""


def told(state: GraphState, looks: Looks, number: int) -> str:
    """All that a box says, for tooltips and for who cannot see it."""
    caption, look, node = caption_of(state, number), looks.of(number), state.node(number)
    lines = [name_of(state, number), caption.line if caption.kind == "group" else caption.title]
    if node is not None:
        shapes = [fmt.shape(shape) for shape in node.shapes if shape]
        if shapes:
            lines.append(tr("Output {shapes}").format(shapes=", ".join(shapes)))
        row = state.row_layer(number)
        if row is not None and not node.owner:
            lines.append(tr("Counted to {layer}").format(layer=clean_name(row.name)))
    if look.figure:
        lines.append(tr("{measure}: {figure}").format(measure=looks.measure.told(state.document), figure=look.figure))
    if look.badges:
        lines.append(", ".join(text for text, tone in look.badges if tone != "refused"))
    return "\n".join(line for line in (*lines, *look.problems[:3]) if line)


def _cells(state: GraphState, looks: Looks, number: int, names: dict[int, str], reads: list[int]) -> tuple[Entry, ...]:
    caption, look = caption_of(state, number), looks.of(number)
    operator = caption.line if caption.kind == "group" else caption.title
    output = "" if caption.kind == "group" else caption.line
    read = ", ".join(names.get(one, "") for one in reads[:MOST_READ])
    more = tr(" and {count} more").format(count=len(reads) - MOST_READ) if len(reads) > MOST_READ else ""
    asked = ", ".join(text for text, _ in look.badges)
    return (
        Entry(operator, operator),
        Entry(output or fmt.UNKNOWN, output),
        Entry(look.figure or fmt.UNKNOWN, -1.0 if look.level is None else look.level),
        Entry(asked or fmt.UNKNOWN, asked, "\n".join(look.problems)),
        Entry(read + more or fmt.UNKNOWN, len(reads)),
    )
