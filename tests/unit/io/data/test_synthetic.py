import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data import open_data
from desktop_app.io.data.synthetic import draw, made_up_feeds, sample_shapes

BERT = tuple(TensorSpec(name, "int64", ("batch", "seq")) for name in ("input_ids", "attention_mask", "token_type_ids"))


def test_samples_depend_on_seed_and_number_only() -> None:
    spec = (TensorSpec("x", "float32", ("batch", 4)),)
    one, other = (open_data(DataSettings(), spec, seed=seed) for seed in (3, 4))
    together = next(one.batches((5, 6), 2)).inputs["x"]
    alone = next(one.batches((6,), 1)).inputs["x"]
    assert one.synthetic
    assert not one.labelled
    assert np.array_equal(together[1:], alone)
    assert not np.array_equal(alone, next(other.batches((6,), 1)).inputs["x"])


def test_nobody_calibrates_on_more_made_up_samples_than_help() -> None:
    data = open_data(DataSettings(calibration=5000), BERT, seed=0)
    assert len(data.calibration_indices) == len(data.evaluation_indices) == 64
    assert not open_data(DataSettings(calibration=0), BERT, seed=0).calibration_indices


def test_token_models_get_tokens_and_masks() -> None:
    feeds = made_up_feeds(BERT)
    assert feeds["input_ids"].shape == feeds["attention_mask"].shape == (1, 32)
    assert feeds["attention_mask"].min() == 1
    assert not feeds["token_type_ids"].any()
    assert len(np.unique(feeds["input_ids"])) > 1


def test_open_sizes_are_filled_in() -> None:
    specs = (
        TensorSpec("image", "float32", (None, 3, "h", "w")),
        TensorSpec("last", "uint8", (-1, "h", "w", 3)),
        TensorSpec("state", "float32", (2, "b", 64)),
        TensorSpec("known", "float32", ("n", "t", "t")),
        TensorSpec("single", "int64", ()),
    )
    shapes = sample_shapes(specs, {"known": (1, 77, -1)})
    assert shapes["image"] == (1, 3, 224, 224)
    assert shapes["last"] == (1, 224, 224, 3)
    assert shapes["state"] == (2, 32, 64)
    assert shapes["known"] == (1, 77, 77)
    assert shapes["single"] == ()


def test_inputs_without_a_common_first_axis_run_one_by_one() -> None:
    specs = (TensorSpec("x", "float32", ("batch", 4)), TensorSpec("state", "float32", (2, "batch", 4)))
    batches = list(open_data(DataSettings(), specs, seed=0).batches((0, 1), 2))
    assert [batch.inputs["state"].shape for batch in batches] == [(2, 1, 4)] * 2


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (TensorSpec("x", "float32", None), "number of axes"),
        (TensorSpec("x", "seq(tensor(float))", (1,)), "no data can be made"),
        (TensorSpec("x", "float32", (10**6, 10**6)), "too large"),
    ],
)
def test_what_cannot_be_made_up_is_refused(spec: TensorSpec, message: str) -> None:
    with pytest.raises(InvalidRecipeError, match=message):
        open_data(DataSettings(), (spec,), seed=0)


@given(
    name=st.sampled_from(["x", "mask", "sr", "position_ids", "input"]),
    dtype=st.sampled_from(["float16", "float32", "uint8", "int8", "int32", "int64", "bool"]),
    shape=st.lists(st.integers(1, 5), max_size=4).map(tuple),
)
def test_values_have_the_shape_and_type_asked_for(name: str, dtype: str, shape: tuple[int, ...]) -> None:
    values = draw(np.random.default_rng(0), name, shape, np.dtype(dtype))
    assert (np.shape(values), np.asarray(values).dtype) == (shape, np.dtype(dtype))
    assert np.isfinite(np.asarray(values, np.float64)).all()
