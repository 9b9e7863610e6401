import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.progress import SilentToken
from desktop_app.steps.truth.fidelity import decibel_of, noise_of, sqnr_db, together
from tests.unit.steps.int8_nets import batches_of, mobile_net, quantize, run
from tests.unit.steps.int8_nets import sqnr_db as computed


@given(st.floats(-150.0, 150.0))
def test_noise_and_decibel_are_inverse(decibel: float) -> None:
    assert decibel_of(noise_of(decibel)) == pytest.approx(decibel)


def test_equal_errors_add_up() -> None:
    assert together([30.0, 30.0]) == pytest.approx(26.99, abs=0.01)
    assert together([200.0, 30.0]) == pytest.approx(30.0)
    assert together([]) == 200.0


def test_the_figure_is_that_of_the_outputs() -> None:
    model, batches = mobile_net(), batches_of((16, 3, 16, 16))
    small = quantize(model, batches).model
    found = sqnr_db(model, small, iter(batches), 16, SilentToken())
    assert found == pytest.approx(computed(run(model, batches[0]), run(small, batches[0])), abs=1e-3)
