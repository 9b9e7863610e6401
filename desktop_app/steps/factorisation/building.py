"""Carries out a plan: writes the chains, and fills them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from desktop_app.core.methods import LowRankMethod
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.evidence import evidence
from desktop_app.steps.factorisation.factor_nodes import write_chain
from desktop_app.steps.factorisation.filling import Place, fill, fill_alone, fill_in_order
from desktop_app.steps.factorisation.plan import NOT_WORTH, Plan, Samples
from desktop_app.steps.factorisation.systems import System

REFITTED = "; its weights are refitted to make up for the errors of others"
NOT_FINITE = "its factors have values that are not finite"


@dataclass
class Built:
    """A model with chains.

    Attributes:
        model: The model.
        remarks: Name of each layer that is changed to what is worth saying of it.
        failures: Name of each layer that could not be factorised after all, to the reason.
    """

    model: Model
    remarks: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


class Builder:
    """Builds models from plans.

    Args:
        model: The model before the step.
        systems: Layers that can be factorised, in execution order.
        method: How.
        samples: What factors are fitted on; none where by the weights alone.
        bystanders: Name to reason of layers that cannot be factorised, but fitted to make up for the errors of others.
    """

    def __init__(
        self,
        model: Model,
        systems: Sequence[System],
        method: LowRankMethod,
        samples: Samples,
        bystanders: Mapping[str, str],
    ) -> None:
        self._model, self._systems, self._method, self._samples = model, systems, method, samples
        self._bystanders = bystanders

    def build(self, plan: Plan, batches: Sequence[Batch] | None = None) -> Built:
        """The model by a plan, fitted on all samples or on some."""
        batches = self._samples.batches if batches is None else batches
        editor = GraphEditor(self._model)
        places: list[Place] = []
        for system in self._systems:
            factor = plan.factors.get(system.layer.name)
            if factor is not None:
                places.append((system, factor, write_chain(editor, system, factor)))
        if not places:
            return Built(self._model)
        built = Built(editor.finish())
        kept = self._fill(built.model, places, plan, batches)
        for system, factor, chain in places:
            share = kept.get(system.layer.name)
            share = fill_alone((system, factor, chain)) if share is None else share
            if share is None:
                built.failures[system.layer.name] = NOT_FINITE
                continue
            ranks = " and ".join(map(str, factor.ranks))
            said = f"{factor.kind}, rank {ranks}, about {100 * share:.1f} % of the energy kept"
            built.remarks[system.layer.name] = said
        if built.failures:
            remaining = {name: one for name, one in plan.factors.items() if name not in built.failures}
            again = self.build(Plan(remaining, plan.left, plan.competing), batches)
            return Built(again.model, again.remarks, {**built.failures, **again.failures})
        for name in kept:
            if name not in plan.factors:
                reason = plan.left.get(name) or self._bystanders.get(name, NOT_WORTH)
                built.remarks[name] = reason + REFITTED
        return built

    def _fill(self, work: Model, places: Sequence[Place], plan: Plan, batches: Sequence[Batch]) -> dict[str, float]:
        """Fills what the samples can fill: name of the layer to the share of the energy kept."""
        if not batches:
            return {}
        token, seed = self._samples.token, self._samples.seed
        if self._method.reconstruct:
            whole = [name for name in (*plan.competing, *self._bystanders) if name not in plan.factors]
            return fill_in_order(self._model, work, places, whole, batches, token, seed)
        by_name = {place[0].layer.name: place for place in places}
        kept = {}
        for system, regression in evidence(self._model, [place[0] for place in places], batches, token, seed):
            share = fill(by_name[system.layer.name], regression)
            if share is not None:
                kept[system.layer.name] = share
        return kept
