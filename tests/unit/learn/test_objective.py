"""The loss is what the literature says."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.learn.objective import Labels, Objective, cross_entropy, relative_error, soft_targets
from desktop_app.learn.outputs import Target


def scores(seed: int, classes: int = 5) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(7, classes)).astype(np.float32) * 3)


@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0.5, 20.0))
def test_soft_targets_are_never_negative_and_zero_for_the_teacher_itself(one: int, other: int, heat: float) -> None:
    assert float(soft_targets(scores(one), scores(other), heat)) >= -1e-5
    assert float(soft_targets(scores(one), scores(one), heat)) == pytest.approx(0.0, abs=1e-4)


def test_at_a_high_temperature_soft_targets_become_the_squared_error_of_centred_scores() -> None:
    """Hinton et al. 2015, section 2.1: the gradient tends to (z - v) / N for scores of zero mean."""
    one, other = scores(0).requires_grad_(), scores(1)
    soft_targets(one, other, 1000.0).backward()
    centred = lambda x: x - x.mean(1, keepdim=True)  # noqa: E731
    expected = (centred(one.detach()) - centred(other)) / (one.shape[1] * one.shape[0])
    torch.testing.assert_close(one.grad, expected, rtol=0.02, atol=1e-4)


def test_at_temperature_one_against_certain_scores_they_are_the_cross_entropy() -> None:
    labels = torch.arange(7) % 5
    certain = torch.nn.functional.one_hot(labels, 5).float() * 100
    expected = torch.nn.functional.cross_entropy(scores(2), labels)
    torch.testing.assert_close(soft_targets(scores(2), certain, 1.0), expected, rtol=1e-4, atol=1e-4)


def test_relative_error_is_the_inverse_of_the_signal_to_noise_ratio() -> None:
    wanted = torch.tensor([3.0, -4.0])
    assert float(relative_error(wanted * 1.1, wanted)) == pytest.approx(0.01, rel=1e-4)


def test_what_the_teacher_does_not_know_teaches_nothing() -> None:
    found = relative_error(torch.tensor([1.0, 5.0]), torch.tensor([1.0, float("nan")]))
    assert float(found) == 0.0


def test_labels_of_mixed_samples_count_by_their_shares() -> None:
    first, second = torch.zeros(7, dtype=torch.long), torch.ones(7, dtype=torch.long)
    mixed = cross_entropy(scores(3), Labels(first, second, 0.3))
    apart = 0.3 * cross_entropy(scores(3), Labels(first)) + 0.7 * cross_entropy(scores(3), Labels(second))
    torch.testing.assert_close(mixed, apart)


def test_labels_and_original_share_the_loss() -> None:
    objective = Objective((Target("y", "y", 5),), label_weight=0.25)
    labels = Labels(torch.zeros(7, dtype=torch.long))
    one, other = {"y": scores(4)}, {"y": scores(5)}
    both = objective(one, other, labels)
    taught, told = soft_targets(one["y"], other["y"], 4.0), cross_entropy(one["y"], labels)
    torch.testing.assert_close(both, 0.75 * taught + 0.25 * told)
    torch.testing.assert_close(objective(one, other), taught)


def test_features_are_added_by_their_weight() -> None:
    objective = Objective((Target("y", "y"),), features=("z",), feature_weight=2.0)
    one, other = {"y": scores(6), "z": scores(7)}, {"y": scores(6), "z": scores(8)}
    torch.testing.assert_close(objective(one, other), 2.0 * relative_error(one["z"], other["z"]))
