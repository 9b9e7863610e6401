from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.methods import LowRankMethod
from desktop_app.core.rank import (
    Factor,
    break_even,
    extents_of,
    factorise,
    full_ranks,
    kind_for,
    kinds_for,
    saves,
    with_ranks,
)


def convolution(output=64, inputs=64, kernel=(3, 3), size=(8, 8), input_size=(16, 16), groups=1) -> Layer:
    weights = output * inputs * prod(kernel)
    return Layer(
        "conv",
        "Conv",
        (),
        (output, inputs, *kernel),
        (1, output, *size),
        weights,
        weights * prod(size),
        4 * weights,
        output=Axis(output),
        input=Axis(inputs),
        kernel=kernel,
        input_shape=(1, inputs, *input_size),
        convolution_groups=groups,
    )


def gemm(output=64, inputs=64) -> Layer:
    return Layer("fc", "Gemm", (), (output, inputs), (1, output), 0, 0, 0, output=Axis(output), input=Axis(inputs))


def test_an_integer_is_the_rank_itself_and_a_float_a_share_of_the_full_rank():
    assert factorise(gemm(), 16, LowRankMethod()) == Factor("svd", (16,), 16 * 128, 0.5)
    assert factorise(gemm(), 0.25, LowRankMethod()) == Factor("svd", (16,), 16 * 128, 0.5)
    assert isinstance(factorise(gemm(), 1, LowRankMethod()), Factor)
    assert isinstance(factorise(gemm(), 1.0, LowRankMethod()), str)


def test_says_from_which_rank_on_it_would_save():
    assert factorise(gemm(), 48, LowRankMethod()) == "rank 48 of 64 would not save; it saves below 32"
    assert factorise(gemm(1, 64), 1, LowRankMethod()) == "rank 1 of 1 would not save; no rank would"


@pytest.mark.parametrize("kind", ["auto", "channel", "spatial", "tucker2"])
def test_a_pointwise_convolution_is_a_matrix_whatever_the_kind(kind):
    assert kind_for(convolution(kernel=(1, 1)), LowRankMethod(kind=kind)) == "svd"


def test_costs_of_a_strided_convolution_count_the_positions_of_each_factor():
    layer = convolution(output=8, inputs=4, size=(8, 8), input_size=(16, 16))
    spatial = factorise(layer, 2, LowRankMethod(kind="spatial"))
    assert spatial.params == 2 * 4 * 3 + 2 * 8 * 3
    assert spatial.macs_ratio * layer.macs == pytest.approx(2 * 4 * 3 * (8 * 16) + 2 * 8 * 3 * (8 * 8))
    tucker = factorise(layer, 2, LowRankMethod(kind="tucker2"))
    assert tucker.params == 4 * 2 + 2 * 2 * 9 + 2 * 8
    assert tucker.macs_ratio * layer.macs == pytest.approx(4 * 2 * 256 + (2 * 2 * 9 + 2 * 8) * 64)


@given(
    st.integers(1, 96),
    st.integers(1, 96),
    st.sampled_from([(1, 1), (3, 3), (5, 3)]),
    st.sampled_from(["channel", "spatial", "tucker2", "cp"]),
    st.floats(0.05, 0.95),
)
def test_a_size_is_not_exceeded_and_hardly_undercut(output, inputs, kernel, name, share):
    layer, method = convolution(output, inputs, kernel), LowRankMethod(kind=name, measure="size")
    factor = factorise(layer, share, method)
    if isinstance(factor, str):
        assert "less than rank 1" in factor
        return
    assert factor.params <= share * prod(layer.weight_shape)
    assert factor.macs_ratio <= share
    assert not factor.approximate
    if max(factor.ranks) >= min(factor.ranks) * prod(kernel):
        return  # the core cannot have more on one side alone, so the next pair may be a long way off
    full = full_ranks(extents_of(layer, factor.kind), factor.kind)
    more = tuple(min(rank + 1, most) for rank, most in zip(factor.ranks, full, strict=True))
    larger = with_ranks(extents_of(layer, factor.kind), factor.kind, more)
    assert more == factor.ranks or max(larger.macs_ratio, larger.params / prod(layer.weight_shape)) > share


def test_a_size_leaves_the_kind_open_and_is_marked_as_an_estimate():
    method = LowRankMethod(measure="size")
    assert kinds_for(convolution(), method) == ("channel", "spatial", "tucker2", "cp")
    assert kinds_for(convolution(kernel=(3,), size=(8,), input_size=(8,)), method) == ("channel", "tucker2", "cp")
    assert kinds_for(convolution(kernel=(1, 1)), method) == ("svd",)
    assert factorise(convolution(), 0.5, method).approximate
    assert not factorise(convolution(), 8, method).approximate
    assert not factorise(convolution(kernel=(1, 1)), 0.25, method).approximate


def test_costs_of_separable_kernels():
    layer = convolution(output=8, inputs=4, size=(8, 8), input_size=(16, 16))
    cp = factorise(layer, 3, LowRankMethod(kind="cp"))
    assert cp.params == 3 * (4 + 9 + 8)
    assert cp.macs_ratio * layer.macs == pytest.approx(3 * 4 * 256 + 3 * (9 + 8) * 64)


def test_without_shapes_the_multiply_accumulates_are_marked_as_an_estimate():
    layer = convolution(size=(-1, -1))
    assert factorise(layer, 8, LowRankMethod(kind="spatial")).approximate
    assert not factorise(layer, 8, LowRankMethod(kind="channel")).approximate


@pytest.mark.parametrize(
    ("layer", "kind", "why"),
    [
        (convolution(groups=64, inputs=1), "auto", "64 groups"),
        (convolution(kernel=(3,), size=(8,), input_size=(8,)), "spatial", "kernel of 3 cannot be split"),
        (convolution(kernel=(1, 5)), "spatial", "kernel of 1 x 5 cannot be split"),
        (Layer("l", "LSTM", (), (1, 8, 4), (1, 2), 0, 0, 0), "auto", "LSTM cannot be factorised"),
        (Layer("m", "MatMul", (), (2, 8, 4), (1, 2), 0, 0, 0), "auto", "3 dimensions"),
        (gemm(0, 4), "auto", "empty"),
    ],
)
def test_refuses_with_the_reason(layer, kind, why):
    assert why in factorise(layer, 0.5, LowRankMethod(kind=kind))


@given(
    st.integers(1, 96),
    st.integers(1, 96),
    st.sampled_from([(1, 1), (3, 3), (5, 3)]),
    st.sampled_from(["channel", "spatial", "tucker2", "cp"]),
)
def test_the_break_even_rank_is_the_first_that_does_not_save(output, inputs, kernel, name):
    method = LowRankMethod(kind=name)
    layer = convolution(output, inputs, kernel)
    kind = kind_for(layer, method)
    limit = break_even(extents_of(layer, kind), kind)
    full = max(full_ranks(extents_of(layer, kind), kind))
    if limit > 1:
        assert isinstance(factorise(layer, limit - 1, method), Factor)
    if limit <= full:
        assert isinstance(factorise(layer, limit, method), str)


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_a_higher_share_never_costs_less(first, second):
    low, high = sorted((first, second))
    method = LowRankMethod(measure="energy")
    cheap, dear = factorise(convolution(), low, method), factorise(convolution(), high, method)
    assert cheap.params <= dear.params
    assert dear.approximate
    assert saves(extents_of(convolution(), "channel"), dear)
