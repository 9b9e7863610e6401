"""What channels are worth is found once for a model and its samples."""

from collections.abc import Sequence

import numpy as np
import pytest

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.channel_pruning import judging
from desktop_app.steps.channel_pruning.judgement import Judgement
from tests.contracts.small_nets import residual

Found = dict[int, Judgement]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The groups that were judged on data."""
    groups, real = list[int](), judging.losses_of_readers

    def noted(model: Model, some: Sequence[ChannelGroup], *args: object) -> Found:
        groups.extend(group.id for group in some)
        return real(model, some, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "losses_of_readers", noted)
    return groups


def judged(model: Model, some: Sequence[ChannelGroup], seed: int = 0, **method: object) -> Found:
    samples = _samples(model, seed)
    calibration = DataCalibration(lambda: iter([samples]), 8, False, {})
    return judging.judge(model, some, Recipe(methods=Methods(prune=PruneMethod(**method))), calibration, SilentToken())[
        0
    ]


def _samples(model: Model, seed: int) -> dict[str, np.ndarray]:
    (value,) = model.graph.inputs
    shape = [8, *model.shapes[value.name or ""][1:]]
    return {value.name or "": np.random.default_rng(seed).standard_normal(shape).astype(np.float32)}


def test_the_same_samples_are_not_gone_through_again(asked: list[int]) -> None:
    model = residual()
    groups = [group for group in model.channels.groups if not group.refusal]
    some = judged(model, groups[:1])
    every = judged(model, groups)
    again = judged(model, groups)
    assert sorted(asked) == sorted(group.id for group in groups)  # each once
    assert again.keys() == every.keys() >= some.keys()
    for group, one in every.items():
        assert np.array_equal(one.order, again[group].order)
        assert np.array_equal(one.loss, again[group].loss)


def test_other_samples_or_another_model_are_judged_anew(asked: list[int]) -> None:
    model = residual()
    (group, *_) = [group for group in model.channels.groups if not group.refusal]
    judged(model, [group])
    judged(model, [group], seed=1)
    judged(model, [group], target_macs=0.5)  # what groups lose must then be comparable
    judged(residual(), [group])
    assert asked == [group.id] * 4
