"""The copy as a whole: what is trained, what is shared, what is computed once, and how it goes back."""

import numpy as np
import pytest
import torch

from desktop_app.learn.module import GraphModule
from desktop_app.learn.operators.base import UntrainableError
from desktop_app.learn.write_back import write_back
from tests.unit.graph.nets import net, normal


def shared_net():
    """One weight read twice, once turned."""
    text = "(float[N, 5] x) => (y) { a = MatMul(x, w) t = Transpose<perm = [1, 0]>(w) y = MatMul(a, t) }"
    return net(f"g {text}", w=normal(5, 8))


def test_a_weight_that_is_read_twice_stays_one_and_gets_both_gradients():
    copy = GraphModule(shared_net())
    assert list(copy.state_dict()) == ["w"]
    x = torch.randn(3, 5)
    copy({"x": x})["y"].sum().backward()
    w = copy.state_dict(keep_vars=True)["w"]
    twin = w.detach().clone().requires_grad_()
    (x @ twin @ twin.T).sum().backward()
    assert w.grad is not None
    assert twin.grad is not None
    assert torch.allclose(w.grad, twin.grad, rtol=1e-5)


def test_weights_come_back_bit_by_bit():
    model = shared_net()
    copy = GraphModule(model)
    assert write_back(copy, model).to_bytes() == model.to_bytes()
    with torch.no_grad():
        copy.state_dict(keep_vars=True)["w"].mul_(1.1)
    trained = write_back(copy, model)
    assert np.array_equal(trained.constant("w"), copy.state_dict()["w"].numpy())
    assert not np.array_equal(trained.constant("w"), model.constant("w"))


def test_what_depends_on_constants_alone_is_computed_once_and_is_no_state():
    text = "(float[N, 6] x) => (y) { s = Concat<axis = 0>(a, b) y = Reshape(x, s) }"
    model = net(f"g {text}", a=np.array([-1, 2]), b=np.array([3]))
    copy = GraphModule(model)
    assert copy({"x": torch.zeros(4, 6)})["y"].shape == (4, 2, 3)
    assert len(copy._calls) == 1
    assert not copy.state_dict()


def test_the_parts_on_both_sides_of_an_unknown_operator_are_taken():
    model = net("g (float[N, 5] x) => (y) { a = MatMul(x, w) b = Unique(a) y = Relu(b) }", w=normal(5, 8))
    with pytest.raises(UntrainableError, match=r"\(Unique, opset \d+\)"):
        GraphModule(model)
    before = GraphModule(model, outputs=["a"])({"x": torch.ones(2, 5)})["a"]
    after = GraphModule(model, inputs=["b"])({"b": before})["y"]
    assert before.requires_grad
    assert torch.equal(after, before.clamp(min=0))
