"""Samples of a search are asked for as those of a run are: broken files are left out, fixed batches are filled."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data import open_data
from desktop_app.io.data.base import DataSet
from desktop_app.search import samples as module
from desktop_app.search.goal import mark_of
from desktop_app.search.judging import Judge
from desktop_app.search.samples import remembered
from desktop_app.search.space import space_of
from desktop_app.sensitivity import find_sensitivity
from tests.unit.graph.nets import net, normal
from tests.unit.search.tiny import BUDGET, judge_of, profile_of, summary_of

SIDE = 8


def images(folder: Path, count: int, broken: int) -> Path:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(folder / f"{number:03}.png")
    for number in range(broken):
        (folder / f"{number:03}.png").write_bytes(b"no image")
    return folder


def of_batch(batch: int | str) -> Model:
    """A classifier whose batch is fixed, or free."""
    return net(
        f"""g (float[{batch}, 3, {SIDE}, {SIDE}] x) => (float[{batch}, 10] y) {{
            c = Conv<pads = [1, 1, 1, 1]>(x, w, b)
            r = Relu(c)
            p = GlobalAveragePool(r)
            f = Flatten(p)
            y = Gemm<transB = 1>(f, fw, fb)
        }}""",
        w=normal(16, 3, 3, 3),
        b=normal(16),
        fw=normal(10, 16),
        fb=normal(10),
    )


def data_of(model: Model, folder: Path, calibration: int) -> DataSet:
    settings = DataSettings(path=str(folder), preprocess=Preprocess(), calibration=calibration)
    return open_data(settings, input_specs(model), seed=0, shapes=model.shapes)


def searched(model: Model, data: DataSet) -> Judge:
    """The judge of a search for it."""
    base = judge_of().base
    summary = summary_of(model)
    return Judge(model, "m", summary, profile_of(summary), space_of(summary, BUDGET, base), base, data)


@pytest.mark.parametrize("batch", [1, 3, 48])
def test_a_model_of_fixed_batch_is_searched_on_images_of_which_a_few_are_broken(tmp_path: Path, batch: int) -> None:
    model = of_batch(batch)
    data = data_of(model, images(tmp_path / "images", 200, broken=3), calibration=110)
    judge = searched(model, data)
    original, _ = judge.judge(0, judge.original, SilentToken())
    assert not original.failed
    assert original.samples >= batch
    assert original.samples % batch == 0
    bits = [place for place, one in enumerate(judge.space.choices) if one.knob == "bits"]
    genes = judge.effective([int(place in bits) * 2 for place in range(len(judge.space.choices))])
    changed, _ = judge.judge(1, genes, SilentToken())
    assert not changed.failed
    assert 5.0 < changed.sqnr_db < original.sqnr_db
    assert len(find_sensitivity(model, "m", Recipe(), data, 2, SilentToken(), tmp_path / "rows").layers) == 2


def test_what_was_given_is_given_again_without_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = of_batch("N")
    folder = images(tmp_path / "images", 60, broken=2)
    data = data_of(model, folder, calibration=50)
    twice = remembered(data, model)
    first = list(twice.batches(data.calibration_indices, 8))
    plain = list(data.batches(data.calibration_indices, 8))
    for one, other in zip(first, plain, strict=True):
        np.testing.assert_array_equal(one.inputs["x"], other.inputs["x"])
        assert one.outputs["y"].shape == (len(other.inputs["x"]), 10)
    asked: list[int] = []
    original = type(data.source).batches
    monkeypatch.setattr(type(data.source), "batches", lambda *given: asked.append(1) or original(*given))
    assert [id(one) for one in twice.batches(data.calibration_indices, 8)] == [id(one) for one in first]
    assert not asked


@pytest.mark.parametrize("room", [0, 2])
def test_what_there_is_no_room_for_is_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    model = of_batch("N")
    data = data_of(model, images(tmp_path / "images", 60, broken=1), calibration=50)
    of_one = 8 * 4 * (3 * SIDE * SIDE + 10)
    monkeypatch.setattr(module, "MOST_BYTES", room * of_one)
    twice = remembered(data, model)
    first, second = (list(twice.batches(data.calibration_indices, 8)) for _ in range(2))
    assert len(first) > room
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        np.testing.assert_array_equal(one.outputs["y"], other.outputs["y"])
        assert (one is other) == (place < room)


def test_samples_of_a_large_fixed_batch_are_told_apart(tmp_path: Path) -> None:
    model = of_batch(48)
    data = data_of(model, images(tmp_path / "images", 200, broken=0), calibration=96)
    mark = mark_of(data)
    for number in range(200):
        Image.new("RGB", (SIDE, SIDE), number).save(tmp_path / "images" / f"{number:03}.png")
    assert mark_of(data_of(model, tmp_path / "images", calibration=96)) != mark
