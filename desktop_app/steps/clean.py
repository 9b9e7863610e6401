"""Clean: the same outputs from fewer nodes, so that every later step sees plain weights."""

from typing import ClassVar

from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.graph.rewriting import remove_unused
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult, cost_of
from desktop_app.steps.cleaning.constant_folding import fold_constants, lift_constants, settle_types
from desktop_app.steps.cleaning.no_ops import remove_no_ops
from desktop_app.steps.cleaning.norm_folding import fold_norms


class Clean(Step):
    """Folds batch normalisation and constants, and drops nodes that do nothing or that nothing reads.

    Nobody asks for it by a setting: where there is nothing to clean, the model stays as it is. The names of layers,
    inputs and outputs stay. Bodies of control flow and functions are left alone, and so are initializers that are
    inputs too, because a caller may override them.
    """

    name: ClassVar[str] = "clean"
    title: ClassVar[str] = "Clean"
    preserves_outputs: ClassVar[bool] = True

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Always."""
        return True

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """The cleaned model; outcomes for the layers that were changed."""
        copy = model.clone()
        graph = copy.graph
        token.report(Progress(self.name, 0.0))
        lifted = lift_constants(graph)
        settle_types(graph)
        dropped = remove_no_ops(graph, model.opset)
        token.check()
        folded = fold_constants(model, graph)
        token.check()
        locked = {layer.name for layer in model.layers if recipe.settings_for(layer).locked}
        changed = fold_norms(model, graph, locked)
        dropped += remove_unused(graph)
        token.report(Progress(self.name, 1.0))
        if not (lifted or dropped or folded or changed):
            return StepResult(model)
        cleaned = Model(copy.ir)
        return StepResult(cleaned, _outcomes(model, cleaned, set(changed)), _notes(folded, len(changed), dropped))


def _outcomes(before: Model, after: Model, folded: set[str]) -> tuple[Outcome, ...]:
    """One outcome for each layer whose weight is another, or that is gone because nothing reads it."""
    left = {layer.name: layer for layer in after.layers}
    outcomes = []
    for layer in before.layers:
        now = left.get(layer.name)
        if now is None:
            outcomes.append(Outcome("clean", layer.origin, True, "nothing reads it: removed", cost_of(layer)))
        elif layer.name in folded or now.weight != layer.weight:
            reason = "normalisation folded into the weights" if layer.name in folded else "weight computed beforehand"
            outcomes.append(Outcome("clean", layer.origin, True, reason, cost_of(layer), cost_of(now)))
    return tuple(outcomes)


def _notes(folded: int, layers: int, dropped: int) -> tuple[str, ...]:
    notes = []
    if layers:
        notes.append(f"Layers into which normalisation was folded: {layers}.")
    if folded:
        notes.append(f"Nodes computed beforehand, because they depend on no input: {folded}.")
    if dropped:
        notes.append(f"Nodes dropped that did nothing, or that nothing read: {dropped}.")
    return tuple(notes)
