"""What a cell of a knob shows: one value, "mixed", or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from desktop_app.core.layer import Layer
from desktop_app.core.settings import STRUCTURES, Knob, LayerSettings
from desktop_app.core.structure import unfit_for
from desktop_app.ui import format as fmt
from desktop_app.ui.document import Document
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.operations import why_not
from desktop_app.ui.text import tell, tr

WARNING = "(!)"
LOOKED_AT = 64
"""Layers at most of which it is asked what each choice would do: cells are drawn while the user scrolls."""


@dataclass(frozen=True)
class Cell:
    """A knob of a row.

    Attributes:
        text: What the cell shows.
        value: What an editor starts with; None also where values differ.
        problem: Why what is asked for will not happen; empty where it will.
        unavailable: Why the knob cannot be turned here; empty where it can.
        mixed: Whether the layers below have different values.
        choices: Of the values to choose from, those that no layer below can take, with the reason.
    """

    text: str
    value: object = None
    problem: str = ""
    unavailable: str = ""
    mixed: bool = False
    choices: Mapping[object, str] = field(default_factory=dict)


def knob_cell(document: Document, node: Node, knob: Knob) -> Cell:
    """The cell of one knob, for a layer or for all layers below a scope."""
    reasons = [why_not(document, layer, knob) for layer in node.layers]
    problem = _problem(document, node, knob)
    mark = f"{WARNING} " if problem else ""
    able = [layer for layer, reason in zip(node.layers, reasons, strict=True) if not reason]
    asked = {getattr(document.settings(layer), knob) for layer in able or node.layers}
    choices = _unfit_structures(able) if knob == "structure" and len(able) <= LOOKED_AT else {}
    if len(asked) > 1:
        return Cell(mark + tr("mixed"), None, problem, "" if able else reasons[0], True, choices)
    value = asked.pop() if asked else getattr(LayerSettings(), knob)
    if able:
        return Cell(mark + knob_text(knob, value), value, problem, choices=choices)
    text = mark + knob_text(knob, value) if problem or _locked(document, node) else ""
    return Cell(text, value, problem, reasons[0] if reasons else "")


def _unfit_structures(layers: Sequence[Layer]) -> dict[object, str]:
    """The structures that none of some layers can take, with the reason of the first."""
    unfit: dict[object, str] = {}
    for structure in STRUCTURES:
        reason = ""
        for layer in layers:
            why = unfit_for(layer, structure)
            if not why:
                break
            reason = reason or why
        else:
            if reason:
                unfit[structure] = reason
    return unfit


def knob_text(knob: Knob, value: object) -> str:
    """A setting as the user reads it."""
    if knob == "prune" and isinstance(value, (int, float)):
        return fmt.percent(value, 0 if round(value * 100, 6).is_integer() else 1) if value else fmt.UNKNOWN
    if knob == "rank":
        return rank_text(value) or fmt.UNKNOWN
    if knob == "structure":
        return structure_text(value)
    return str(value)


def structure_text(value: object) -> str:
    """What a layer becomes, as the user reads it."""
    known = {"keep": fmt.UNKNOWN, "separable": tr("separable"), "stacked": tr("stacked")}
    return known.get(str(value), str(value))


def rank_text(value: object) -> str:
    """A rank as it is typed: an integer is the rank itself, a decimal a share, blank leaves the layer whole."""
    return f"{value:g}" if isinstance(value, float) and value != 1 else "" if value is None else str(value)


def _locked(document: Document, node: Node) -> bool:
    return all(document.settings(layer).locked for layer in node.layers)


def _problem(document: Document, node: Node, knob: Knob) -> str:
    refusals = document.prediction.refusals if document.prediction else {}
    if node.layer is not None:
        return refusals.get(node.layer.name, {}).get(knob, "")
    refused = [
        (layer.name, refusals[layer.name][knob]) for layer in node.layers if knob in refusals.get(layer.name, ())
    ]
    if not refused:
        return ""
    name, reason = refused[0]
    return tr("{count} of {all} layers will not take it; {name}: {reason}").format(
        count=len(refused), all=len(node.layers), name=name, reason=tell(reason)
    )
