"""Rounding forward, gradients backward."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from desktop_app.learn.straight_through import on_grid, pair_safe, rounded, scaled_gradient, to_integers
from desktop_app.steps.int8.saturation import PAIR_LIMIT, largest_pair, make_pair_safe


@given(arrays(np.int8, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.integers(-127, 127)))
def test_pairs_become_safe_exactly_as_the_quantisation_makes_them(integers: np.ndarray) -> None:
    rows = integers.astype(np.float64)
    assert np.array_equal(pair_safe(torch.from_numpy(rows), PAIR_LIMIT).numpy(), make_pair_safe(rows))


@given(arrays(np.float32, (3, 4, 5), elements=st.floats(-2.0, 2.0, width=32)), st.permutations(range(20)))
def test_integers_are_safe_in_the_order_of_the_kernel(weights: np.ndarray, order: list[int]) -> None:
    scales = torch.full((3, 1, 1), 0.01)
    pairs = torch.tensor(order)
    found = to_integers(torch.from_numpy(weights), scales, -127, 127, pairs, PAIR_LIMIT)
    assert largest_pair(found.reshape(3, 20)[:, pairs].numpy()) <= PAIR_LIMIT
    plain = np.clip(np.rint(weights / np.float32(0.01)), -127, 127).reshape(3, 20)[:, order]
    assert np.array_equal(found.reshape(3, 20)[:, pairs].numpy(), make_pair_safe(plain))


def test_gradients_of_weights_pass_inside_the_grid_only() -> None:
    weights = torch.tensor([[0.31, -0.2, 5.0, -5.0]], requires_grad=True)
    scales = torch.tensor([[0.1]], requires_grad=True)
    (to_integers(weights, scales, -8, 7, None, 0) * scales).sum().backward()
    assert weights.grad is not None
    assert weights.grad.tolist() == [[1.0, 1.0, 0.0, 0.0]]
    rounding = (3 - 3.1) + (-2 + 2.0)  # what a step gains by rounding, and the ends of the grid
    assert scales.grad is not None
    assert scales.grad.item() == pytest.approx(rounding + 7 - 8, abs=1e-5)


@pytest.mark.parametrize("zero_point", [0, 128])
def test_gradients_of_activations_are_those_of_learned_step_sizes(zero_point: int) -> None:
    x = torch.linspace(-3.0, 3.0, 41, requires_grad=True)
    scale = torch.tensor([0.017], requires_grad=True)
    on_grid(x, scale, zero_point, 0, 255).sum().backward()
    assert x.grad is not None
    assert scale.grad is not None
    ratio = x.detach() / 0.017
    low, high = -zero_point, 255 - zero_point
    inside = (ratio >= low - 0.5) & (ratio <= high + 0.5)
    assert torch.equal(x.grad, inside.float())
    steps = torch.where(inside, ratio.round().clamp(low, high) - ratio, ratio.clamp(low, high))
    assert scale.grad.item() == pytest.approx(steps.sum().item(), rel=1e-3, abs=1e-3)  # terms of opposite signs


def test_biases_become_multiples_and_learn_as_if_they_did_not() -> None:
    numbers = torch.tensor([0.26, -0.74], requires_grad=True)
    found = rounded(numbers, torch.tensor([0.1, 0.5]))
    assert torch.allclose(found, torch.tensor([0.3, -0.5]))
    found.sum().backward()
    assert numbers.grad is not None
    assert numbers.grad.tolist() == [1.0, 1.0]


def test_a_damped_gradient_leaves_the_numbers() -> None:
    numbers = torch.tensor([1.3, 7.0], requires_grad=True)
    found = scaled_gradient(numbers, 0.25)
    assert torch.allclose(found, numbers)
    found.sum().backward()
    assert numbers.grad is not None
    assert numbers.grad.tolist() == [0.25, 0.25]
