import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.progress import Event, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.runtime import open_session
from desktop_app.io.bundle import write_run_folder
from desktop_app.io.export import FORMATS, ExportedFile, export_model
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.writer import write_model
from tests.unit.io.reports_for_tests import full_report
from tests.unit.io.small_models import conv_model, model_of

SaveModel = Callable[..., Path]


@pytest.fixture
def run_folder(conv_file: Path, tmp_path: Path) -> Path:
    """What a run left."""
    write_run_folder(tmp_path / "run", read_model(conv_file), Recipe(), full_report(), name="model.onnx")
    return tmp_path / "run"


def export(run_folder: Path, original: Path, target: Path, name: str) -> ExportedFile:
    return export_model(run_folder / "model.onnx", original, target, name, SilentToken(), run_folder)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_onnx_is_the_model_of_the_run_byte_for_byte(run_folder: Path, conv_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.onnx"
    exported = export(run_folder, conv_file, target, "onnx")
    assert target.read_bytes() == (run_folder / "model.onnx").read_bytes()
    assert exported == ExportedFile(
        target,
        target.stat().st_size,
        "ONNX Runtime loads it in a fresh process, and on seeded inputs gives its output as in the run, exactly.",
    )


def test_ort_gives_what_the_run_gave(run_folder: Path, conv_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.ort"
    exported = export(run_folder, conv_file, target, "ort")
    assert target.read_bytes()[4:8] == b"ORTM"
    assert exported.bytes == target.stat().st_size
    assert "gives its output as in the run" in exported.checked
    sample = {"x": np.ones((1, 3, 8, 8), np.float32)}
    expected = open_session(conv_file).run(None, sample)[0]
    assert np.allclose(open_session(target).run(None, sample)[0], expected, rtol=1e-4)


def test_a_bundle_is_the_run_s_folder(run_folder: Path, conv_file: Path, tmp_path: Path) -> None:
    exported = export(run_folder, conv_file, tmp_path / "bundle", "bundle")
    assert names_in(tmp_path / "bundle") == names_in(run_folder)
    for name in names_in(run_folder):
        assert (tmp_path / "bundle" / name).read_bytes() == (run_folder / name).read_bytes()
    assert "fresh process" in exported.checked


def test_a_bundle_needs_a_run(conv_file: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="run a recipe first"):
        export_model(conv_file, tmp_path / "other.onnx", tmp_path / "bundle", "bundle", SilentToken())


@pytest.mark.parametrize("name", ["onnx", "ort"])
@pytest.mark.parametrize("source", ["original", "run"])
def test_neither_the_original_nor_the_run_is_replaced(
    run_folder: Path, conv_file: Path, name: str, source: str
) -> None:
    target = conv_file if source == "original" else run_folder / "model.onnx"
    content = target.read_bytes()
    with pytest.raises(StudioError, match="which is kept: choose another name"):
        export(run_folder, conv_file, target, name)
    assert target.read_bytes() == content


def test_a_bundle_does_not_replace_the_original(run_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "opened"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"original")
    with pytest.raises(StudioError, match="which is kept"):
        export(run_folder, folder / "model.onnx", folder, "bundle")
    with pytest.raises(StudioError, match="the folder of the run itself"):
        export(run_folder, tmp_path / "other.onnx", run_folder, "bundle")
    assert names_in(folder) == {"model.onnx"}


@pytest.mark.parametrize("name", FORMATS)
def test_what_does_not_pass_the_check_is_not_kept(
    run_folder: Path, conv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / ("out" + FORMATS[name].suffix)
    if FORMATS[name].suffix:
        target.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise StudioError("The outputs differ.")

    monkeypatch.setattr("desktop_app.io.export.check_in_fresh_process", refuse)
    before = names_in(tmp_path)
    with pytest.raises(StudioError, match="The outputs differ"):
        export(run_folder, conv_file, target, name)
    assert names_in(tmp_path) == before
    assert not target.is_file() or target.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["onnx", "bundle"])
def test_a_disk_that_fills_leaves_everything_as_it_was(
    run_folder: Path, conv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / "out.onnx" if name == "onnx" else tmp_path / "bundle"
    if name == "onnx":
        target.write_bytes(b"old")
    before = names_in(tmp_path)
    synced = os.fsync

    def full(descriptor: int) -> None:
        if os.fstat(descriptor).st_size > 0 and str(tmp_path) in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(28, "No space left on device")
        synced(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not tell which file a descriptor is")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudioError, match="the disk is full"):
        export(run_folder, conv_file, target, name)
    assert names_in(tmp_path) == before
    assert name != "onnx" or target.read_bytes() == b"old"


def test_weights_in_a_file_of_their_own_are_written_anew(conv_file: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    run_model = write_model(read_model(conv_file), tmp_path / "run" / "model.onnx", max_inside_bytes=1000)
    exported = export_model(run_model.path, conv_file, tmp_path / "out.onnx", "onnx", SilentToken())
    assert np.array_equal(read_model(exported.path).constant("w"), read_model(conv_file).constant("w"))


def test_a_model_that_cannot_be_run_is_exported_and_that_is_said(save: SaveModel, tmp_path: Path) -> None:
    path = save(model_of(helper.make_node("Mystery", ["x"], ["y"], domain="nobody")))
    exported = export_model(path, tmp_path / "other.onnx", tmp_path / "out.onnx", "onnx", SilentToken())
    assert exported.checked.startswith("It was not compared: ONNX Runtime cannot run this model")
    assert (tmp_path / "out.onnx").read_bytes() == path.read_bytes()


def test_not_finite_weights_are_not_exported(save: SaveModel, tmp_path: Path) -> None:
    path = save(conv_model(np.full((80, 3, 3, 3), np.nan, np.float32)))
    for name in ("onnx", "ort"):
        with pytest.raises(StudioError, match="The weight w of layer conv holds values that are not finite"):
            export_model(path, tmp_path / "other.onnx", tmp_path / f"out.{name}", name, SilentToken())


def test_unknown_formats_are_told_with_the_known_ones(conv_file: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="choose one of onnx, ort, bundle"):
        export_model(conv_file, tmp_path / "o.onnx", tmp_path / "out.h5", "keras", SilentToken())


def test_cancelling_leaves_nothing(run_folder: Path, conv_file: Path, tmp_path: Path) -> None:
    class Impatient(SilentToken):
        def report(self, event: Event) -> None:
            self.cancelled = getattr(event, "done", 0.0) >= 0.7

    before = names_in(tmp_path)
    with pytest.raises(Cancelled):
        export_model(run_folder / "model.onnx", conv_file, tmp_path / "out.onnx", "onnx", Impatient())
    assert names_in(tmp_path) == before
