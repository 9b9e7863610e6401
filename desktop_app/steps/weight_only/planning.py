"""In what form every weight will be stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from desktop_app.core.methods import QuantizeMethod
from desktop_app.core.progress import Progress, Token
from desktop_app.core.settings import ON_INTEGERS
from desktop_app.core.units import size
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import Covariance
from desktop_app.steps.biases import find_bias, shifted
from desktop_app.steps.rounding.collecting import collect_moments
from desktop_app.steps.storage.product import fits_product, pack_product
from desktop_app.steps.storage.stored import Bias, Stored, pack_bits
from desktop_app.steps.targets import LayerWeight
from desktop_app.steps.weight_only.allocation import Option, allocate
from desktop_app.steps.weight_only.encoding import Encoded, Reads, encode
from desktop_app.steps.weight_only.forms import Form, forms, nearest_block
from desktop_app.steps.weight_only.layout import Layout

SPARE_BITS = 0.75
"""What scales, and more bits for some, may take for each weight in all."""

LARGE, LARGE_BLOCK = 2**22, 32
"""A weight with so many elements is not tried in several forms, which takes long, but stored in such blocks."""


@dataclass(frozen=True)
class Target:
    """A weight that is to be stored in so many bits."""

    weight: LayerWeight
    layout: Layout
    bits: int
    array: np.ndarray


@dataclass(frozen=True)
class _Tried:
    """A weight in all its forms, and how its bias can make up for a change of the mean in each."""

    target: Target
    encoded: Sequence[Encoded]
    reads: Reads
    bias: Bias | None


def plan_storage(
    model: Model,
    targets: Mapping[str, Target],
    method: QuantizeMethod,
    calibration: Calibration,
    token: Token,
    *,
    against_inputs: bool,
) -> dict[str, Stored]:
    """What is stored in the place of each weight, by its name.

    Args:
        model: The model that the weights are from.
        targets: The weights, by name.
        method: How to store them.
        calibration: Where samples come from.
        token: Hears of the progress, says when to stop.
        against_inputs: Whether weights are rounded against what their layers read.

    Raises:
        Cancelled: when the token says so.
    """
    tried: dict[str, _Tried] = {}
    if against_inputs:
        for name, moments in _moments(model, targets, calibration, token):
            _report(token, len(tried), len(targets), targets[name])
            tried[name] = _try_on_data(targets[name], method, moments)
    for name, target in targets.items():
        if name not in tried:
            _report(token, len(tried), len(targets), target)
            reads = Reads.nothing(target.layout.inputs)
            tried[name] = _try(target, method, reads, None)
    chosen = _choose(tried)
    products = method.matmul != "float"
    return {name: _stored(one, one.encoded[chosen[name]], products=products) for name, one in tried.items()}


def _moments(
    model: Model, targets: Mapping[str, Target], calibration: Calibration, token: Token
) -> Iterator[tuple[str, Covariance]]:
    """What the layers read; of those in 8 bits, which lose little, on a few samples."""
    alone = {name: target for name, target in targets.items() if not target.weight.sharers}
    for few in (True, False):
        weights = {name: one.weight for name, one in alone.items() if (one.bits >= 8) == few}
        yield from collect_moments(model, weights, calibration, token, few=few)


def _report(token: Token, done: int, of: int, target: Target) -> None:
    token.check()
    token.report(Progress("quantize_weights", done / of, target.weight.layer.name))


def _try_on_data(target: Target, method: QuantizeMethod, moments: Covariance) -> _Tried:
    bias = find_bias(target.weight, target.layout.before * target.layout.behind)
    matrix, mean = moments.matrix, moments.mean
    if bias is not None:
        matrix = matrix - mean[:, :, None] * mean[:, None, :]
    return _try(target, method, Reads(matrix, mean, known=True), bias)


def _try(target: Target, method: QuantizeMethod, reads: Reads, bias: Bias | None) -> _Tried:
    rows = target.layout.rows(target.array)
    choices = forms(target.bits, method.block, target.layout.inputs)
    if rows.size >= LARGE and len(choices) > 1:
        choices = [Form(target.bits, nearest_block(LARGE_BLOCK, target.layout.inputs))]
    encoded = [encode(rows, reads, form, against_inputs=reads.known) for form in choices]
    return _Tried(target, encoded, reads, bias)


def _choose(tried: Mapping[str, _Tried]) -> dict[str, int]:
    """The form of each weight, within the bits that were asked for and a little more in all."""
    options = {name: [Option(form.bytes, form.noise) for form in one.encoded] for name, one in tried.items()}
    bits = sum((one.target.bits + SPARE_BITS) * one.target.array.size for one in tried.values())
    return allocate(options, int(bits / 8))


def _stored(tried: _Tried, encoded: Encoded, *, products: bool) -> Stored:
    stored = _decoded(tried, encoded)
    weight, form, scales = tried.target.weight, encoded.form, encoded.scales
    if (
        not products
        or weight.sharers
        or not fits_product(weight.node, form.bits, form.block, tried.target.layout.inputs)
    ):
        return stored
    if not _has_rows(weight):
        return stored
    product = pack_product(encoded.integers, scales.scale, scales.zero, form.block)
    return replace(stored, product=product, remark=f"{stored.remark}; multiplied as it is stored")


def _has_rows(weight: LayerWeight) -> bool:
    """Whether the weight is the second operand of a product of two matrices."""
    return weight.index == 1 and len(weight.tensor.shape) == 2


def _decoded(tried: _Tried, encoded: Encoded) -> Stored:
    layout, scales = tried.target.layout, encoded.scales
    blocks = scales.scale.shape[1]
    blocked = (layout.before, blocks, encoded.form.block, layout.behind)
    packed = encoded.form.bits not in ON_INTEGERS  # others have a byte each until the model is packed
    own_shape = blocks == 1 and not (packed and layout.behind == 1 and layout.inputs % (8 // encoded.form.bits) == 0)
    meeting = layout.whole if own_shape else (layout.before, blocks, 1, layout.behind)

    def arranged(array: np.ndarray) -> np.ndarray:
        return layout.blocked(array, blocks).reshape(meeting)

    integers = layout.blocked(encoded.integers, blocks)
    return Stored(
        pack_bits(integers, encoded.form.bits) if packed else integers.reshape(layout.shape if own_shape else blocked),
        layout.shape,
        arranged(scales.scale).astype(scales.dtype),
        layout.shape if own_shape else blocked,
        _remark(tried, encoded),
        encoded.form.bits,
        arranged(scales.zero) if scales.zero.any() else None,
        _bias(tried, encoded),
    )


def _bias(tried: _Tried, encoded: Encoded) -> Bias | None:
    """The bias that keeps the mean of what the layer gives."""
    if tried.bias is None:
        return None
    rows = tried.target.layout.rows(tried.target.array)
    groups, inputs = tried.reads.mean.shape
    lost = (rows - encoded.values).reshape(groups, -1, inputs)
    return shifted(tried.bias, np.sum(lost * tried.reads.mean[:, None, :], axis=2).ravel())


def _remark(tried: _Tried, encoded: Encoded) -> str:
    where = "at its output" if tried.reads.known else "of its weights"
    ratio = f"signal to noise {encoded.decibel:.1f} dB {where}"
    first = tried.encoded[0]
    if encoded.form.bits > tried.target.bits:
        saved = size(encoded.bytes - first.bytes)
        instead = f"{first.form.bits} would save {saved} more and leave {first.decibel:.1f} dB"
        return f"{encoded.form.bits} bits, {ratio}: {instead}"
    if encoded.form.block < tried.target.layout.inputs:
        return f"blocks of {encoded.form.block}, {ratio}"
    return ratio
