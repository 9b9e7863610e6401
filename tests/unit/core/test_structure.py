import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor
from desktop_app.core.structure import pointwise, separable, unfit


def layer(op_type="Conv", outputs=32, inputs=16, kernel=(3, 3), groups=1) -> Layer:
    shape = (outputs, inputs, *kernel)
    axes = {"output": Axis(outputs), "input": Axis(inputs)}
    sizes = {"input_shape": (1, inputs, 8, 8), "output_shape": (1, outputs, 8, 8)}
    return Layer(
        "one", op_type, (), shape, params=0, macs=0, bytes=0, kernel=kernel, convolution_groups=groups, **axes, **sizes
    )


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from([(3, 3), (5, 5), (1, 7), (3,)]), st.integers(1, 4))
def test_a_separable_layer_has_fewer_weights_or_a_reason(outputs, inputs, kernel, multiplier):
    one = layer(outputs=outputs, inputs=inputs, kernel=kernel)
    found = separable(one, RestructureMethod(multiplier=multiplier))
    taps = 1
    for extent in kernel:
        taps *= extent
    expected = inputs * multiplier * (taps + outputs)
    if isinstance(found, Factor):
        assert found.params == expected < outputs * inputs * taps
        assert found.macs_ratio == pytest.approx(expected / (outputs * inputs * taps))
    else:
        assert expected >= outputs * inputs * taps
        assert found


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"op_type": "Gemm"}, "only Conv"),
        ({"kernel": (1, 1)}, "1 x 1"),
        ({"groups": 4}, "4 groups"),
        ({"outputs": 1}, "too few"),
    ],
)
def test_a_layer_that_cannot_be_separable_has_a_reason(changed, said):
    assert said in unfit(layer(**changed))
    assert said in str(separable(layer(**changed), RestructureMethod()))


def test_more_kernels_than_save_are_refused_with_the_figures():
    refused = separable(layer(), RestructureMethod(multiplier=8))
    assert refused == f"separable it would have {16 * 8 * (9 + 32)} weights in the place of {32 * 16 * 9}"


def test_a_cut_counts_before():
    found = separable(layer(), RestructureMethod(), (16, 8))
    assert isinstance(found, Factor)
    assert found.params == 8 * (9 + 16)


def test_the_pointwise_part_is_a_matrix():
    factor = separable(layer(), RestructureMethod(multiplier=2))
    assert isinstance(factor, Factor)
    last = pointwise(layer(), factor, 20)
    assert last.weight_shape == (20, 32, 1, 1)
    assert (last.output.size, last.input.size, last.kernel) == (20, 32, (1, 1))
