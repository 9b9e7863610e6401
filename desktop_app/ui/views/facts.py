"""What is known of the selected layers, in words: the inspector's numbers as a value."""

from collections.abc import Sequence

from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.inspection import channels_left, shape_left
from desktop_app.ui.text import Words, plural, tell, tr

Row = tuple[str, str]
KNOB_TITLES: dict[str, Words] = {"structure": "Structure", "prune": "Prune", "rank": "Rank", "bits": "Bits"}
MAX_NAMES = 12


def facts(document: Document, layers: Sequence[Layer]) -> list[Row]:
    """Title and text of each line about the layers."""
    own = _of_one(layers[0]) if len(layers) == 1 else [(tr("Layers"), str(len(layers)))]
    before = sum((Cost(one.bytes, one.params, one.macs) for one in layers), Cost())
    costs = document.prediction.layers if document.prediction else {}
    after = sum((costs[one.name] for one in layers if one.name in costs), Cost())
    return [
        *own,
        (tr("Params"), fmt.change(fmt.amount(before.params), fmt.amount(after.params))),
        (tr("MACs"), fmt.change(fmt.amount(before.macs), fmt.amount(after.macs))),
        (tr("Bytes"), fmt.change(fmt.size(before.bytes), fmt.size(after.bytes))),
        (tr("Time"), _time(document, layers)),
    ]


def coupled(document: Document, layer: Layer) -> list[str]:
    """The layers that are cut together with one, and those that lose inputs with it: their weights, a line each."""
    if document.coupling is None:
        return []
    partners, consumers = document.coupling.partners(layer.name), document.coupling.consumers(layer.name)
    readers = tuple(one for one in consumers if one not in partners)
    return [*_shapes(document, tr("cut alike:"), partners), *_shapes(document, tr("read by:"), readers)]


def rewritten_layers(document: Document) -> str:
    """How many layers become something else, and where that is set; sentences."""
    asked = [document.settings(layer).structure for layer in document.layers]
    separable, stacked = asked.count("separable"), asked.count("stacked")
    if not separable and not stacked:
        return tr("No layer has a structure yet. Set it in the inspector, or in the Structure column of the tree.")
    told = [plural(separable, "One layer becomes separable.", "{count} layers become separable.")] if separable else []
    told += [plural(stacked, "One layer becomes a stack.", "{count} layers become stacks.")] if stacked else []
    return " ".join(told)


def refusals(document: Document, layer: Layer) -> list[str]:
    """Why the layer does not take what it is asked, or cannot take a knob at all; a sentence each."""
    asked = document.prediction.refusals.get(layer.name, {}) if document.prediction else {}
    reasons = {**layer.refusals, **asked}
    return [f"{tr(KNOB_TITLES.get(knob, knob))}: {tell(reason)}" for knob, reason in reasons.items()]


def _of_one(layer: Layer) -> list[Row]:
    rows = [
        (tr("Operator"), clean_name(layer.op_type)),
        (tr("Weight"), fmt.shape(layer.weight_shape)),
        (tr("Output"), fmt.shape(layer.output_shape)),
    ]
    if layer.convolution_groups > 1:
        rows.append((tr("Groups"), str(layer.convolution_groups)))
    return [*rows, (tr("Stored in"), tr("{bits} bits").format(bits=layer.bits))]


def _time(document: Document, layers: Sequence[Layer]) -> str:
    profile, share = document.profile, document.time_share(*layers)
    if profile is None or share is None:
        return tr("not measured yet")
    return f"{fmt.milliseconds(share * profile.total_ms)}  ({fmt.percent(share)})"


def _shapes(document: Document, heading: str, names: Sequence[str]) -> list[str]:
    """The heading, then a line for each layer: its name, and its weight before and after the cut."""
    if not names:
        return []
    shown = [_shape_line(document, document.layer(name)) for name in names[:MAX_NAMES]]
    if len(names) > MAX_NAMES:
        shown.append(tr("{count} more").format(count=len(names) - MAX_NAMES))
    return [heading, *shown]


def _shape_line(document: Document, layer: Layer) -> str:
    after = shape_left(layer, channels_left(document, layer))
    text = tr("{name}\n    {shapes}")
    return text.format(name=clean_name(layer.name), shapes=fmt.change(fmt.shape(layer.weight_shape), fmt.shape(after)))
