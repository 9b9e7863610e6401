from pathlib import Path

import numpy as np
import pytest

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import Cancelled, InvalidRecipeError
from desktop_app.core.progress import SilentToken
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data import DataSet, open_data

SAMPLE = Path(__file__).parents[3] / "resources" / "sample"
INPUTS = (TensorSpec("image", "float32", ("batch", 3, 8, 8)),)


def _images(samples: int = 60) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((samples, 3, 8, 8)).astype(np.float32)


def _data(folder: Path, **arrays: np.ndarray) -> DataSet:
    np.savez(folder / "data.npz", image=_images(), **arrays)
    return open_data(DataSettings(str(folder / "data.npz"), calibration=10), INPUTS, seed=0)


def _answers(model: Model) -> np.ndarray:
    return np.asarray(open_session(model).run(None, {"image": _images()})[0])


def test_accuracy_is_the_share_of_labels_met(small_model: Model, tmp_path: Path) -> None:
    labels = _answers(small_model).argmax(axis=1)
    data = _data(tmp_path, label=labels)
    wrong = np.array(labels)
    wrong[list(data.evaluation_indices[:10])] += 1
    (tmp_path / "wrong").mkdir()
    assert evaluate(small_model, data, data.evaluation_indices, threads=1).accuracy == 1.0
    evaluation = evaluate(small_model, _data(tmp_path / "wrong", label=wrong % 4), data.evaluation_indices, threads=1)
    assert evaluation.samples == 50
    assert evaluation.accuracy == pytest.approx(0.8)
    assert evaluation.fidelity is None
    assert not evaluation.notes


def test_fidelity_to_a_reference_and_to_stored_outputs(small_model: Model, tmp_path: Path) -> None:
    data = _data(tmp_path, **{"output:logits": _answers(small_model) * 1.1})
    to_itself = evaluate(small_model, data, data.evaluation_indices, reference=small_model, threads=1).fidelity
    to_stored = evaluate(small_model, data, data.evaluation_indices, threads=1).fidelity
    assert to_itself is not None
    assert to_stored is not None
    assert (to_itself.sqnr_db, to_itself.top1_agreement, to_itself.samples) == (200.0, 1.0, 50)
    assert to_stored.sqnr_db == pytest.approx(20.8, abs=0.1)


def test_made_up_samples_are_called_so(small_model: Model) -> None:
    data = open_data(DataSettings(), INPUTS, seed=0)
    evaluation = evaluate(small_model, data, data.evaluation_indices[:8], reference=small_model, threads=1)
    assert evaluation.accuracy is None
    assert evaluation.fidelity is not None
    assert evaluation.fidelity.synthetic


def test_the_sample_is_as_good_as_it_says() -> None:
    settings = DataSettings(str(SAMPLE / "digits"), preprocess=Preprocess(resize=32, color="gray"), calibration=0)
    data = open_data(settings, (TensorSpec("input", "float32", ("batch", 1, 32, 32)),), seed=0)
    evaluation = evaluate(SAMPLE / "digits.onnx", data, data.evaluation_indices, threads=1)
    assert (evaluation.samples, data.classes) == (700, 10)
    assert evaluation.accuracy == pytest.approx(0.996, abs=0.003)
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 3_000_000


def test_labels_of_more_classes_than_the_model_has(small_model: Model, tmp_path: Path) -> None:
    data = _data(tmp_path, label=np.arange(60))
    with pytest.raises(InvalidRecipeError, match="number 60 classes, and the model tells 4 apart"):
        evaluate(small_model, data, data.evaluation_indices, threads=1)


def test_labels_in_another_order_raise_doubt(small_model: Model, tmp_path: Path) -> None:
    data = _data(tmp_path, label=(_answers(small_model).argmax(axis=1) + 1) % 4)
    assert "no better than guessing" in evaluate(small_model, data, data.evaluation_indices, threads=1).notes[0]


def test_it_stops_when_asked(small_model: Model, tmp_path: Path) -> None:
    class Stopped(SilentToken):
        cancelled = True

    data = _data(tmp_path)
    with pytest.raises(Cancelled):
        evaluate(small_model, data, data.evaluation_indices, threads=1, token=Stopped())
