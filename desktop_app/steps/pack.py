"""How the values are stored, not what they are: sparse weights, equal constants once, unused ones not at all."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import onnx_ir as ir

from desktop_app.core.layer import Layer
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.weights import trace
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.base import Step, StepResult
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.ledger import Ledger
from desktop_app.steps.storage.few_bits import FewBits, write_few_bits
from desktop_app.steps.storage.masked import Masked, write_masked
from desktop_app.steps.storage.sparse import Sparse, write_sparse
from desktop_app.steps.targets import asked

FIRST_WITH_SCATTER = 11
"""Version of the standard operators from which there are CumSum and ScatterElements."""

WORTH_IT = 0.9
"""Share of the dense size up to which a sparse weight is stored so: expanding it takes time when the model loads."""

LEAST_BYTES = 1024
"""Smaller constants are not compared with each other."""

SPARSE_TYPES = frozenset({ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.INT8})


class Pack(Step):
    """Stores weights in fewer bytes: pruned ones sparse, 6 and 4 bits without gaps, equal constants once."""

    name = "pack"
    title = "Pack"
    preserves_outputs = True

    def wanted(self, model: Model, recipe: Recipe) -> bool:
        """Whether the recipe changes anything and there is something to pack."""
        return bool(asked(model, recipe, _changes)) and _plan(model, recipe).worth_it

    def apply(self, model: Model, recipe: Recipe, calibration: Calibration, token: Token) -> StepResult:
        """Packs the model, see `Step.apply`; its values stay what they are."""
        token.check()
        plan = _plan(model, recipe)
        ledger, editor = Ledger(self.name, self.title, model), GraphEditor(model)
        for done, (name, found) in enumerate(plan.sparse.items()):
            token.check()
            token.report(Progress(self.name, done / len(plan.sparse), found.layer.name))
            ledger.change(found.layer, _write(editor, editor.graph.initializers[name], found.sparse))
        for name, first in plan.duplicates.items():
            editor.replace(editor.graph.initializers[name], editor.graph.initializers[first])
        for name in plan.unused:
            del editor.graph.initializers[name]
        return ledger.close(editor.finish(), plan.notes())


Form = Sparse | Masked | FewBits


@dataclass(frozen=True)
class _Found:
    """A weight that is smaller so, and a layer that it belongs to."""

    layer: Layer
    sparse: Form


@dataclass(frozen=True)
class _Plan:
    """What is to be packed, by the names of initializers of the main graph.

    Attributes:
        sparse: What is smaller sparse, or without gaps.
        duplicates: What is equal to another, which comes first, and that one's name.
        unused: What nobody reads.
        dense: How many pruned weights are not smaller sparse.
    """

    sparse: dict[str, _Found]
    duplicates: dict[str, str]
    unused: tuple[str, ...]
    dense: int

    @property
    def worth_it(self) -> bool:
        return bool(self.sparse or self.duplicates or self.unused)

    def notes(self) -> tuple[str, ...]:
        notes = [f"{self.dense} pruned weights stay dense: they have too few zeros to be smaller sparse."]
        if self.duplicates or self.unused:
            notes.append(f"{len(self.duplicates)} equal and {len(self.unused)} unused constants were dropped.")
        return tuple(notes if self.dense else notes[1:])


def _plan(model: Model, recipe: Recipe) -> _Plan:
    unused, duplicates = _superfluous(model)
    sparse: dict[str, _Found] = {}
    dense = 0
    channels = recipe.methods.prune.unit == "channels"
    pruned = frozenset(layer.name for layer in ([] if channels else asked(model, recipe, lambda one: one.prune > 0)))
    few = _few(model, recipe)
    for layer in model.layers if model.opset >= FIRST_WITH_SCATTER else ():
        if layer.name not in pruned and layer.name not in few:
            continue
        for value in _weights(model, layer):
            name = value.name or ""
            if name in sparse or name in duplicates or value.const_value is None:
                continue
            array = value.const_value.numpy()
            choices: list[Form] = [Masked.of(array), Sparse.of(array)] if layer.name in pruned else []
            packed = FewBits.of(array, few[layer.name]) if layer.name in few else None
            found = min([*choices, *([packed] if packed else [])], key=lambda form: form.bytes, default=None)
            if found is not None and found.bytes <= WORTH_IT * value.const_value.nbytes:
                sparse[name] = _Found(layer, found)
            elif choices:
                dense += 1
    return _Plan(sparse, duplicates, unused, dense)


def _few(model: Model, recipe: Recipe) -> dict[str, int]:
    """Layer to the bits of its integers, where these lie in bytes of their own until they are packed."""
    settings, packed = recipe.settings_of(model.layers), recipe.methods.quantize.packed_bits
    return {layer.name: settings[layer.name].bits for layer in asked(model, recipe, lambda one: one.bits in packed)}


def _write(editor: GraphEditor, value: ir.Value, form: Form) -> str:
    """Stores a weight so; tells how."""
    if isinstance(form, FewBits):
        write_few_bits(editor, value, form)
        return f"stored in {form.bits} bits, computed in 8"
    if isinstance(form, Masked):
        write_masked(editor, value, form)
    else:
        write_sparse(editor, value, form)
    return f"stored sparse, {form.values.size} of {int(np.prod(form.shape))} values"


def _changes(settings: LayerSettings) -> bool:
    return settings.prune > 0 or settings.rank is not None or settings.bits < 32


def _weights(model: Model, layer: Layer) -> list[ir.Value]:
    """The initializers that the layer's node makes its weights of, where they may be stored otherwise."""
    try:
        node = model.node(layer.name)
    except KeyError:
        return []
    traced = [trace(value) for value in node.inputs]
    weights = [weight for weight in traced if weight is not None and len(weight.shape) > 1]
    return [one.value for one in weights if _may_change(one.value) and one.tensor.dtype in SPARSE_TYPES]


def _may_change(value: ir.Value) -> bool:
    inner = value.is_initializer() and value.const_value is not None
    return inner and not value.is_graph_input() and not value.is_graph_output()


def _superfluous(model: Model) -> tuple[tuple[str, ...], dict[str, str]]:
    """Initializers of the main graph that nobody reads, and those that equal another."""
    unused: list[str] = []
    duplicates: dict[str, str] = {}
    first: dict[tuple[object, ...], str] = {}
    for name, value in model.graph.initializers.items():
        tensor = value.const_value
        if tensor is None or not _may_change(value):
            continue
        if not value.uses():
            unused.append(name)
        elif tensor.nbytes >= LEAST_BYTES and tensor.dtype != ir.DataType.STRING:
            key = (tensor.dtype, tuple(tensor.shape.numpy()), sha256(tensor.tobytes()).digest())
            if first.setdefault(key, name) != name:
                duplicates[name] = first[key]
    return tuple(unused), duplicates
