"""Parts of models around what cannot be trained; weights through a copy and back."""

import numpy as np
import onnx
import onnx_ir as ir
import pytest
import torch

from desktop_app.graph.model import Model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.operators.base import UntrainableError
from desktop_app.learn.parts import trainable_part
from desktop_app.learn.write_back import write_back


def model(text: str) -> Model:
    return Model(ir.from_proto(onnx.parser.parse_model(text)))


def interrupted(first: int, second: int) -> Model:
    """Two products with something in the middle that has no gradient."""
    made = onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["": 17]> g (float[N,{first}] x) => (float[N,2] y) {{
            a = MatMul(x, w)  b = Frobnicate(a)  c = MatMul(b, v)  y = Relu(c) }}"""
    )
    middle = 3
    for name, shape in (("w", (first, middle * second)), ("v", (middle * second, 2))):
        made.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(shape, np.float32), name))
    return Model(ir.from_proto(made))


def test_the_part_with_most_weights_is_before_or_after_what_cannot_be_trained() -> None:
    large_first = trainable_part(interrupted(5, 1))
    assert large_first is not None
    assert (large_first.inputs, large_first.outputs) == (("x",), ("a",))
    assert "Frobnicate, opset 17" in next(iter(large_first.refused.values()))
    large_last = trainable_part(interrupted(1, 1))
    assert large_last is not None
    assert (large_last.inputs, large_last.outputs) == (("b",), ("y",))
    whole = interrupted(1, 1)
    with pytest.raises(UntrainableError, match="Frobnicate"):
        GraphModule(whole)
    part = GraphModule(whole, large_last.inputs, large_last.outputs)
    assert part({"b": torch.ones(2, 3)})["y"].tolist() == [[3.0, 3.0]] * 2


def test_functions_of_the_model_are_trained_through() -> None:
    made = model(
        """<ir_version: 8, opset_import: ["": 17, "own": 1]> g (float[N,2] x) => (float[N,2] y) {
             y = own.twice(x) }
           <domain: "own", opset_import: ["": 17]> twice (a) => (b) { b = Add(a, a) }"""
    )
    assert GraphModule(made)({"x": torch.ones(1, 2)})["y"].tolist() == [[2.0, 2.0]]
    assert trainable_part(made) is not None


def shared() -> Model:
    made = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["": 17]> g (float[N,3] x) => (float[N,3] y) {
             t = Transpose <perm=[1,0]> (w)  a = MatMul(x, t)  y = MatMul(a, w) }"""
    )
    weight = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    weight[0] = 0
    made.graph.initializer.append(onnx.numpy_helper.from_array(weight, "w"))
    return Model(ir.from_proto(made))


def test_a_shared_weight_is_one_parameter_also_behind_a_transpose_and_returns_bit_by_bit() -> None:
    before = shared()
    module = GraphModule(before)
    assert [name for name, _ in module.named_parameters()] == ["w"]
    same = write_back(module, before).graph.initializers["w"].const_value
    old = before.graph.initializers["w"].const_value
    assert same is not None
    assert old is not None
    assert same.tobytes() == old.tobytes()


def test_trained_weights_return_bit_by_bit_and_zeros_under_a_mask_stay() -> None:
    before = shared()
    module = GraphModule(before)
    parameter = dict(module.named_parameters())["w"]
    mask = (parameter.detach() != 0).float()
    optimiser = torch.optim.SGD(module.parameters(), 0.1)
    for _ in range(3):
        module({"x": torch.ones(2, 3)})["y"].square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()
        with torch.no_grad():
            parameter.mul_(mask)
    after = write_back(module, before)
    assert list(after.graph.initializers) == list(before.graph.initializers)
    found = after.graph.initializers["w"].const_value
    assert found is not None
    assert found.numpy().tobytes() == parameter.detach().numpy().tobytes()
    assert not found.numpy()[0].any()
    assert found.numpy()[1:].all()
