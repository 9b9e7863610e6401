"""Whether matrix products run faster on weights in 4 bits as they are stored, or decoded: measured on this machine.

Which is faster depends on the processor's kernels and on how many rows are multiplied. So the whole model is timed with
all its products packed and with none; real weights are not needed for that.
"""

from collections.abc import Collection, Iterator

import numpy as np
from msgspec.structs import replace

from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.steps.base import Choice
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.storage.product import BITS, PackedProduct, fits_product, write_product
from desktop_app.steps.targets import LayerWeight, find_weights
from desktop_app.steps.weight_only.forms import nearest_block
from desktop_app.steps.weight_only.layout import Layout

LEAST_MACS = 2_000_000
"""Below it nothing can be told apart: see `int8.faster`."""

TOLERANCE = 0.02
"""What is slower by less is still packed: it takes less memory."""

BLOCK = 32
"""Where blocks are chosen by what the layers lose, these are timed."""

SECONDS = 0.6


def choose_product(model: Model, names: Collection[str], recipe: Recipe, token: Token) -> Choice | None:
    """The recipe with `matmul` as it is faster here; None where it does not say "auto", or there is nothing to choose.

    Args:
        model: The float model.
        names: Its layers that are asked for 4 bits.
        recipe: What is asked for.
        token: Hears of progress; says when to stop.
    """
    method = recipe.methods.quantize
    block = method.block if isinstance(method.block, int) else BLOCK
    products = [] if method.matmul != "auto" or method.block is None else [*_products(model, names, block)]
    if not products or sum(one.layer.macs for one in products) < LEAST_MACS:
        return None
    token.report(Progress("quantize_weights", 0.0, "timing matrix products packed and decoded"))
    try:
        decoded, packed = take_turns(
            [model, rehearse_packed(model, products, block)], threads=1, seconds=SECONDS, token=token
        )
    except InvalidRecipeError:  # no inputs can be made up to time it with
        return None
    faster = packed <= (1.0 + TOLERANCE) * decoded
    method = replace(method, matmul="packed" if faster else "float")
    said = (
        f"On this processor (one thread) it takes {decoded:.3g} ms with weights decoded, {packed:.3g} ms with those of "
        f"{len(products)} matrix products as they are stored: so they are {'packed' if faster else 'decoded'}."
    )
    return Choice(replace(recipe, methods=replace(recipe.methods, quantize=method)), (), (said,))


def rehearse_packed(model: Model, products: Collection[LayerWeight], block: int) -> Model:
    """The model with those products packed, without real numbers, on which the time does not depend."""
    editor = GraphEditor(model)
    for weight in products:
        inputs = _inputs(weight)
        size, outputs = nearest_block(block, inputs), weight.tensor.size // inputs
        content = np.full((outputs, inputs // size, size // 2), 0x88, np.uint8)
        scale = np.ones((outputs, inputs // size), np.float32)
        write_product(editor, weight.node, weight.index, PackedProduct(content, scale, None, inputs))
    return editor.finish()


def _products(model: Model, names: Collection[str], block: int) -> Iterator[LayerWeight]:
    """Weights that MatMulNBits could read."""
    for layer in model.layers:
        found = find_weights(model, layer) if layer.name in names else ()
        for weight in () if isinstance(found, str) else found:
            if weight.index != 1 or weight.sharers or len(weight.tensor.shape) != 2:
                continue
            inputs = _inputs(weight)
            if inputs and fits_product(weight.node, BITS, nearest_block(block, inputs), inputs):
                yield weight


def _inputs(weight: LayerWeight) -> int:
    layout = Layout.of(weight)
    return 0 if isinstance(layout, str) else layout.inputs
