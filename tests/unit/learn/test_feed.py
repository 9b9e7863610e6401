"""Batches come in a seeded order, from any step on, and samples that judge never train."""

from itertools import islice

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.learn.augment import Augment, shifted_and_flipped
from desktop_app.learn.feed import Feed, TrainingBatch
from tests.unit.learn.conftest import samples_of

ARRAYS = {"x": np.arange(40 * 3, dtype=np.float32).reshape(40, 3)}
LABELS = np.arange(40)


def feed(batch: int = 8, **more: object) -> Feed:
    return Feed(samples_of(ARRAYS, LABELS), batch, seed=3, **more)


def numbers(batch: tuple[TrainingBatch, ...]) -> list[int]:
    return [int(one) for part in batch if part.labels is not None for one in part.labels.first]


@given(st.integers(0, 30), st.integers(1, 50))
def test_a_training_that_goes_on_sees_what_it_would_have_seen(step: int, batch: int) -> None:
    at_once = list(islice(feed(batch).from_step(0), step + 3))
    resumed = list(islice(feed(batch).from_step(step), 3))
    assert [numbers(one) for one in at_once[step:]] == [numbers(one) for one in resumed]


def test_a_round_takes_every_sample_once_and_none_that_judges() -> None:
    taught = feed().samples.taught
    seen = [number for batch in islice(feed(6).from_step(0), len(taught) // 6) for number in numbers(batch)]
    assert sorted(seen) == sorted(taught)
    held_out = [number for batch in feed().held_out() for number in numbers((batch,))]
    assert set(held_out).isdisjoint(seen)
    assert len(held_out) == 16


def test_what_is_changed_at_random_depends_on_seed_and_step_alone() -> None:
    one, other = (next(feed(augment=Augment()).from_step(2))[0] for _ in range(2))
    assert torch.equal(one.inputs["x"], other.inputs["x"])
    plain = next(feed().from_step(2))[0]
    assert not torch.equal(one.inputs["x"], plain.inputs["x"])


def test_images_that_judge_are_moved_where_that_is_asked_and_always_alike() -> None:
    images = {"x": np.random.default_rng(0).normal(size=(40, 3, 8, 8)).astype(np.float32)}
    one = Feed(samples_of(images, LABELS), 8, seed=3, augment=Augment("nchw", mixup=1.0))
    plain, moved, again = (
        torch.cat([batch.inputs["x"] for batch in one.held_out(moved=wanted)]) for wanted in (False, True, True)
    )
    assert torch.equal(moved, again)
    assert not torch.equal(moved, plain)
    assert set(moved.unique().tolist()) <= set(plain.unique().tolist())  # nothing is mixed
    numbers = feed(augment=Augment())
    (bare,), (asked,) = (
        [batch.inputs["x"] for batch in numbers.held_out(moved=wanted)][:1] for wanted in (False, True)
    )
    assert torch.equal(bare, asked)


@given(st.integers(0, 100))
def test_images_are_shifted_by_an_eighth_at_most_or_mirrored(seed: int) -> None:
    row = torch.arange(16.0).expand(4, 1, 16, 16)
    moved = shifted_and_flipped(row, np.random.default_rng(seed))
    assert moved.shape == row.shape
    middle = moved[:, 0, 0, 4:12].diff(dim=1)
    assert ((middle == 1).all(1) | (middle == -1).all(1)).all()
    centre = moved[:, 0, 0, 7]
    assert (((centre - 7).abs() <= 2) | ((centre - 8).abs() <= 2)).all()


def test_layouts_are_treated_alike() -> None:
    images = torch.randn(3, 2, 8, 8)
    nchw, _ = Augment("nchw")({"x": images}, None, np.random.default_rng(0))
    nhwc, _ = Augment("nhwc")({"x": images.permute(0, 2, 3, 1)}, None, np.random.default_rng(0))
    assert torch.equal(nchw["x"], nhwc["x"].permute(0, 3, 1, 2))


def test_mixed_samples_keep_both_labels() -> None:
    mixed, labels = Augment(mixup=1.0, move=False)({"x": torch.eye(4)}, torch.arange(4), np.random.default_rng(0))
    assert labels is not None
    assert labels.second is not None
    expected = labels.share * torch.eye(4) + (1 - labels.share) * torch.eye(4)[labels.second]
    torch.testing.assert_close(mixed["x"], expected)


def test_images_come_with_their_channels_last_in_memory_and_the_same_values() -> None:
    images = np.random.default_rng(0).normal(size=(40, 3, 8, 8)).astype(np.float32)
    samples = samples_of({"x": images}, layout="nchw")
    for augment in (None, Augment("nchw")):
        ((part,),) = islice(Feed(samples, 8, 3, augment).from_step(0), 1)
        assert part.inputs["x"].shape == (8, 3, 8, 8)
        assert part.inputs["x"].is_contiguous(memory_format=torch.channels_last)
    (judged, *_) = Feed(samples, 8, 3).held_out()
    assert judged.inputs["x"].is_contiguous(memory_format=torch.channels_last)
    assert np.array_equal(judged.inputs["x"].numpy(), images[list(samples.held_out[:8])])
