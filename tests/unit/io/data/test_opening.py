import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError, StudioError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data import DataSet, open_data

Inputs = tuple[TensorSpec, ...]
MakeImage = Callable[..., Path]
RAW = Preprocess(scale=1.0)


def opened(path: Path, inputs: Inputs, preprocess: Preprocess | None = RAW, **settings: object) -> DataSet:
    return open_data(DataSettings(path=str(path), preprocess=preprocess, **settings), inputs, seed=0)  # type: ignore[arg-type]


def red_values(data: DataSet, indices: tuple[int, ...], batch: int = 4) -> list[int]:
    return [int(value) for samples in data.batches(indices, batch) for value in samples.inputs["image"][:, 0, 0, 0]]


def test_class_folders(class_folders: Path, rgb_input: Inputs) -> None:
    data = opened(class_folders, rgb_input, calibration=12)
    assert (data.kind, data.samples, data.classes, data.labelled) == ("class folders", 30, 3, True)
    assert (len(data.calibration_indices), len(data.evaluation_indices)) == (12, 18)
    for samples in data.batches(data.evaluation_indices, 7):
        assert samples.labels is not None
        assert (samples.inputs["image"][:, 0, 0, 0] // 10).tolist() == samples.labels.tolist()
    assert data.title(11) == ("bee/1.png", "bee")


def test_numbered_class_folders_are_in_numerical_order(
    make_image: MakeImage, tmp_path: Path, rgb_input: Inputs
) -> None:
    for name in ("0", "2", "10"):
        make_image(f"data/{name}/a.png", (0, 0, 0))
    data = opened(tmp_path / "data", rgb_input)
    assert [data.title(index)[1] for index in range(3)] == ["0", "2", "10"]


def test_order_does_not_depend_on_threads_or_batches(class_folders: Path, rgb_input: Inputs) -> None:
    data = opened(class_folders, rgb_input)
    indices = data.calibration_indices
    assert red_values(data, indices, 1) == red_values(opened(class_folders, rgb_input), indices, 5) == list(indices)


def test_a_folder_above_the_class_folders_is_explained(class_folders: Path, rgb_input: Inputs) -> None:
    with pytest.raises(InvalidFileError, match="one level below"):
        opened(class_folders.parent, rgb_input)


def test_images_without_labels(make_image: MakeImage, tmp_path: Path, rgb_input: Inputs) -> None:
    for index in range(6):
        make_image(f"plain/{index}.bmp", (index, 0, 0))
    (tmp_path / "plain" / ".hidden.png").write_bytes(b"x")
    (tmp_path / "plain" / "notes.txt").write_text("x")
    data = opened(tmp_path / "plain", rgb_input)
    assert (data.kind, data.samples, data.labelled) == ("images", 6, False)
    assert any("no labels" in note for note in data.notes)
    assert (len(data.calibration_indices), len(data.evaluation_indices)) == (4, 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_no_image(make_image: MakeImage, tmp_path: Path, rgb_input: Inputs) -> None:
    make_image("plain/a.png", (0, 0, 0))
    make_image("plain/b.png", (0, 0, 0))
    os.mkfifo(tmp_path / "plain" / "c.png")
    assert opened(tmp_path / "plain", rgb_input).samples == 2


@pytest.mark.parametrize("where", ["images/labels.csv", "labels.csv", "elsewhere.csv"])
def test_labels_in_a_table(make_image: MakeImage, tmp_path: Path, rgb_input: Inputs, where: str) -> None:
    for index in range(5):
        make_image(f"images/{index}.png", (index, 0, 0))
    table = tmp_path / where
    table.write_text("\ufefffile,label,name\n" + "".join(f"{i}.png,{i * 2},x\n" for i in range(5)), "utf-8")
    settings = DataSettings(str(tmp_path / "images"), str(table) if "else" in where else None, RAW, 2)
    data = open_data(settings, rgb_input, seed=0)
    assert (data.kind, data.classes) == ("labelled images", 9)
    for samples in data.batches(range(5), 5):
        assert samples.labels is not None
        assert samples.labels.tolist() == [0, 2, 4, 6, 8]


def test_labels_that_are_names(make_image: MakeImage, tmp_path: Path, rgb_input: Inputs) -> None:
    for index in range(3):
        make_image(f"images/{index}.png", (index, 0, 0))
    (tmp_path / "labels.csv").write_text("file,label\n0.png,dog\n1.png,cat\n2.png,dog\n")
    data = opened(tmp_path / "images", rgb_input)
    assert [data.title(index)[1] for index in range(3)] == ["dog", "cat", "dog"]
    assert data.classes == 2
    assert any("alphabetical" in note for note in data.notes)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "columns"),
        ("file,label\n", "no rows"),
        ("name,number\na.png,1\n", "columns"),
        ("file,label\n../secret.png,1\n", "inside"),
        ("file,label\n/etc/passwd,1\n", "inside"),
        ("file,label\nC:\\secret.png,1\n", "inside"),
        ("file,label\na.png,\n", "no label"),
        ("file,label\nabsent.png,1\n", "absent.png"),
        ("file,label\n\udcff", "UTF-8"),
    ],
)
def test_bad_tables_are_explained(
    make_image: MakeImage, tmp_path: Path, rgb_input: Inputs, table: str, message: str
) -> None:
    make_image("images/a.png", (0, 0, 0))
    (tmp_path / "labels.csv").write_bytes(table.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidFileError, match=message):
        opened(tmp_path / "images", rgb_input)


def test_few_broken_images_are_left_out_and_told(class_folders: Path, rgb_input: Inputs) -> None:
    (class_folders / "bee" / "3.png").write_bytes(b"this is no image")
    data = opened(class_folders, rgb_input)
    assert red_values(data, tuple(range(30))) == [index for index in range(30) if index != 13]
    assert any("bee/3.png" in note for note in data.notes)


def test_many_broken_images_fail_with_the_name_of_one(class_folders: Path, rgb_input: Inputs) -> None:
    for index in range(3):
        (class_folders / "bee" / f"{index}.png").write_bytes(b"this is no image")
    with pytest.raises(InvalidFileError, match=r"bee/0\.png .*and 1 more"):
        red_values(opened(class_folders, rgb_input), tuple(range(30)))


def test_speed_is_recorded_and_nothing_is_decoded_twice(class_folders: Path, rgb_input: Inputs) -> None:
    data = opened(class_folders, rgb_input)
    assert data.decoding.images_per_second is None
    red_values(data, tuple(range(30)))
    red_values(data, tuple(range(30)))
    assert data.decoding.images == 30
    assert (data.decoding.images_per_second or 0) > 0


def test_a_fixed_batch_is_always_full(class_folders: Path) -> None:
    data = opened(class_folders, (TensorSpec("image", "float32", (4, 3, 16, 16)),), calibration=10)
    sizes = [len(samples.inputs["image"]) for samples in data.batches(data.evaluation_indices, 16)]
    assert sizes == [4] * 5
    assert any("4 samples at a time" in note for note in data.notes)


def test_a_fixed_batch_larger_than_the_data_is_refused(class_folders: Path) -> None:
    with pytest.raises(InvalidRecipeError, match="64 samples at a time"):
        opened(class_folders, (TensorSpec("image", "float32", (64, 3, 16, 16)),))


def test_bytes_in_the_last_layout(class_folders: Path) -> None:
    inputs = (TensorSpec("image", "tensor(uint8)", (None, 16, 16, 3)),)
    data = open_data(DataSettings(str(class_folders)), inputs, seed=0)
    samples = next(data.batches((25,), 1)).inputs["image"]
    assert data.guessed
    assert (samples.dtype, samples.shape, samples[0, 0, 0].tolist()) == (np.uint8, (1, 16, 16, 3), [25, 0, 0])


@pytest.mark.parametrize(
    ("preprocess", "key"),
    [
        (Preprocess(scale=0.0), "scale"),
        (Preprocess(std=(1.0, 0.0, 1.0)), "std"),
        (Preprocess(mean=(0.0, 0.0)), "mean"),
        (Preprocess(resize=0), "resize"),
        (Preprocess(resize=100_000), "resize"),
        (Preprocess(crop=8), "crop"),
        (Preprocess(color="gray"), "color"),
        (Preprocess(layout="nhwc"), "layout"),
    ],
)
def test_a_preprocessing_that_cannot_be_is_named(
    class_folders: Path, rgb_input: Inputs, preprocess: Preprocess, key: str
) -> None:
    with pytest.raises(InvalidRecipeError, match=rf"data\.preprocess\.{key} "):
        opened(class_folders, rgb_input, preprocess)


def test_images_of_another_size_need_a_crop(make_image: MakeImage, tmp_path: Path, rgb_input: Inputs) -> None:
    for index in range(3):
        make_image(f"images/{index}.png", size=(16, 16 + index))
    data = opened(tmp_path / "images", rgb_input)
    with pytest.raises(InvalidFileError, match="16 x 17 pixels after preprocessing"):
        red_values(data, (0, 1, 2))
    cropped = opened(tmp_path / "images", rgb_input, replace(RAW, resize=16, crop=16))
    assert len(red_values(cropped, (0, 1, 2))) == 3


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ((TensorSpec("a", "float32", (1, 3, 8, 8)), TensorSpec("b", "float32", (1, 4))), r"arrays named a, b"),
        ((TensorSpec("a", "float32", (1, 64)),), "2 axes"),
        ((TensorSpec("a", "float32", None),), "unknown shape"),
        ((TensorSpec("a", "float32", (1, 7, 8, 8)),), "7 channels"),
        ((TensorSpec("a", "bfloat16", (1, 3, 8, 8)),), "bfloat16"),
    ],
)
def test_models_that_take_no_images_ask_for_arrays(class_folders: Path, inputs: Inputs, message: str) -> None:
    with pytest.raises(InvalidRecipeError, match=message):
        opened(class_folders, inputs)


def test_what_is_no_data_is_explained(tmp_path: Path, rgb_input: Inputs) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "absent", tmp_path / "file.txt", tmp_path / "empty"):
        with pytest.raises(StudioError, match=r"choose (a folder|one of these)"):
            opened(path, rgb_input)
