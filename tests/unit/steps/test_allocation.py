"""How channels are shared out between groups that compete."""

import itertools
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.cut import Cut
from desktop_app.core.layer import Axis, ChannelGroup, Layer, Span
from desktop_app.core.methods import PruneMethod
from desktop_app.steps.channel_pruning.allocation import Allocation, allowed_widths, priced, within_limits
from desktop_app.steps.channel_pruning.judgement import Judgement, by_saliency
from desktop_app.steps.channel_pruning.pricing import macs, padded_macs

WIDTHS = (40, 64, 24, 96)


def _chain() -> tuple[list[Layer], list[ChannelGroup]]:
    """A chain of pointwise convolutions, each of whose outputs the next one reads."""
    groups = [ChannelGroup(i, width, (f"l{i}",), (f"l{i + 1}",)) for i, width in enumerate(WIDTHS)]
    axes = [Axis(3), *(Axis(width, (Span(i, width),)) for i, width in enumerate(WIDTHS)), Axis(10)]
    layers = [
        Layer(f"l{i}", "Conv", (), (out.size, read.size), (), 0, out.size * read.size, 0, output=out, input=read)
        for i, (read, out) in enumerate(pairwise(axes))
    ]
    return layers, groups


def _judgements(seed: int) -> dict[int, Judgement]:
    rng = np.random.default_rng(seed)
    return {i: by_saliency(rng.gamma(0.5, size=width), 1) for i, width in enumerate(WIDTHS)}


def _allocated(share: float, seed: int = 0, **method: object) -> tuple[dict[int, int], float]:
    layers, groups = _chain()
    judged = _judgements(seed)
    found = Allocation(layers, groups, judged, dict.fromkeys(judged, 0.5), macs, macs, PruneMethod(**method))
    found.reach(share * sum(layer.macs for layer in layers))
    return found.kept, found.reached


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.1, 0.95), seed=st.integers(0, 9), round_to=st.sampled_from([1, 4, 8]))
def test_what_is_left_is_near_the_target_and_not_above_it(share: float, seed: int, round_to: int) -> None:
    layers, groups = _chain()
    kept, reached = _allocated(share, seed, round_to=round_to)
    total = sum(layer.macs for layer in layers)
    assert reached == pytest.approx(priced(layers, groups, kept, macs))
    assert reached <= share * total
    assert all(width % round_to == 0 or width == WIDTHS[group] for group, width in kept.items())
    if round_to == 1:
        assert reached >= (share - 0.02) * total


def test_groups_of_which_less_is_lost_lose_more_channels() -> None:
    layers, groups = _chain()
    loss = np.linspace(0, 1, WIDTHS[1])
    judged = {1: Judgement(np.arange(64), loss), 3: Judgement(np.arange(96), 100 * np.linspace(0, 1, 96))}
    found = Allocation(layers, groups, judged, {1: 0.5, 3: 0.5}, macs, macs, PruneMethod())
    found.reach(0.8 * sum(layer.macs for layer in layers))
    assert found.kept[1] < 64
    assert found.kept[3] == 96


def test_a_group_with_twice_the_ratio_loses_more() -> None:
    layers, groups = _chain()
    judged = {i: by_saliency(np.ones(width), 1) for i, width in enumerate(WIDTHS)}
    kept = []
    for ratio in (0.25, 0.5, 0.75):
        found = Allocation(layers, groups, judged, {0: 0.5, 1: ratio, 2: 0.5, 3: 0.5}, macs, macs, PruneMethod())
        found.reach(0.6 * sum(layer.macs for layer in layers))
        kept.append(found.kept[1])
    assert kept[0] >= kept[1] >= kept[2]
    assert kept[0] > kept[2]


def test_what_competes_and_what_is_limited_may_differ() -> None:
    layers, groups = _chain()
    judged = _judgements(0)
    found = Allocation(layers, groups, judged, dict.fromkeys(judged, 0.5), padded_macs, macs, PruneMethod(round_to=8))
    found.reach(0.5 * sum(layer.macs for layer in layers))
    assert found.reached <= 0.5 * sum(layer.macs for layer in layers)


def _time_of_one(layer: Layer, output: int, inputs: int) -> float:
    """As if only the first layer took long: widths that keep a limit of work have nothing to do with its time."""
    return (10.0 if layer.name == "l0" else 0.01) * output


@pytest.mark.parametrize(("work", "time"), [(0.5, 0.3), (0.3, 0.5), (0.5, 0.9)])
def test_limits_of_work_and_of_time_are_both_kept(work: float, time: float) -> None:
    layers, groups = _chain()
    judged = _judgements(0)
    cuts = {group: Cut(WIDTHS[group] // 2, 0.5) for group in judged}
    method = PruneMethod(scope="latency", target_macs=work, target_latency=time, round_to=8)

    kept, short = within_limits(layers, groups, method, cuts, judged, _time_of_one)

    assert short == []
    for price, share in ((macs, work), (_time_of_one, time)):
        assert priced(layers, groups, kept, price) <= share * priced(layers, groups, {}, price)


@pytest.mark.parametrize(
    ("channels", "round_to", "least", "widths"),
    [
        (20, 8, 1, (20, 16, 8)),
        (16, 8, 1, (16, 8)),
        (5, 8, 1, (5,)),
        (6, 1, 4, (6, 5, 4)),
        (30, 1, 1, (*range(30, 2, -1),)),
    ],
)
def test_widths_are_multiples_or_the_whole(channels: int, round_to: int, least: int, widths: tuple[int, ...]) -> None:
    assert allowed_widths(channels, PruneMethod(round_to=round_to, min_channels=least)) == widths


@pytest.mark.parametrize("seed", range(4))
def test_refining_loses_no_more_and_stays_below_the_target(seed: int) -> None:
    layers, groups = _chain()
    judged = _judgements(seed)
    found = Allocation(layers, groups, judged, dict.fromkeys(judged, 0.5), macs, macs, PruneMethod(round_to=8))
    target = 0.5 * sum(layer.macs for layer in layers)
    found.reach(target)
    before = found.loss
    found.refine(target)
    every = itertools.product(*(allowed_widths(width, PruneMethod(round_to=8)) for width in WIDTHS))
    losses = [
        sum(2 * judged[i].loss[WIDTHS[i] - kept] for i, kept in enumerate(widths))
        for widths in every
        if priced(layers, groups, dict(enumerate(widths)), macs) <= target
    ]
    assert found.reached <= target
    assert min(losses) <= found.loss + 1e-9 <= before + 2e-9
    assert found.loss <= 1.1 * min(losses)


def test_judgements_keep_the_channels_of_the_largest_saliency() -> None:
    judged = by_saliency(np.array([2.0, 0.0, 3.0, 2.0]), 2)
    np.testing.assert_array_equal(judged.staying(2), [True, False, True, False])
    np.testing.assert_allclose(judged.loss, [0, 0, 4 / 17, 8 / 17])
