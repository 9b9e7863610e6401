"""Recover: the compressed model learns back from the original, from labels where there are any, or from both."""

from typing import ClassVar

import onnx_ir as ir

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.graph.rewriting import remove_unused
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.cleaning.norm_folding import fold_norms
from desktop_app.steps.cleaning.plain import cleaned
from desktop_app.steps.ledger import Ledger


class Recover(Step):
    """Trains all weights but those of locked layers, so that the outputs come near to the original's again.

    Needs no labels: the original's scores, softened, say more of a sample than its class (Hinton et al. 2015).
    Zeros of pruned weights stay, shared weights stay shared, and the structure stays as it is.
    """

    name: ClassVar[str] = "recover"
    title: ClassVar[str] = "Recovering accuracy"
    method: ClassVar[str | None] = "recover"

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether there are steps to train."""
        return recipe.methods.recover.steps > 0

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """The model with trained weights.

        Raises:
            StudioError: when torch is missing, there is nothing to learn from, or a node cannot be trained through.
            Cancelled: when the token says so; the next run goes on where this one was.
        """
        if calibration.original is None or calibration.training is None:
            raise StudioError("There is nothing to train on: give data, or set methods.recover.steps to 0.")
        with needing_torch("training"):
            from desktop_app.learn import distilling, synthesis  # not above: torch takes seconds to import

        original, samples, notes = calibration.original, calibration.training, tuple[str, ...]()
        if samples.synthetic and synthesis.can_synthesise(original):
            samples = synthesis.synthesised(original, samples, recipe.seed, token)
            notes = ("The inputs were made from the statistics of the original's batch normalisation.",)
        locked = {layer.name for layer in model.layers if recipe.settings_for(layer).locked}
        found = distilling.distil(model, cleaned(original), samples, recipe, locked, token)
        notes = (*found.notes, *notes)
        if found.trained.best_step == 0:
            return StepResult(model, notes=(*notes, "No state was better than the one before: the weights stay."))
        return _result(self, model, found.model, locked, notes)


def _result(step: Step, before: Model, trained: Model, locked: set[str], notes: tuple[str, ...]) -> StepResult:
    """The trained model with its normalisation folded in again, and what became of the layers."""
    copy = trained.clone()
    fold_norms(trained, copy.graph, locked)
    remove_unused(copy.graph)
    _name_values_as_before(copy.graph, before)
    after, ledger = Model(copy.ir), Ledger(step.name, step.title, before)
    for layer in before.layers:
        if layer.name in locked:
            ledger.refuse(layer, "locked")
        elif layer.weight:
            ledger.change(layer)
    return ledger.close(after, notes)


def _name_values_as_before(graph: ir.Graph, before: Model) -> None:
    """Gives what nodes compute the names back that normalisation had taken: 666 of ResNet-56 in 8 bits were 13 kB."""
    names = {node.name: node.outputs[0].name for node in before.graph if node.outputs}
    taken = {value.name for node in graph for value in node.outputs}
    for node in graph:
        wanted = names.get(node.name)
        if wanted and wanted not in taken:
            node.outputs[0].name = wanted
            taken.add(wanted)
