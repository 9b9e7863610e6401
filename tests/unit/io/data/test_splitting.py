import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidRecipeError
from desktop_app.io.data.splitting import split

seeds = st.integers(0, 2**32 - 1)


@given(samples=st.integers(2, 400), calibration=st.integers(0, 500), seed=seeds)
def test_every_sample_is_on_one_side_only(samples: int, calibration: int, seed: int) -> None:
    parts = split(samples, calibration, seed)
    assert sorted(parts.calibration + parts.evaluation) == list(range(samples))


@given(samples=st.integers(2, 400), calibration=st.integers(0, 500), seed=seeds)
def test_enough_is_left_to_evaluate(samples: int, calibration: int, seed: int) -> None:
    parts = split(samples, calibration, seed)
    if calibration < samples:
        assert len(parts.calibration) == calibration
        assert not parts.notes
    else:
        assert 3 * len(parts.evaluation) >= samples
        assert parts.calibration
        assert str(samples) in parts.notes[0]


@given(samples=st.integers(2, 400), seed=seeds)
def test_the_same_seed_gives_the_same_split(samples: int, seed: int) -> None:
    assert split(samples, samples // 2, seed) == split(samples, samples // 2, seed)


def test_a_longer_calibration_begins_with_the_shorter() -> None:
    assert split(100, 50, 7).calibration[:20] == split(100, 20, 7).calibration


def test_another_seed_gives_another_order() -> None:
    assert split(100, 50, 0).calibration != split(100, 50, 1).calibration


@pytest.mark.parametrize(("samples", "calibration"), [(0, 0), (0, 5), (1, 5), (10, -1)])
def test_what_cannot_be_split_is_refused(samples: int, calibration: int) -> None:
    with pytest.raises(InvalidRecipeError, match=r"data|samples"):
        split(samples, calibration, 0)
