"""The whole model at a lower resolution: its input is made smaller before anything is computed of it."""

from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from desktop_app.core.errors import InvalidFileError, NothingChangedError
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.assumptions import input_shapes, true_inputs
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.steps.base import Choice, Step, StepResult, cost_of
from desktop_app.steps.restructuring.measuring import Watch, decide, in_turns
from desktop_app.steps.restructuring.resolution import Picture, find_picture, reduced


class ReduceInput(Step):
    """Computes on a smaller picture, the "resolution multiplier" of Howard et al. (MobileNets, 2017).

    The picture is reduced inside the model (ADR 0036): what is fed stays as it is, so that data, preprocessing and
    whoever uses the model need not change. Refused where outputs would be of another form, or could not be computed.
    """

    name: ClassVar[str] = "reduce_input"
    title: ClassVar[str] = "Reduce input"
    method: ClassVar[str | None] = "restructure"

    def __init__(self, watch: Watch = in_turns) -> None:
        self._watch = watch

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether a lower resolution is asked for."""
        return recipe.methods.restructure.resolution < 1.0

    def choose(self, model: Model, recipe: Recipe, token: Token) -> Choice | None:
        """Leaves the picture as it is where the whole model is measured to be no faster on a smaller one."""
        method, picture = recipe.methods.restructure, find_picture(model)
        if not method.keep_faster or isinstance(picture, str):
            return None
        token.check()
        after = _smaller(model, picture, method.resolution, None)
        if isinstance(after, str):  # `apply` says so
            return None
        fewer = {outcome.layer for outcome in _outcomes(self.name, model, after)}
        layers = [layer for layer in model.layers if (layer.origin or layer.name) in fewer]
        without = replace(method, resolution=1.0)
        return decide(self.name, (model, after), layers, recipe, without, self._watch, token, last=False)

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """The model with a smaller picture; outcomes for the layers that have less to do."""
        token.check()
        share = recipe.methods.restructure.resolution
        picture = find_picture(model)
        after = (
            picture
            if isinstance(picture, str)
            else _smaller(model, picture, share, next(iter(calibration.batches()), None))
        )
        if isinstance(picture, str) or isinstance(after, str):
            raise NothingChangedError(
                f"The input cannot be reduced: {after}. Set methods.restructure.resolution to 1.0."
            )
        note = f"The input is reduced inside the model{picture.said(share)}: what is fed to it stays as it is."
        return StepResult(after, _outcomes(self.name, model, after), (note,))


def _smaller(model: Model, picture: Picture, share: float, batch: Batch | None) -> Model | str:
    """The model on a smaller picture, or why that is not sound: tried on samples, or on noise."""
    reason = _positions(model)
    after = reason or reduced(model, picture, share)
    if isinstance(after, str):
        return after
    return _disagreement(model, after, batch) or after


def _positions(model: Model) -> str:
    """Why outputs may depend on the resolution: more than a row of numbers for a sample may tell of places."""
    for value in model.graph.outputs:
        shape = model.shapes.get(value.name or "")
        if shape is None or -1 in shape:
            return f"the form of its output {value.name} is not known"
        if sum(size > 1 for size in shape[1:]) > 1:
            return f"its output {value.name} may tell of places in the picture, {list(shape)}"
    return ""


def _disagreement(before: Model, after: Model, batch: Batch | None) -> str:
    """Why the smaller model is none: it does not run, or its outputs have another form. Run on samples, or on noise."""
    feeds = batch or _noise(before)
    names = [value.name or "" for value in before.graph.outputs]
    with running():
        wanted = open_session(before).run(names, feeds)
    try:
        with running():
            given = open_session(after).run(names, feeds)
    except InvalidFileError as error:
        return f"sizes in the model are made for its resolution ({error})".replace(".)", ")")
    for name, old, new in zip(names, wanted, given, strict=True):
        if np.shape(old) != np.shape(new):
            return f"its output {name} would be of the form {np.shape(new)} in the place of {np.shape(old)}"
        if np.isfinite(old).all() and not np.isfinite(new).all():
            return f"its output {name} would not be finite"
    return ""


def _noise(model: Model) -> Batch:
    rng, shapes = np.random.default_rng(0), input_shapes(model)
    names = [value.name or "" for value in true_inputs(model)]
    return {name: rng.standard_normal(shapes[name]).astype(np.float32) for name in names}


def _outcomes(step: str, before: Model, after: Model) -> tuple[Outcome, ...]:
    """One outcome for each layer that has less to compute."""
    then = {layer.name: cost_of(layer) for layer in after.layers}
    return tuple(
        Outcome(step, layer.origin or layer.name, True, "", cost_of(layer), then[layer.name])
        for layer in before.layers
        if layer.name in then and then[layer.name].macs != layer.macs
    )
