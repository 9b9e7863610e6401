"""What there is to say of a model before anything is done to it."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np
import onnx_ir as ir
from msgspec.structs import replace

from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.outcome import Cost
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import KNOBS
from desktop_app.core.summary import ModelSummary, TensorSpec
from desktop_app.core.text import clean_name
from desktop_app.graph.assumptions import assumed_inputs, true_inputs
from desktop_app.graph.constants import tensor_of
from desktop_app.graph.model import Model
from desktop_app.graph.support import why_not_runnable
from desktop_app.graph.weights import FLOATS
from desktop_app.stats.calibrated import DataCalibration

MAX_SCANNED_BYTES = 128 * 2**20
"""Weights beyond this are not looked at when a model is opened: they lie in files, and reading them takes long."""

MAX_CLEANED_NODES, MAX_CLEANED_BYTES = 4_000, 256 * 2**20
"""Larger models are told as they are, not as a run's first step leaves them: cleaning would keep the user waiting."""

NO_DATA = DataCalibration(lambda: iter(()), 0, synthetic=True, statistics={})

MAX_NAMED = 3
"""How many layers a warning names."""


def summarise(
    model: Model, *, name: str, path: str, sha256: str, file_bytes: int, cleaned: Model | None = None
) -> ModelSummary:
    """The summary of a model.

    Args:
        model: The model.
        name: File name without its folder.
        path: Where the user opened it.
        sha256: Of the model file.
        file_bytes: Size of the model file and its external data.
        cleaned: What `as_a_run_begins` gives of the model, where the caller has that already.
    """
    layers, groups = what_a_run_finds(model, as_a_run_begins(model) if cleaned is None else cleaned)
    cost = sum((Cost(layer.bytes, layer.params, layer.macs) for layer in layers), Cost())
    overhead = max(file_bytes - cost.bytes, 0)
    return ModelSummary(
        name=name,
        path=path,
        sha256=sha256,
        bytes=file_bytes,
        overhead_bytes=overhead,
        nodes=len(model.nodes),
        cost=Cost(file_bytes, cost.params, cost.macs),
        opset=model.opset,
        producer=clean_name(f"{model.ir.producer_name or 'unknown'} {model.ir.producer_version or ''}"),
        inputs=input_specs(model),
        outputs=output_specs(model),
        layers=layers,
        groups=groups,
        runnable=why_not_runnable(model),
        warnings=tuple(_warnings(model)),
    )


def input_specs(model: Model) -> tuple[TensorSpec, ...]:
    """The inputs that a caller must give."""
    return tuple(_spec(value) for value in true_inputs(model))


def output_specs(model: Model) -> tuple[TensorSpec, ...]:
    """What the model gives."""
    return tuple(_spec(value) for value in model.graph.outputs)


def what_a_run_finds(model: Model, cleaned: Model) -> tuple[tuple[Layer, ...], tuple[ChannelGroup, ...]]:
    """The layer table with the axes, reasons and costs that a run will find, and its groups: every run cleans first.

    A layer whose weight is computed out of constants is seen after cleaning only; all costs are then those after
    cleaning.

    Args:
        model: The model.
        cleaned: What `as_a_run_begins` gives of it.
    """
    if cleaned is model:
        return with_refusals(model), model.channels.groups
    found = {layer.name: layer for layer in with_refusals(cleaned)}
    if found.keys() - {layer.name for layer in model.layers}:
        gone = (_as_found(layer, None) for layer in model.layers if layer.name not in found)
        return (*found.values(), *gone), cleaned.channels.groups
    return tuple(_as_found(layer, found.get(layer.name)) for layer in model.layers), cleaned.channels.groups


def as_a_run_begins(model: Model) -> Model:
    """The model as the first step of every run leaves it; as it is where that would keep the user waiting."""
    from desktop_app.steps.clean import Clean  # not above: it brings in what runs graphs

    stored = sum(layer.bytes for layer in model.layers)
    if len(model.nodes) > MAX_CLEANED_NODES or stored > MAX_CLEANED_BYTES:
        return model
    return Clean().apply(model, Recipe(), NO_DATA, SilentToken()).model


def _as_found(layer: Layer, found: Layer | None) -> Layer:
    """A layer with what is found of it after cleaning; one that nothing reads is not there any more."""
    if found is None:
        return replace(layer, refusals=dict.fromkeys(KNOBS, "nothing reads its output"), cleaned=Cost())
    axes = {"output": found.output, "input": found.input, "per_channel": found.per_channel, "beside": found.beside}
    return replace(layer, **axes, refusals=found.refusals, cleaned=Cost(found.bytes, found.params, found.macs))


def with_refusals(model: Model) -> tuple[Layer, ...]:
    """The layer table with the reasons of all steps: a knob is refused where every step that turns it refuses."""
    from desktop_app.pipeline import STEPS  # not above: the steps bring in all that they compress with

    by_knob: dict[str, list[Mapping[str, str]]] = {}
    for step in (kind() for kind in STEPS):
        if step.knob is not None:
            by_knob.setdefault(step.knob, []).append(step.refusals(model))
    return tuple(_refused(layer, by_knob) for layer in model.layers)


def _refused(layer: Layer, by_knob: Mapping[str, Sequence[Mapping[str, str]]]) -> Layer:
    reasons = {
        knob: refusals[0][layer.name]
        for knob, refusals in by_knob.items()
        if all(layer.name in one for one in refusals)
    }
    return replace(layer, refusals={**reasons, **layer.refusals}) if reasons else layer


def _spec(value: ir.Value) -> TensorSpec:
    shape = None if value.shape is None else tuple(_dimension(dim) for dim in value.shape)
    return TensorSpec(value.name or "", _type_name(value), shape)


def _dimension(dim: "int | ir.SymbolicDim") -> int | str | None:
    return dim if isinstance(dim, int) else dim.value


def _type_name(value: ir.Value) -> str:
    """The element type as numpy calls it; "sequence" and the like for what is no tensor."""
    if isinstance(value.type, ir.TensorType):
        return {"FLOAT": "float32", "DOUBLE": "float64"}.get(value.type.dtype.name, value.type.dtype.name.lower())
    return "unknown" if value.type is None else type(value.type).__name__.removesuffix("Type").lower()


def _warnings(model: Model) -> Iterator[str]:
    for name, shape in assumed_inputs(model).items():
        sizes = " x ".join(str(size) for size in shape)
        yield f"Input {clean_name(name)} leaves its size open: shapes and costs hold for {sizes}."
    if not model.layers:
        yield "No node of this model owns weights: there is nothing to compress."
    weighty = [layer for layer in model.layers if layer.weight]
    unknown = [layer.name for layer in weighty if not layer.output_shape or -1 in layer.output_shape]
    if unknown:
        yield f"The output shape of {_named(unknown)} is not known: the costs are too low."
    yield from _not_finite(model)


def _not_finite(model: Model) -> Iterator[str]:
    """Layers with NaN or infinite weights, and whether all weights could be looked at."""
    affected: dict[str, None] = {}
    scanned = skipped = 0
    with np.errstate(all="ignore"):
        for layer, array in _stored_weights(model):
            if scanned + array.nbytes > MAX_SCANNED_BYTES:
                skipped += array.nbytes
                continue
            scanned += array.nbytes
            if not _is_finite(array):
                affected[layer.name] = None
    if affected:
        yield f"Weights of {_named(list(affected))} are not finite (NaN or infinite): the model cannot work as it is."
    if skipped:
        yield f"{skipped / 2**20:,.0f} MB of weights were not searched for NaN: they stay in the file until a run."


def _stored_weights(model: Model) -> Iterator[tuple[Layer, np.ndarray]]:
    """The floating-point constants that each layer's row reads; one that rows share comes with the first.

    Arrays of weights that lie in a file are mapped, not read.
    """
    rows = {name: layer for layer in model.layers for name in layer.nodes}
    seen: set[ir.Value] = set()
    for node in model.nodes:
        layer = rows.get(node.name or "")
        if layer is None:
            continue
        for value in node.inputs:
            tensor = tensor_of(value)
            if tensor is not None and value is not None and tensor.dtype in FLOATS and value not in seen:
                seen.add(value)
                yield layer, tensor.numpy()


def _is_finite(array: np.ndarray) -> bool:
    """Whether no element is NaN or infinite: the sum shows it at once, unless it overflows."""
    return bool(isfinite(array.sum())) or bool(np.isfinite(array).all())


def _named(layers: Sequence[str]) -> str:
    names = ", ".join(clean_name(name) for name in layers[:MAX_NAMED])
    return f"{names} and {len(layers) - MAX_NAMED} more layers" if len(layers) > MAX_NAMED else names
