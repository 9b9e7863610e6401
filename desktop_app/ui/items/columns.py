"""The columns of the tree, as rows of data."""

from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.core.settings import STRUCTURES, Knob
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.heat import heat_key
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.text import Words

SortKey = Callable[[Document, Node], float | str]
Text = Callable[[Document, Node], str]


@dataclass(frozen=True)
class Column:
    """A column of the tree.

    Attributes:
        id: Name in settings and tests.
        title: Header.
        tip: What the column tells, in a sentence.
        text: What a cell shows; knobs have their own cells.
        key: By what rows are sorted.
        numeric: Whether the cells are numbers, aligned right.
        knob: The setting that the cells edit; None where they tell a fact.
        width: Of the column at first, in pixels.
        hidden: Whether the user must ask for the column.
    """

    id: str
    title: Words
    tip: Words
    text: Text
    key: SortKey
    numeric: bool = True
    knob: Knob | None = None
    width: int = 68
    hidden: bool = False


def _time(document: Document, node: Node) -> float:
    if document.profile is None:
        return 0.0
    return sum(document.profile.milliseconds.get(layer.name, 0.0) for layer in node.layers)


def _time_share(document: Document, node: Node) -> str:
    share = document.time_share(*node.layers)
    return fmt.UNKNOWN if share is None else fmt.percent(share)


def _time_text(document: Document, node: Node) -> str:
    return fmt.milliseconds(_time(document, node) if document.profile else None)


def _predicted_bytes(document: Document, node: Node) -> int:
    if document.prediction is None:
        return node.cost.bytes
    return sum(document.prediction.layers[layer.name].bytes for layer in node.layers)


def _setting(knob: Knob) -> SortKey:
    def key(document: Document, node: Node) -> float:
        values = [_as_number(getattr(document.settings(layer), knob)) for layer in node.layers]
        return max(values, default=0.0)

    return key


def _as_number(setting: float | str | None) -> float:
    """A setting as it is sorted by: a structure by its place among all."""
    return float(STRUCTURES.index(setting) if isinstance(setting, str) else setting or 0)


def _operator(document: Document, node: Node) -> str:
    return node.layer.op_type if node.layer else ""


def _output(document: Document, node: Node) -> str:
    return fmt.shape(node.layer.output_shape) if node.layer else ""


def _heat(document: Document, node: Node) -> float:
    return heat_key(document, document.heat, node.layers)


def _locked(document: Document, node: Node) -> float:
    return float(all(document.settings(layer).locked for layer in node.layers))


def _no_text(document: Document, node: Node) -> str:
    return ""


COLUMNS: tuple[Column, ...] = (
    Column("layer", "Layer", "The layers in their scopes", lambda d, n: n.label, lambda d, n: n.label, False,
           width=94),
    Column("op", "Op", "Operator", _operator, _operator, False, width=52),
    Column("out", "Out", "Shape of the output for one sample", _output, _output, False, width=104, hidden=True),
    Column("params", "Params", "Weights and what is folded into the layer", lambda d, n: fmt.amount(n.cost.params),
           lambda d, n: n.cost.params, width=57),
    Column("macs", "MACs", "Multiply-accumulates for one sample", lambda d, n: fmt.amount(n.cost.macs),
           lambda d, n: n.cost.macs, width=62, hidden=True),
    Column("bytes", "Bytes", "What the layer takes in the file", lambda d, n: fmt.size(n.cost.bytes),
           lambda d, n: n.cost.bytes, width=72, hidden=True),
    Column("predicted", "Predicted", "What the layer will take with the recipe as it stands",
           lambda d, n: fmt.size(_predicted_bytes(d, n)), _predicted_bytes, width=78, hidden=True),
    Column("time", "Time %", "Share of the measured time of the model", _time_share, _time, width=57),
    Column("heat", "Heat", "The layers coloured by time, size, sensitivity or error", _no_text, _heat, width=54,
           hidden=True),
    Column("milliseconds", "Time", "Measured time for one sample", _time_text, _time, width=78, hidden=True),
    Column("structure", "Structure", "What the layer becomes: separable is a convolution of each channel by itself and "
           "a 1 x 1 convolution, which is fast but needs training afterwards; stacked is several small kernels in the "
           "place of a large one, and the rank is then how many channels there are between.",
           _no_text, _setting("structure"), False, "structure", 78, hidden=True),
    Column("prune", "Prune", "How many of the channels to remove. Layers marked with a link are cut together.",
           _no_text, _setting("prune"), True, "prune", 66),
    Column("rank", "Rank", "Thin factors in place of the layer: their rank, a share such as 0.5, or blank for none.",
           _no_text, _setting("rank"), True, "rank", 46),
    Column("bits", "Bits", "Bits of one weight: 32 as it was, 16 half, 8 and 6 as integers, 4 and 2 only stored.",
           _no_text, _setting("bits"), True, "bits", 48),
    Column("lock", "Lock", "Locked layers stay as they are (Space)", _no_text, _locked, False, width=40),
)  # fmt: skip
"""In the order in which they stand."""

INDEX: dict[str, int] = {column.id: place for place, column in enumerate(COLUMNS)}
"""Column id to position."""
