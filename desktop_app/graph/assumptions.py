"""Which sizes the free dimensions of a model's inputs are taken to have, so that one sample has shapes and costs.

The first free axis is the batch: one sample. Others go by their symbol ("height", "seq_len"), then by their place:
images are 224 by 224, sequences 128 long. The figures of such a model hold for these sizes only, and are said to.
"""

import re

import onnx_ir as ir

from desktop_app.graph.model import Model

SIZE_BY_SYMBOL = (
    (re.compile(r"batch|^(n|bs)$"), 1),
    (re.compile(r"seq|time|frame|len|token|step|^[tl]$"), 128),
    (re.compile(r"height|width|^[hw]$"), 224),
)
IMAGE_CHANNELS = 3
IMAGE_SIDE = 224
VOLUME_SIDE = 64
SEQUENCE = 128


def input_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """Shape of one sample of every input whose rank is known; initializers are no inputs."""
    bound: dict[str, int] = {}
    return {value.name or "": _concrete(value, bound) for value in true_inputs(model) if value.shape is not None}


def assumed_inputs(model: Model) -> dict[str, tuple[int, ...]]:
    """Those of `input_shapes` in which something else than the number of samples had to be assumed."""
    shapes = input_shapes(model)
    assumed = {}
    for value in true_inputs(model):
        dims = value.shape.dims if value.shape is not None else ()
        if any(not _is_known(dim, axis) and shapes[value.name or ""][axis] != 1 for axis, dim in enumerate(dims)):
            assumed[value.name or ""] = shapes[value.name or ""]
    return assumed


def true_inputs(model: Model) -> list[ir.Value]:
    """The inputs that a caller must give: those that no initializer presets."""
    return [value for value in model.graph.inputs if value.name not in model.graph.initializers]


def _is_known(dim: object, axis: int) -> bool:
    """Whether the file says the size; old exporters write 0 or -1 for a free dimension."""
    return isinstance(dim, int) and (dim > 0 or (dim == 0 and axis > 0))


def _concrete(value: ir.Value, bound: dict[str, int]) -> tuple[int, ...]:
    """The shape of one sample; one symbol has one size in all inputs (`bound`)."""
    dims = value.shape.dims if value.shape is not None else ()
    sizes = []
    for axis, dim in enumerate(dims):
        if isinstance(dim, int) and _is_known(dim, axis):
            sizes.append(dim)
            continue
        symbol = dim.value if isinstance(dim, ir.SymbolicDim) else None
        size = bound.get(symbol or "") or _size(value, dims, axis, symbol or "")
        if symbol:
            bound[symbol] = size
        sizes.append(size)
    return tuple(sizes)


def _size(value: ir.Value, dims: tuple[object, ...], axis: int, symbol: str) -> int:
    for pattern, size in SIZE_BY_SYMBOL:
        if pattern.search(symbol.lower()):
            return size
    if axis == 0:
        return 1
    rank = len(dims)
    if rank < 4:
        return SEQUENCE
    side = IMAGE_SIDE if rank == 4 else VOLUME_SIDE
    channels_last = dims[-1] in (1, 3, 4) and not isinstance(dims[1], int)
    return _channels_read(value) if axis == 1 and not channels_last else side


def _channels_read(value: ir.Value) -> int:
    """How many channels the convolution that reads an image wants."""
    for node in value.consumers():
        if node.op_type == "Conv" and len(node.inputs) > 1 and node.inputs[1] is not None:
            weight = node.inputs[1].const_value
            if weight is not None and len(weight.shape) > 2:
                return weight.shape.numpy()[1] * node.attributes.get_int("group", 1)
    return IMAGE_CHANNELS
