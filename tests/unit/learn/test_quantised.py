"""What is trained is what ONNX Runtime computes afterwards."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from desktop_app.graph.model import LATENT_KEY, Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.onnx_reader import read_model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.on_grids import with_grids
from desktop_app.learn.operators.quantisation import ON_GRID
from desktop_app.learn.quantised import QuantisedModule
from desktop_app.learn.quantised_layers import quantised_layers
from desktop_app.steps.cleaning.plain import cleaned
from desktop_app.steps.int8.fusion import fused_layers
from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair
from tests.unit.steps.int8_nets import batches_of, mobile_net, quantize, recipe_of, residual_net

NETS: dict[str, tuple[Callable[[], Model], int]] = {"mobile": (mobile_net, 16), "residual": (residual_net, 8)}


def quantised(model: Model, shape: tuple[int, ...], bits: int) -> Model:
    name = model.graph.inputs[0].name
    batches = [{name: batch["x"]} for batch in batches_of(shape)]
    return quantize(model, batches, recipe_of(bits, four_bits="integer", scheme="portable")).model


def module_of(model: Model, bits: int) -> QuantisedModule:
    layers, reasons = quantised_layers(model, {layer.name: bits for layer in model.layers}, pair_safe=True)
    assert not reasons
    latent = {name: value.meta[LATENT_KEY] for name, value in model.graph.initializers.items() if value.meta}
    assert len(latent) == len(layers)
    return QuantisedModule(model, layers, latent, pair_limit=PAIR_LIMIT)


def learned(module: QuantisedModule, shape: tuple[int, ...], steps: int = 3, rate: float = 0.02) -> None:
    """Changes all that is trained, as a training would."""
    torch.manual_seed(1)
    optimizer = torch.optim.AdamW(module.parameters(), lr=rate)
    for _ in range(steps):
        outputs = module({module.input_names[0]: torch.randn(shape)})
        optimizer.zero_grad()
        sum(output.square().mean() for output in outputs.values()).backward()
        optimizer.step()


def quanta_apart(model: Model, inputs: np.ndarray) -> dict[str, np.ndarray]:
    """By value, how many steps of the grid ONNX Runtime and the differentiable copy are apart, layer by layer.

    Each layer of the copy is given the integers that ONNX Runtime gives to it: errors of one do not reach the next.
    """
    grids = {node.outputs[0].name: node for node in with_grids(model).graph if node.op_type == ON_GRID}
    stored = {one.outputs[0].name: one.inputs[0].name for one in model.graph if one.op_type == "DequantizeLinear"}
    first = model.graph.inputs[0].name
    wanted = [stored[name] for name in grids]
    session = open_session(model, outputs=wanted)
    integers = dict(zip(grids, session.run(wanted, {first: inputs}), strict=True))
    final = model.graph.outputs[0].name
    plain = open_session(model).run(None, {first: inputs})[0]
    assert np.array_equal(session.run([final], {first: inputs})[0], plain)  # the same kernels
    zeros = {name: node.attributes["zero_point"].as_int() for name, node in grids.items()}
    scales = {name: float(model.constant(node.inputs[1].name)) for name, node in grids.items()}
    real = {
        name: torch.from_numpy((array.astype(np.float32) - zeros[name]) * np.float32(scales[name]))
        for name, array in integers.items()
    }
    raw = [node.inputs[0].name for node in grids.values() if node.inputs[0].name != first]
    found = GraphModule(with_grids(model), [first, *grids], raw)({first: torch.from_numpy(inputs), **real})
    apart = {}
    for name, node in grids.items():
        if node.inputs[0].name != first:
            low, high = (node.attributes[end].as_int() for end in ("low", "high"))
            steps = (found[node.inputs[0].name] / scales[name]).round() + zeros[name]
            apart[name] = np.abs(steps.clamp(low, high).numpy() - integers[name])
    return apart


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("bits", [8, 6, 4])
def test_untrained_it_goes_back_to_the_bit(net: str, bits: int) -> None:
    build, size = NETS[net]
    model = quantised(build(), (6, 3, size, size), bits)
    assert module_of(model, bits).written_back().to_bytes() == model.to_bytes()


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("bits", [8, 6, 4])
def test_onnx_runtime_computes_what_was_trained(net: str, bits: int) -> None:
    build, size = NETS[net]
    shape = (6, 3, size, size)
    before = quantised(build(), shape, bits)
    module = module_of(before, bits)
    learned(module, shape)
    after = module.written_back()
    inputs = batches_of(shape, 1, seed=5)[0]["x"]
    assert [node.op_type for node in after.graph] == [node.op_type for node in before.graph]
    assert fused_layers(after, {layer.name for layer in after.layers}) == {layer.name for layer in after.layers}
    apart = quanta_apart(after, inputs)
    assert max(one.max() for one in apart.values()) <= 1
    assert np.mean([np.mean(one > 0) for one in apart.values()]) < 1e-3
    expected = open_session(after).run(None, {"x": inputs})[0]
    found = module({"x": torch.from_numpy(inputs)})[after.graph.outputs[0].name].detach().numpy()
    assert np.abs(found - expected).max() <= quantum(after, expected)
    changed = open_session(before).run(None, {"x": inputs})[0]
    assert np.abs(changed - expected).max() > 2 * quantum(after, expected)


def quantum(model: Model, outputs: np.ndarray) -> float:
    """A step of the output's grid; where the output is float, what a step would be."""
    producer = model.graph.outputs[0].producer()
    if producer is not None and producer.op_type == "DequantizeLinear":
        return 1.001 * float(model.constant(producer.inputs[1].name))
    return float(outputs.max() - outputs.min()) / 255


@pytest.mark.parametrize("bits", [8, 6, 4])
def test_integers_stay_on_their_grid_and_pairs_stay_safe(bits: int) -> None:
    model = quantised(residual_net(), (6, 3, 8, 8), bits)
    module = module_of(model, bits)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() > 1:
                parameter.mul_(3.0)
    after = module.written_back()
    for layer in after.layers:
        stored = after.constant(after.node(layer.name).inputs[1].producer().inputs[0].name)
        assert stored.dtype == np.int8
        assert stored.max() == (127 if bits == 8 and stored.shape[1] == 1 else min(stored.max(), 2 ** (bits - 1) - 1))
        assert stored.min() >= (-127 if bits == 8 else -(1 << bits - 1))
        rows = np.moveaxis(stored, 1, -1).reshape(len(stored), -1)
        assert bits == 4 or largest_pair(rows) <= PAIR_LIMIT


def test_a_scale_grows_where_a_large_bias_needs_it() -> None:
    model = quantised(mobile_net(), (6, 3, 16, 16), 8)
    module = module_of(model, 8)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() == 1:
                parameter.add_(1e6 * (parameter != 0))
    after = module.written_back()
    for layer in after.layers:
        stored = after.constant(after.node(layer.name).inputs[2].producer().inputs[0].name)
        assert np.abs(stored.astype(np.int64)).max() <= 2**30 + 2**8


@pytest.mark.parametrize(("name", "size"), [("resnet20_cifar10", 32), ("mobilenet_v1_0.75_224", 224)])
@pytest.mark.corpus
def test_real_models_compute_what_was_trained(name: str, size: int, shared_data: Path) -> None:
    path = shared_data / "models" / f"{name}.onnx"
    shape = (2, 3, size, size)
    model = quantised(cleaned(read_model(path)), shape, 8)
    module = module_of(model, 8)
    learned(module, shape, steps=1, rate=1e-3)
    apart = quanta_apart(module.written_back(), batches_of(shape, 1, seed=5)[0]["x"])
    assert max(one.max() for one in apart.values()) <= 1
    assert np.mean([np.mean(one > 0) for one in apart.values()]) < 1e-3
