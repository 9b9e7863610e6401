from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.rank import Factor
from desktop_app.core.settings import LayerSettings
from desktop_app.core.stack import BLOCK, Size, Stack, cost_of_stack, stack_of, widest
from desktop_app.core.structure import multiplier_of, rewritten, stacked, unfit_for_all


def layer(op_type="Conv", outputs=32, inputs=16, kernel=(5, 5), groups=1, strides=(), dilations=()) -> Layer:
    shape, side = (outputs, inputs, *kernel), 12
    return Layer(
        "one", op_type, (), shape, output_shape=(1, outputs, *(side for _ in kernel)), params=0, macs=0, bytes=0,
        kernel=kernel, convolution_groups=groups, output=Axis(outputs), input=Axis(inputs), strides=strides,
        dilations=dilations,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kernel", "strides", "extents"),
    [
        ((5, 5), (1, 1), ((3, 3), (3, 3))),
        ((7, 7), (1, 1), ((3, 3), (3, 3), (3, 3))),
        ((7, 7), (2, 2), ((3, 3), (3, 3))),
        ((5, 5), (2, 2), ((3, 3), (2, 2))),
        ((6, 6), (2, 2), ((2, 2), (3, 3))),
        ((5, 1), (1, 1), ((3, 1), (3, 1))),
        ((5, 5), (1, 2), ((3, 3), (3, 2))),
        ((7,), (1,), ((3,), (3,), (3,))),
    ],
)
def test_small_kernels_see_what_the_large_one_sees(kernel, strides, extents):
    found = stack_of(layer(kernel=kernel, strides=strides))
    assert isinstance(found, Stack)
    assert found.extents == extents
    assert found.whole == kernel


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"op_type": "Gemm"}, "only Conv"),
        ({"kernel": (3, 3)}, "3 x 3 is small already"),
        ({"groups": 4}, "4 groups would be no faster"),
        ({"kernel": (3, 39)}, "would become 19 small ones"),
        ({"kernel": (11, 11), "strides": (4, 4)}, "stride of 4"),
        ({"kernel": (7, 7), "strides": (2, 2), "dilations": (2, 2)}, "both strides and dilations"),
    ],
)
def test_what_cannot_be_stacked_has_a_reason(changed, said):
    assert said in str(stack_of(layer(**changed)))
    assert said in str(stacked(layer(**changed), None, RestructureMethod()))


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from([(5, 5), (7, 7), (9,)]), st.floats(0.05, 0.95))
def test_a_chosen_width_is_cheaper_by_the_share_and_no_wider_would_be(outputs, inputs, kernel, share):
    one = layer(outputs=outputs, inputs=inputs, kernel=kernel)
    found = stacked(one, share, RestructureMethod())
    weights = outputs * inputs * prod(kernel)
    if isinstance(found, str):
        assert "less than one channel" in found
        return
    assert max(found.params / weights, found.macs_ratio) <= share
    stack, width = stack_of(one), found.ranks[0]
    assert isinstance(stack, Stack)
    wider = (width + 1 if width < BLOCK else width + BLOCK,)
    size = Size(outputs, inputs, one.output_shape[2:])
    assert max(cost_of_stack(stack, *wider, size)) > share * weights or widest(stack, 0.999, size) <= width + BLOCK


def test_a_number_is_the_width_where_it_saves():
    found = rewritten(layer(), LayerSettings(structure="stacked", rank=10), RestructureMethod())
    assert isinstance(found, Factor)
    assert found.ranks == (10,)
    assert found.params == 9 * 10 * (16 + 32)
    assert found.macs_ratio == pytest.approx(90 * (16 * 14 * 14 / 12**2 + 32) / (25 * 16 * 32))
    refused = stacked(layer(), 40, RestructureMethod())
    assert refused == f"with 40 channels between its kernels it would have {9 * 40 * 48} weights in the place of 12800"


def test_how_wide_it_is_does_not_depend_on_a_later_cut():
    whole, cut = (stacked(layer(), None, RestructureMethod(), left) for left in (None, (16, 8)))
    assert isinstance(whole, Factor)
    assert isinstance(cut, Factor)
    assert whole.ranks == cut.ranks
    assert cut.params == 9 * cut.ranks[0] * (8 + 16)


def test_a_layer_is_refused_where_no_structure_fits():
    assert unfit_for_all(layer(kernel=(3, 3))) == ""
    assert unfit_for_all(layer(outputs=1)) == ""
    reason = unfit_for_all(layer(kernel=(3, 3), outputs=1))
    assert "too few" in reason
    assert "small already" in reason


def test_separable_layers_are_as_wide_as_the_share_allows():
    one = layer(outputs=64, inputs=64, kernel=(3, 3))
    assert [multiplier_of(one, RestructureMethod(multiplier="auto", share=share)) for share in (0.01, 0.5, 0.9)] == [
        1,
        3,
        7,
    ]
    assert multiplier_of(one, RestructureMethod(multiplier=2)) == 2
