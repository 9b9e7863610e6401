import base64
import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError, StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import Event, Measurement, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs import session
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.history.store import History
from desktop_app.jobs.host import WorkerHost
from desktop_app.jobs.measurements import BenchmarkModels, EvaluateModel, Profiled, ProfileModel
from desktop_app.jobs.messages import Failed, Opened, OpenModel, RunRecipe
from desktop_app.jobs.opened import opened as read_opened
from desktop_app.jobs.previews import PreviewData
from desktop_app.jobs.recipes import ListPresets, ReadRecipe, WriteRecipe
from desktop_app.jobs.tasks import (
    benchmark_models,
    evaluate_model,
    export_model,
    list_presets,
    open_model,
    preview_data,
    profile_model,
    read_recipe,
    run_recipe,
    write_recipe,
)

CLASSES, SIDE = 4, 16


class Notes(SilentToken):
    """A token that keeps what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture(autouse=True)
def _private_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "session"
    folder.mkdir()
    monkeypatch.setenv(session.SESSION_VARIABLE, str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    session.session_folder.cache_clear()
    yield
    session.session_folder.cache_clear()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Convolution, ReLU, convolution, mean over the image, classifier."""
    rng = np.random.default_rng(0)
    weights = {
        "w1": rng.normal(size=(16, 3, 3, 3)),
        "w2": rng.normal(size=(16, 16, 3, 3)) / 12,
        "w3": rng.normal(size=(CLASSES, 16)),
    }
    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a"], "first", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Conv", ["b", "w2"], ["c"], "second", pads=[1] * 4),
        helper.make_node("GlobalAveragePool", ["c"], ["d"], "mean"),
        helper.make_node("Flatten", ["d"], ["e"], "flat"),
        helper.make_node("Gemm", ["e", "w3"], ["scores"], "classifier", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", CLASSES])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()],
    )
    path = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture
def images(tmp_path: Path) -> DataSettings:
    """Class folders of noise."""
    rng = np.random.default_rng(0)
    for label in range(CLASSES):
        folder = tmp_path / "images" / f"class{label}"
        folder.mkdir(parents=True)
        for index in range(6):
            pixels = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{index}.png")
    return DataSettings(path=str(tmp_path / "images"), calibration=8)


@pytest.fixture
def opened(model: Path) -> Opened:
    return open_model.run(OpenModel(str(model)), SilentToken())


def test_an_opened_model_is_a_private_copy_with_a_layer_table(opened: Opened, model: Path, tmp_path: Path) -> None:
    copy = Path(opened.snapshot)
    assert copy.is_relative_to(tmp_path / "session")
    assert copy.read_bytes() == model.read_bytes()
    assert opened.summary.name == "small.onnx"
    assert opened.summary.path == str(model)
    assert [layer.name for layer in opened.summary.layers] == ["first", "second", "classifier"]
    assert opened.summary.bytes == model.stat().st_size
    assert opened.summary.runnable == ""


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(InvalidFileError, match="damaged"):
        open_model.run(OpenModel(str(broken)), SilentToken())


def test_the_time_of_every_layer(opened: Opened) -> None:
    result = profile_model.run(ProfileModel(opened.snapshot, 1), SilentToken())
    assert set(result.profile.milliseconds) == {"first", "second", "classifier"}
    assert result.profile.total_ms > 0
    assert result.machine.threads == 1


def test_presets_are_titled_recipes() -> None:
    presets = list_presets.run(ListPresets(), SilentToken()).presets
    assert len(presets) >= 5
    assert all(preset.title and preset.tip.endswith(".") for preset in presets)
    assert len({str(preset.recipe) for preset in presets}) == len(presets)


def test_a_recipe_comes_back_as_it_was_written(tmp_path: Path) -> None:
    recipe = Recipe(seed=7).with_layer("first", LayerSettings(bits=8))
    path = str(tmp_path / "recipe.yaml")
    assert write_recipe.run(WriteRecipe(path, recipe), SilentToken()).path == path
    assert read_recipe.run(ReadRecipe(path), SilentToken()).recipe == recipe


def test_a_recipe_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("version: 1\nbitts: 8\n")
    with pytest.raises(InvalidRecipeError, match="bitts"):
        read_recipe.run(ReadRecipe(str(path)), SilentToken())


def test_images_are_shown_as_the_model_sees_them(opened: Opened, images: DataSettings) -> None:
    preview = preview_data.run(PreviewData(opened.snapshot, images, count=3), SilentToken())
    assert (preview.kind, preview.samples, preview.classes) == ("class folders", 24, CLASSES)
    assert (preview.calibration, preview.evaluation) == (8, 16)
    assert preview.guessed
    assert preview.preprocess is not None
    assert len(preview.previews) == 3
    for shown in preview.previews:
        picture = Image.open(io.BytesIO(base64.b64decode(shown.png)), formats=["PNG"])
        assert picture.size == (SIDE, SIDE)
        original = Image.open(Path(images.path or "") / shown.file)
        assert np.abs(np.asarray(picture, int) - np.asarray(original, int)).max() <= 1
        assert shown.label == Path(shown.file).parts[0]


def test_an_image_that_is_broken_is_left_out_of_the_previews(opened: Opened, images: DataSettings) -> None:
    whole = preview_data.run(PreviewData(opened.snapshot, images, count=2), SilentToken())
    (Path(images.path or "") / whole.previews[0].file).write_bytes(b"no image")
    settings = DataSettings(images.path, None, whole.preprocess, images.calibration)
    left = preview_data.run(PreviewData(opened.snapshot, settings, count=2), SilentToken())
    assert [one.file for one in left.previews] == [whole.previews[1].file]
    assert any(whole.previews[0].file in note for note in left.notes)


def test_without_data_there_are_no_pictures(opened: Opened) -> None:
    preview = preview_data.run(PreviewData(opened.snapshot, DataSettings(), count=2), SilentToken())
    assert preview.kind == "synthetic"
    assert [one.png for one in preview.previews] == ["", ""]
    assert not preview.labelled


def test_a_model_equals_itself(opened: Opened, images: DataSettings) -> None:
    request = EvaluateModel(opened.snapshot, images, opened.snapshot)
    result = evaluate_model.run(request, SilentToken())
    assert result.samples == 16
    assert result.fidelity is not None
    assert result.fidelity.top1_agreement == 1.0
    assert result.fidelity.sqnr_db == 200
    assert result.accuracy is not None
    assert 0 <= result.accuracy <= 1


def test_models_against_each_other(opened: Opened, model: Path) -> None:
    result = benchmark_models.run(BenchmarkModels((opened.snapshot, str(model)), Measuring(1, 0.5)), SilentToken())
    assert [row.model for row in result.rows] == [opened.snapshot, str(model)]
    assert {row.bytes for row in result.rows} == {model.stat().st_size}
    assert result.rows[0].ratio.median == 1.0
    assert all(row.peak_memory for row in result.rows)


def test_a_run_goes_to_the_history_that_is_named_and_says_why_where_it_cannot(opened: Opened, tmp_path: Path) -> None:
    recipe, folder = Recipe(defaults=LayerSettings(bits=8)), tmp_path / "history"
    run = run_recipe.run(
        RunRecipe(opened.snapshot, recipe, str(tmp_path / "run"), Measuring(1, 0.3), str(folder)), SilentToken()
    )
    assert not (tmp_path / "run").exists()
    assert Path(run.model).is_relative_to(folder)
    assert run.kept is not None
    assert run.kept.compressed == run.report.compressed
    assert run.kept.sha256 == opened.summary.sha256
    assert History(folder).runs(opened.summary.sha256).runs == (run.kept,)
    assert History(folder).read(run.kept.id) == run

    (tmp_path / "taken").write_text("no folder")
    request = RunRecipe(opened.snapshot, recipe, str(tmp_path / "run"), Measuring(1, 0.3), str(tmp_path / "taken"))
    loose = run_recipe.run(request, SilentToken())
    assert loose.kept is None
    assert "not kept" in loose.not_kept
    assert Path(loose.model) == tmp_path / "run" / "model.onnx"


def test_a_recipe_is_carried_out_and_its_model_exported(
    opened: Opened, model: Path, images: DataSettings, tmp_path: Path
) -> None:
    token = Notes()
    recipe = Recipe(data=images, defaults=LayerSettings(prune=0.5, bits=8))
    run = run_recipe.run(RunRecipe(opened.snapshot, recipe, str(tmp_path / "run"), Measuring(1, 0.3)), token)
    assert {"model.onnx", "recipe.yaml", "report.json", "report.html", "infer.py", "SHA256SUMS"} <= {
        path.name for path in (tmp_path / "run").iterdir()
    }
    assert Path(run.model).stat().st_size == run.report.compressed.bytes == run.summary.bytes
    assert run.report.compressed.params < run.report.original.params
    assert run.recipe.data.preprocess is not None
    told = {(event.stage, event.metric) for event in token.events if isinstance(event, Measurement)}
    for stage in ("original", "final"):
        assert (stage, "latency_ms") in told
    assert {(step.step, "bytes") for step in run.report.steps} <= told

    target = tmp_path / "out.onnx"
    request = ExportModel(run.model, opened.snapshot, str(target), "onnx", str(tmp_path / "run"))
    exported = export_model.run(request, SilentToken())
    assert exported.bytes == target.stat().st_size
    assert target.read_bytes() == Path(run.model).read_bytes()
    with pytest.raises(StudioError):
        export_model.run(ExportModel(run.model, opened.snapshot, str(model)), SilentToken())
    assert onnx.load(model).graph.name == "small"


def test_the_real_worker_opens_dies_and_goes_on(model: Path, tmp_path: Path) -> None:
    with WorkerHost() as host:
        opened = list(host.submit(OpenModel(str(model))))[-1]
        assert isinstance(opened, Opened)
        refused = list(host.submit(OpenModel(str(tmp_path / "none.onnx"))))[-1]
        assert isinstance(refused, Failed)
        assert "none.onnx" in refused.sentence
        psutil.Process(host.worker_pid).kill()
        while host.worker_pid is not None:
            time.sleep(0.01)
        profiled = list(host.submit(ProfileModel(opened.snapshot, 1)))[-1]
        assert isinstance(profiled, Profiled), profiled
        assert set(profiled.profile.milliseconds) == {"first", "second", "classifier"}


def test_a_copy_is_known_by_its_source_after_the_worker_was_replaced(
    opened: Opened, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.jobs.opened._opened", {})
    again = read_opened(opened.snapshot)
    assert again.snapshot.source == model
    assert again.snapshot.sha256 == opened.summary.sha256
    assert read_opened(opened.snapshot) is again
    assert read_opened(str(model)) is not read_opened(str(model))
