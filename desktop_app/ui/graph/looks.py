"""What each box says: its texts, its figure and how strong its colour is, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from desktop_app.core.layer import Layer
from desktop_app.core.settings import Knob
from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.graph.measures import BY_ID, Measure
from desktop_app.ui.graph.state import GraphState
from desktop_app.ui.items.cells import knob_text
from desktop_app.ui.items.nodes import layer_label
from desktop_app.ui.text import plural, tr

Kind = Literal["layer", "node", "group", "end"]
Tone = Literal["asked", "locked", "refused"]


PLAIN: Mapping[Knob, object] = {"prune": 0.0, "rank": None, "bits": 32, "structure": "keep"}
"""What each knob asks where it asks for nothing."""


@dataclass(frozen=True)
class Caption:
    """What never changes of a box while its model is open: title, name beside it, and the line below."""

    kind: Kind
    title: str
    name: str = ""
    line: str = ""


@dataclass(frozen=True)
class Look:
    """What changes with the recipe and with what is measured.

    Attributes:
        figure: The measure of the box as text; empty where it has none.
        level: How strong its colour is, in [0, 1]; None where it has none.
        badges: What is asked of it, each with its tone.
        problems: Why what is asked will not happen, a sentence each.
    """

    figure: str = ""
    level: float | None = None
    badges: tuple[tuple[str, Tone], ...] = ()
    problems: tuple[str, ...] = ()


def caption_of(state: GraphState, number: int) -> Caption:
    """What a box is called."""
    group, node, tree = state.group(number), state.node(number), state.tree
    if group is not None:
        if group.part is not None:
            title = tr("Part {first} – {last}").format(first=group.part[0], last=group.part[1])
        else:
            title = clean_name(group.label, 60)
        count = len(state.layers_in(number))
        layers = plural(count, "one layer", "{count} layers")
        return Caption("group", title, "", layers if count else plural(group.nodes, "one node", "{count} nodes"))
    if node is None or tree is None:
        return Caption("node", "")
    shape = fmt.shape(node.shapes[0]) if node.shapes and node.shapes[0] else ""
    if is_end(state, number):
        return Caption("end", clean_name(node.name, 40), "", shape)
    op = tree.graph.ops[node.op].rpartition(".")[2]
    layer = state.layer(number)
    if layer is None:
        return Caption("node", clean_name(op, 40), "", shape)
    label = layer_label(layer)
    return Caption("layer", clean_name(op, 40), "" if label == op else label, shape)


def is_end(state: GraphState, number: int) -> bool:
    """Whether a node is an input or an output of the model."""
    if state.tree is None:
        return False
    graph = state.tree.graph
    return number < graph.entries or len(graph.nodes) - graph.exits <= number < len(graph.nodes)


class Looks:
    """The looks of the boxes that are to be seen; made when asked for, forgotten when what they tell has changed."""

    def __init__(self, state: GraphState) -> None:
        self._state = state
        self._known: dict[int, Look] = {}
        self._values: dict[int, float | None] = {}
        self._shown: tuple[int, ...] = ()
        self._most = self._whole = 0.0

    @property
    def measure(self) -> Measure:
        """What the colours mean."""
        return BY_ID[self._state.measure]

    @property
    def ends(self) -> tuple[str, str]:
        """What the weakest and the strongest colour mean."""
        return self.measure.ends(self._most, self._whole)

    def show(self, boxes: Iterable[int]) -> None:
        """Looks anew at these boxes: figures are compared among them."""
        self._shown = tuple(boxes)
        self.refresh()

    def refresh(self) -> None:
        """Forgets what is known: something has changed."""
        measure, document = self.measure, self._state.document
        self._known = {}
        self._values = {number: self._value(measure, number) for number in self._shown}
        self._most = max((value for value in self._values.values() if value is not None), default=0.0)
        self._whole = measure.whole(document)

    def level(self, number: int) -> float | None:
        """How strong the colour of a box is."""
        value = self._values.get(number)
        return None if value is None else self.measure.level(value, self._most)

    def of(self, number: int) -> Look:
        """The look of a box or of an open group."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._look(number)
        return known

    def _value(self, measure: Measure, number: int) -> float | None:
        document = self._state.document
        if measure.why_not(document):
            return None
        if self._state.group(number) is not None:
            return measure.of(document, self._state.layers_in(number))
        layer = self._state.layer(number)
        return measure.value(document, layer) if layer is not None else None

    def _look(self, number: int) -> Look:
        value = self._values[number] if number in self._values else self._value(self.measure, number)
        figure = "" if value is None else self.measure.text(value, self._whole)
        level = None if value is None else min(self.measure.level(value, self._most), 1.0)
        if self._state.node(number) is not None and self._state.layer(number) is None:
            return Look(figure, level)
        names = self._state.layers_in(number)
        badges, problems = badges_of(self._state.document, [self._state.document.layer(name) for name in names])
        return Look(figure, level, badges, problems)


def badges_of(document: Document, layers: list[Layer]) -> tuple[tuple[tuple[str, Tone], ...], tuple[str, ...]]:
    """What the recipe asks of layers, in a few signs, and why it will not happen where it will not."""
    found: list[tuple[str, Tone]] = []
    settings = [document.settings(layer) for layer in layers]
    if settings and all(one.locked for one in settings):
        return ((tr("locked"), "locked"),), ()
    refusals = document.prediction.refusals if document.prediction else {}
    problems = [
        f"{clean_name(layer.name)}: {reason}" for layer in layers for reason in refusals.get(layer.name, {}).values()
    ]
    for knob, plain in PLAIN.items():
        asked = {getattr(one, knob) for one in settings}
        if asked - {plain}:
            found.append((_badge(knob, asked), "asked"))
    if problems:
        found.append(("!", "refused"))
    return tuple(found), tuple(dict.fromkeys(problems))


def _badge(knob: Knob, asked: set[object]) -> str:
    """A setting in a few letters; several values are told as mixed."""
    if len(asked) > 1:
        return {"prune": tr("prune mixed"), "rank": tr("rank mixed"), "bits": tr("bits mixed")}.get(knob, tr("mixed"))
    value = knob_text(knob, next(iter(asked)))
    if knob == "prune":
        return tr("prune {value}").format(value=value)
    if knob == "rank":
        return tr("rank {value}").format(value=value)
    return tr("{value} bit").format(value=value) if knob == "bits" else value
