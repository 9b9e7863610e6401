"""Writes what takes the place of layers, and fits it."""

from collections.abc import Mapping, Sequence

from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor
from desktop_app.graph.model import Model
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.building import NOT_FINITE, Built
from desktop_app.steps.factorisation.evidence import evidence
from desktop_app.steps.factorisation.factor_nodes import write_chain
from desktop_app.steps.factorisation.filling import Place, fill, fill_alone, fill_in_order
from desktop_app.steps.factorisation.plan import Samples
from desktop_app.steps.factorisation.regression import weight_alone
from desktop_app.steps.factorisation.systems import System

STEP = "restructure"


def build(
    model: Model,
    systems: Sequence[System],
    factors: Mapping[str, Factor],
    method: RestructureMethod,
    samples: Samples,
) -> Built:
    """The model with chains in the place of layers.

    Args:
        model: The model before the step.
        systems: The layers that are replaced, in execution order.
        factors: Name of each of them to what takes its place.
        method: How.
        samples: What the chains are fitted on; where there are none, they come near the weights instead.
    """
    editor = GraphEditor(model)
    places: list[Place] = []
    for system in systems:
        samples.token.check()
        factor = factors[system.layer.name]
        places.append((system, factor, write_chain(editor, system, factor)))
    built = Built(editor.finish())
    kept = _fill(model, built.model, places, method, samples)
    for place in places:
        layer, share = place[0].layer, kept.get(place[0].layer.name)
        share = fill_alone(place) if share is None else share
        if share is None:
            built.failures[layer.name] = NOT_FINITE
        else:
            built.remarks[layer.name] = (
                f"{_said(layer.input.size, place[1])}, about {100 * share:.1f} % of the energy kept"
            )
    if not built.failures:
        return built
    rest = [system for system in systems if system.layer.name not in built.failures]
    again = build(model, rest, factors, method, samples)
    return Built(again.model, again.remarks, {**built.failures, **again.failures})


def _said(inputs: int, factor: Factor) -> str:
    if factor.stack is not None:
        sizes = ", ".join(" x ".join(map(str, extents)) for extents in factor.stack.extents)
        return f"stacked, kernels of {sizes} with {factor.ranks[0]} channels between"
    each = factor.ranks[0] // inputs
    kernels = "a kernel" if each == 1 else f"{each} kernels"
    return f"separable, {kernels} for each of {inputs} channels"


def _fill(
    model: Model, work: Model, places: Sequence[Place], method: RestructureMethod, samples: Samples
) -> dict[str, float]:
    """Fills what the samples can fill: name of the layer to the share of the energy kept."""
    if not samples.batches or not places:
        return {}
    batches, token, seed = samples.batches, samples.token, samples.seed
    if method.reconstruct:
        return fill_in_order(model, work, places, (), batches, token, seed, STEP)
    by_name = {place[0].layer.name: place for place in places}
    narrow = [place[0] for place in places if not place[0].wide]
    kept = {}
    for system, regression in evidence(model, narrow, batches, token, seed):
        share = fill(by_name[system.layer.name], regression or weight_alone(system))
        if share is not None:
            kept[system.layer.name] = share
    return kept
