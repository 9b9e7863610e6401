import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.bench.fidelity import CAP_DB, FidelityMeter, class_numbers
from desktop_app.core.report import Fidelity


def fidelity(*batches: tuple[list[object], list[object], int]) -> Fidelity:
    meter = FidelityMeter()
    for reference, outputs, samples in batches:
        meter.add(reference, outputs, samples)
    result = meter.result(synthetic=False)
    assert result is not None
    return result


def logits(seed: int, samples: int = 20, classes: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((samples, classes)).astype(np.float32)


def test_equal_outputs() -> None:
    same = logits(0)
    assert fidelity(([same], [same], 20)) == Fidelity(CAP_DB, pytest.approx(1.0), 1.0, 20, False)


@given(st.integers(0, 100), st.floats(0.01, 0.5))
def test_known_noise(seed: int, share: float) -> None:
    one = logits(seed)
    result = fidelity(([one], [one * (1 + share)], 20))
    assert result.sqnr_db == pytest.approx(-20 * np.log10(share), abs=0.01)
    assert result.cosine == pytest.approx(1.0)
    assert result.top1_agreement == 1.0


@given(st.integers(1, 19))
def test_batches_do_not_matter(cut: int) -> None:
    one, two = logits(0), logits(0) + 0.3 * logits(1)
    whole = fidelity(([one], [two], 20))
    parts = fidelity(([one[:cut]], [two[:cut]], cut), ([one[cut:]], [two[cut:]], 20 - cut))
    assert parts.sqnr_db == pytest.approx(whole.sqnr_db)
    assert parts.cosine == pytest.approx(whole.cosine)
    assert parts.top1_agreement == whole.top1_agreement


def test_agreement_is_the_share_of_equal_first_choices() -> None:
    one = np.eye(4, dtype=np.float32)
    assert fidelity(([one], [one[[0, 1, 3, 2]]], 4)).top1_agreement == 0.5


def test_no_output_counts_more_for_its_scale() -> None:
    small, large = logits(0), logits(1) * 1e4
    noisy_small = fidelity(([small, large], [small * 1.1, large], 20)).sqnr_db
    noisy_large = fidelity(([small, large], [small, large * 1.1], 20)).sqnr_db
    assert noisy_small == pytest.approx(noisy_large, abs=0.01)


def test_outputs_that_are_no_numbers_any_more() -> None:
    one, broken = logits(0), logits(0)
    broken[3, 2] = np.nan
    result = fidelity(([one], [broken], 20))
    assert result.sqnr_db == -CAP_DB
    assert result.cosine == pytest.approx(0.95)


def test_what_the_reference_does_not_know_is_not_compared() -> None:
    one = logits(0)
    one[0, 0] = -np.inf
    assert fidelity(([one], [one.copy()], 20)).sqnr_db == CAP_DB


def test_zeros_are_met_or_not() -> None:
    zeros = np.zeros((3, 2), np.float32)
    assert fidelity(([zeros], [zeros], 3)).cosine == 1.0
    assert fidelity(([zeros], [zeros + 1], 3)).sqnr_db == -CAP_DB


def test_lists_of_another_length_have_nothing_in_common() -> None:
    result = fidelity(([logits(0, 7)], [logits(0, 6)], 1))
    assert (result.sqnr_db, result.cosine, result.top1_agreement) == (0.0, 0.0, None)


def test_what_is_no_array_of_numbers_is_passed_over() -> None:
    meter = FidelityMeter()
    meter.add([[{"a": 1.0}], np.array(["text"])], [[{"a": 1.0}], np.array(["text"])], 1)
    assert meter.result(synthetic=True) is None


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (np.eye(3, dtype=np.float32), [0, 1, 2]),
        (np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1), [0, 1, 2]),
        (np.array([2, 0, 1]), [2, 0, 1]),
        (np.array([[2], [0], [1]]), [2, 0, 1]),
        (np.zeros((3, 1), np.float32), None),
        (np.zeros((3, 4, 4), np.float32), None),
        (np.zeros((4, 3), np.float32), None),
        (np.float32(1.0), None),
        ("text", None),
    ],
)
def test_what_looks_like_classes(output: object, expected: list[int] | None) -> None:
    numbers = class_numbers(output, 3)
    assert (None if numbers is None else numbers.tolist()) == expected
