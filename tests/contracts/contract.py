"""What every step promises, checked on one model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.core.errors import Cancelled, NothingChangedError
from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod, RecoverMethod, RestructureMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.assumptions import input_shapes, true_inputs
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.base import Samples
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.prune_weights import PruneWeights
from desktop_app.steps.quantize_static import QuantizeStatic

SAMPLES = 8

WEIGHTS = PruneMethod(unit="weights")

RECIPES: Mapping[str, Recipe] = {
    "clean": Recipe(),
    "reduce_input": Recipe(methods=Methods(restructure=RestructureMethod(resolution=0.5))),
    "swap_activations": Recipe(methods=Methods(restructure=RestructureMethod(activations="relu"))),
    "restructure": Recipe(defaults=LayerSettings(structure="separable")),
    "prune_channels": Recipe(defaults=LayerSettings(prune=0.25)),
    "low_rank": Recipe(defaults=LayerSettings(rank=0.3)),
    "prune_weights": Recipe(defaults=LayerSettings(prune=0.5), methods=Methods(prune=WEIGHTS)),
    "recover": Recipe(methods=Methods(recover=RecoverMethod(steps=3, batch=4, augment=False))),
    "recover_quantised": Recipe(
        defaults=LayerSettings(bits=8),
        methods=Methods(recover=RecoverMethod(quantised_steps=3, batch=4, augment=False, rate=2e-3)),
    ),
    "quantize_static": Recipe(defaults=LayerSettings(bits=8)),
    "quantize_dynamic": Recipe(
        defaults=LayerSettings(bits=8), methods=Methods(quantize=QuantizeMethod(activations="dynamic"))
    ),
    "quantize_weights": Recipe(defaults=LayerSettings(bits=4)),
    "half": Recipe(defaults=LayerSettings(bits=16)),
    "pack": Recipe(defaults=LayerSettings(prune=0.8), methods=Methods(prune=WEIGHTS)),
}
"""Step to a recipe that asks it for something on every layer."""

STACKED = Recipe(defaults=LayerSettings(structure="stacked"))
"""What else `restructure` may be asked for."""


@dataclass(frozen=True)
class Case:
    """A step, a model that it is wanted on, and the recipe: every third layer is locked."""

    step: Step
    model: Model
    recipe: Recipe
    calibration: DataCalibration

    def apply(self) -> StepResult | None:
        """The step's result; None where nothing could be changed."""
        try:
            return self.step.apply(self.model, self.recipe, self.calibration, SilentToken())
        except NothingChangedError:
            return None


class CancelledToken(SilentToken):
    """The user has asked to stop."""

    cancelled = True


def make_case(step: Step, model: Model, *, synthetic: bool = False, other_recipe: Recipe | None = None) -> Case | None:
    """The case for a model as it was opened; None where the step is not wanted on it."""
    locked = {layer.origin: LayerOverride(locked=True) for layer in model.layers[2::3]}
    recipe = other_recipe or RECIPES[step.name]
    recipe = Recipe(defaults=recipe.defaults, layers=locked, methods=recipe.methods)
    batch, original = make_batch(model), model
    if step.name == "pack":
        model = _pruned(model, recipe)
    if step.name == "recover":
        model = _disturbed(model)
    if step.name == "recover_quantised":
        model = _quantised(_disturbed(model), recipe, batch)
    if not step.wanted(model, recipe):
        return None
    requests = tuple(step.needs(model, recipe))
    statistics = collect(model, requests, [batch], SilentToken()) if requests else {}
    training = TrainingSamples(lambda *_: iter([Samples(dict(batch))]), tuple(range(SAMPLES)))
    data = DataCalibration(lambda: iter([batch]), SAMPLES, synthetic, statistics, original, training)
    return Case(step, model, recipe, data)


def make_batch(model: Model) -> Batch:
    """Seeded inputs: normal where they are floats, zeros and ones elsewhere; several samples where that is free."""
    rng = np.random.default_rng(3)
    batch = {}
    for value in true_inputs(model):
        shape = list(input_shapes(model)[value.name or ""])
        dims = [] if value.shape is None else [*value.shape]
        for axis, dim in enumerate(dims):
            if not isinstance(dim, int) and dim.value == "batch":
                shape[axis] = SAMPLES
        dtype = (value.dtype or ir.DataType.FLOAT).numpy()
        normal = rng.normal(size=shape)
        batch[value.name or ""] = normal.astype(dtype) if dtype.kind == "f" else (normal > 0).astype(dtype)
    return batch


def violations(case: Case) -> Iterator[str]:
    """What the step does not keep of its promises, a line each."""
    before = case.model.to_bytes()
    result, again = case.apply(), case.apply()
    if case.model.to_bytes() != before:
        yield "changed the model that it was given"
    if (result is None) != (again is None):
        yield "changed nothing only once in two times"
    if result is None or again is None:
        return
    if result.model.to_bytes() != again.model.to_bytes():
        yield "gave other bytes the second time"
    yield from _unexplained(case, result)
    if case.step.knob is not None:
        yield from _locked_layers_changed(case, result.model)
    yield from _outputs_differ(case, result.model)
    yield from _goes_on_when_cancelled(case)


def _unexplained(case: Case, result: StepResult) -> Iterator[str]:
    outcomes = {outcome.layer: outcome for outcome in result.outcomes}
    for outcome in outcomes.values():
        if outcome.step != case.step.name:
            yield f"signed the outcome of {outcome.layer} as {outcome.step}"
        if not outcome.changed and not outcome.reason:
            yield f"gave no reason for leaving {outcome.layer} alone"
    if case.step.knob is None:
        return
    settings = case.recipe.settings_of(case.model.layers)
    for layer in case.model.layers:
        one = settings[layer.name]
        stored_so = case.step.knob == "bits" and layer.bits <= one.bits
        if not one.locked and not stored_so and layer.origin not in outcomes:
            yield f"said nothing of {layer.name}"
        if one.locked and layer.origin in outcomes and outcomes[layer.origin].changed:
            yield f"says that it changed the locked {layer.name}"


def _locked_layers_changed(case: Case, after: Model) -> Iterator[str]:
    settings = case.recipe.settings_of(case.model.layers)
    for layer in case.model.layers:
        if not settings[layer.name].locked or "rank" in layer.refusals:
            continue
        try:
            same = _constants(case.model, layer.name) == _constants(after, layer.name)
        except KeyError:
            same = False
        if not same:
            yield f"changed the constants of the locked {layer.name}"


def _constants(model: Model, name: str) -> list[tuple[object, bytes] | None]:
    tensors = [tensor_of(value) for value in model.node(name).inputs[1:]]
    return [None if one is None else (one.dtype, one.tobytes()) for one in tensors]


def _outputs_differ(case: Case, after: Model) -> Iterator[str]:
    batch = next(case.calibration.batches())
    names = [value.name for value in case.model.graph.outputs]
    then = open_session(after).run(names, batch)
    for name, old, new in zip(names, open_session(case.model).run(names, batch), then, strict=True):
        if not isinstance(old, np.ndarray):
            continue
        if np.shape(old) != np.shape(new) or old.dtype != new.dtype:
            yield f"changed the shape or type of the output {name}"
        elif old.dtype.kind == "f" and np.isfinite(old).all() and not np.isfinite(new).all():
            yield f"made values of the output {name} that are not finite"
        elif case.step.preserves_outputs and not _close(old, new):
            yield f"promises equal outputs, but {name} differs"


def _close(old: np.ndarray, new: np.ndarray) -> bool:
    if old.dtype.kind != "f":
        return bool(np.array_equal(old, new))
    scale = float(np.nanmax(np.abs(old), initial=0.0)) if np.isfinite(old).any() else 1.0
    return bool(np.allclose(old, new, rtol=1e-3, atol=1e-4 * max(scale, 1e-3), equal_nan=True))


def _goes_on_when_cancelled(case: Case) -> Iterator[str]:
    try:
        case.step.apply(case.model, case.recipe, case.calibration, CancelledToken())
    except Cancelled:
        return
    yield "went on when it was cancelled"


def _disturbed(model: Model) -> Model:
    """The model with its matrices a little smaller, so that there is something to recover."""
    copy = model.clone()
    for value in copy.graph.initializers.values():
        tensor = value.const_value
        if tensor is not None and len(tensor.shape) > 1 and tensor.dtype == ir.DataType.FLOAT:
            value.const_value = ir.tensor(np.float32(0.8) * tensor.numpy(), name=value.name)
    return Model(copy.ir)


def _quantised(model: Model, recipe: Recipe, batch: Batch) -> Model:
    """The model in 8 bits where it can be, itself where it cannot."""
    step = QuantizeStatic()
    statistics = collect(model, tuple(step.needs(model, recipe)), [batch], SilentToken())
    data = DataCalibration(lambda: iter([batch]), SAMPLES, synthetic=True, statistics=statistics)
    try:
        return step.apply(model, recipe, data, SilentToken()).model
    except NothingChangedError:
        return model


def _pruned(model: Model, recipe: Recipe) -> Model:
    """The model with zeros to pack; as it is where there is nothing to prune."""
    empty = DataCalibration(lambda: iter(()), 0, False, {})
    try:
        return PruneWeights().apply(model, recipe, empty, SilentToken()).model
    except NothingChangedError:
        return model
