import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError, StudioError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data import DataSet, npz, open_data

TOKENS = TensorSpec("tokens", "int64", ("batch", 6))
MASK = TensorSpec("mask", "float32", ("batch", 6))


def opened(tmp_path: Path, inputs: tuple[TensorSpec, ...], calibration: int = 4, **arrays: object) -> DataSet:
    np.savez(tmp_path / "data.npz", **arrays)  # type: ignore[arg-type]
    return open_data(DataSettings(str(tmp_path / "data.npz"), calibration=calibration), inputs, seed=0)


def test_arrays_are_named_after_inputs(tmp_path: Path) -> None:
    tokens = np.arange(60).reshape(10, 6).astype(np.int32)
    label, output = np.arange(10) % 3, np.eye(10, dtype=np.float32)
    arrays = {"tokens": tokens, "mask": np.ones((10, 6)), "label": label, "output:logits": output, "spare": label}
    data = opened(tmp_path, (TOKENS, MASK), **arrays)
    assert (data.kind, data.samples, data.classes, data.preprocess) == ("arrays", 10, 3, None)
    samples = next(data.batches((7, 2), 8))
    assert samples.inputs["tokens"].dtype == np.int64
    assert samples.inputs["mask"].dtype == np.float32
    assert samples.inputs["tokens"].tolist() == tokens[[7, 2]].tolist()
    assert samples.labels is not None
    assert samples.labels.tolist() == [1, 2]
    assert samples.outputs["logits"].argmax(axis=1).tolist() == [7, 2]
    assert any("spare" in note for note in data.notes)


def test_one_hot_labels_become_numbers(tmp_path: Path) -> None:
    data = opened(tmp_path, (TOKENS,), tokens=np.zeros((5, 6), int), label=np.eye(7)[[3, 1, 6, 0, 2]])
    samples = next(data.batches(range(5), 5))
    assert samples.labels is not None
    assert samples.labels.tolist() == [3, 1, 6, 0, 2]


def test_inputs_without_axes_are_the_same_for_all(tmp_path: Path) -> None:
    data = opened(tmp_path, (MASK, TensorSpec("rate", "int64", ())), mask=np.zeros((5, 6)), rate=np.int64(16000))
    assert next(data.batches((0, 1), 2)).inputs["rate"].shape == ()


def test_whole_inputs_run_one_by_one(tmp_path: Path) -> None:
    boxes = np.arange(5 * 3 * 4.0).reshape(5, 3, 4)
    data = opened(tmp_path, (TensorSpec("boxes", "float32", (3, 4)),), boxes=boxes)
    batches = list(data.batches((4, 1), 8))
    assert [batch.inputs["boxes"].tolist() for batch in batches] == [boxes[4].tolist(), boxes[1].tolist()]


def test_a_fixed_batch_is_respected(tmp_path: Path) -> None:
    data = opened(tmp_path, (TensorSpec("x", "float32", (2, 3)),), 5, x=np.zeros((12, 3)))
    assert [len(batch.inputs["x"]) for batch in data.batches(data.evaluation_indices, 64)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"other": np.zeros((5, 6))}, "no array for tokens, mask"),
        ({"tokens": np.zeros((5, 7)), "mask": np.ones((5, 6))}, r"array tokens has the shape \(5, 7\)"),
        ({"tokens": np.zeros((5, 6)), "mask": np.ones((4, 6))}, "tokens 5, mask 4"),
        ({"tokens": np.full((5, 6), 0.5), "mask": np.ones((5, 6))}, "convert it first"),
        ({"tokens": np.zeros((5, 6)), "mask": np.ones((5, 6)), "label": np.zeros((5, 2))}, "class numbers"),
        ({"tokens": np.zeros((5, 6)), "mask": np.ones((5, 6)), "label": np.full(5, 0.5)}, "class numbers"),
        ({"tokens": np.zeros((5, 6)), "mask": np.ones((5, 6)), "label": np.full(5, -1)}, "class numbers"),
        ({"tokens": np.zeros((5, 6)), "mask": np.ones((5, 6)), "label": np.array(["a"] * 5)}, "class numbers"),
        ({"tokens": np.zeros((1, 6)), "mask": np.ones((1, 6))}, "two are needed"),
    ],
)
def test_arrays_that_do_not_fit_are_explained(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InvalidRecipeError, match=message):
        opened(tmp_path, (TOKENS, MASK), **arrays)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match="Python objects"):
        opened(tmp_path, (MASK,), mask=np.array([{"a": 1}] * 5, dtype=object))


def test_dense_archives_are_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", mask=np.zeros((100_000, 200), np.float32))
    with pytest.raises(InvalidFileError, match="times its size"):
        npz.read_arrays(tmp_path / "bomb.npz")


def test_headers_that_lie_are_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "lie.npz", "w") as archive:
        archive.writestr("mask.npy", stream.getvalue() + b"\0" * 16)
    with pytest.raises(InvalidFileError, match="does not agree"):
        npz.read_arrays(tmp_path / "lie.npz")


def test_too_many_or_too_large_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "many.npz", a=np.zeros(3), b=np.zeros(3))
    monkeypatch.setattr(npz, "MAX_ARRAYS", 1)
    with pytest.raises(InvalidFileError, match="2 arrays"):
        npz.read_arrays(tmp_path / "many.npz")
    monkeypatch.undo()
    monkeypatch.setattr(npz, "MAX_BYTES", 10)
    with pytest.raises(InvalidFileError, match="unpacks to"):
        npz.read_arrays(tmp_path / "many.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 but no archive", b"\x93NUMPY"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(StudioError, match=r"cannot be read as an \.npz"):
        open_data(DataSettings(str(tmp_path / "data.npz")), (MASK,), seed=0)
