import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from PIL import Image

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import StudioError
from desktop_app.core.recipe import Recipe
from desktop_app.graph.runtime import open_session
from desktop_app.io.bundle import FILES, check_folder, write_run_folder
from desktop_app.io.data.images import read_pixels, to_input
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.recipes import read_recipe
from desktop_app.io.reports import read_report_json
from tests.unit.io.reports_for_tests import full_report
from tests.unit.io.small_models import WEIGHT, conv_model, model_of

SaveModel = Callable[..., Path]
PREPROCESS = Preprocess(12, 8, 127.5, (1.0, 0.9, 0.8), (1.0, 1.1, 1.2), "bgr", "nchw")
RECIPE = Recipe(data=DataSettings(preprocess=PREPROCESS))


@pytest.fixture
def folder(conv_file: Path, tmp_path: Path) -> Path:
    """The folder of a run, with samples."""
    samples = {"x": np.linspace(-1, 1, 384, dtype=np.float32).reshape(2, 3, 8, 8)}
    write_run_folder(tmp_path / "run", read_model(conv_file), RECIPE, full_report(), samples, name="m.onnx")
    return tmp_path / "run"


def infer(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `infer.py` as a stranger would: isolated from this project."""
    command = [sys.executable, "-I", str(folder / "infer.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, timeout=60)


def test_has_all_files_and_they_say_what_was_done(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert read_recipe(folder / "recipe.yaml") == RECIPE
    assert read_report_json(folder / "report.json") == full_report()
    assert "m.onnx" in (folder / "report.html").read_text("utf-8")


def test_sums_are_those_of_the_files(folder: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == set(FILES) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_infer_checks_itself(folder: Path) -> None:
    done = infer(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK: the outputs are those stored in check.npz (relative error 0")


def test_infer_notices_another_model(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(conv_model(WEIGHT[::-1]).SerializeToString())
    done = infer(folder)
    assert done.returncode == 1
    assert done.stdout.startswith("error: the outputs differ from those stored in check.npz")
    (folder / "model.onnx").write_bytes(b"nothing")
    assert infer(folder).returncode == 1


@pytest.mark.parametrize("size", [(40, 30), (9, 50), (12, 12)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_infer_prepares_images_as_the_run_did(folder: Path, tmp_path: Path, size: tuple[int, int], mode: str) -> None:
    names: dict[str, object] = {"__file__": str(folder / "infer.py"), "__name__": "infer"}
    exec((folder / "infer.py").read_text(), names)
    pixels = np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), np.uint8)
    path = tmp_path / "image.png"
    Image.fromarray(pixels).convert(mode).save(path)
    prepared = names["as_input"](names["read_image"](path), "tensor(float)")
    expected = to_input(read_pixels(path, PREPROCESS)[None], PREPROCESS, np.dtype(np.float32))
    assert np.array_equal(prepared, expected)


def test_infer_runs_images_and_arrays(folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "red").save(tmp_path / "red.png")
    done = infer(folder, str(tmp_path / "red.png"))
    assert done.returncode == 0
    assert "red.png: " in done.stdout
    sample = np.ones((1, 3, 8, 8), np.float32)
    np.savez(tmp_path / "samples.npz", x=sample)
    assert infer(folder, str(tmp_path / "samples.npz")).returncode == 0
    expected = open_session(folder / "model.onnx").run(None, {"x": sample})[0]
    with np.load(tmp_path / "outputs.npz") as outputs:
        assert np.allclose(outputs["output_0"], expected, rtol=1e-4)


def test_a_model_without_images_says_so(conv_file: Path, tmp_path: Path) -> None:
    write_run_folder(tmp_path / "run", read_model(conv_file), Recipe(), full_report())
    done = infer(tmp_path / "run", "cat.png")
    assert done.returncode == 1
    assert "give an .npz" in done.stdout


def test_the_next_run_into_the_same_folder_replaces_all_and_nothing_else(
    folder: Path, save: SaveModel, tmp_path: Path
) -> None:
    (folder / "notes.txt").write_text("mine")
    model = read_model(save(model_of(helper.make_node("Mystery", ["x"], ["y"], domain="nobody")), "other.onnx"))
    write_run_folder(folder, model, Recipe(), full_report())
    assert {path.name for path in folder.iterdir()} == {*FILES, "notes.txt"} - {"check.npz"}
    done = infer(folder)
    assert done.returncode == 1
    assert "no stored outputs" in done.stdout


def test_what_fails_leaves_the_folder_as_it_was(folder: Path, save: SaveModel, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bad = read_model(save(conv_model(np.full((80, 3, 3, 3), np.inf, np.float32)), "bad.onnx"))
    with pytest.raises(StudioError, match="not finite"):
        write_run_folder(folder, bad, Recipe(), full_report())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not list(tmp_path.glob(".*"))


def test_what_a_killed_process_left_is_removed(folder: Path, conv_file: Path, tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".run.abc-{dead.pid}.part").mkdir()
    (tmp_path / f".run.abc-{dead.pid}.part" / "model.onnx").write_bytes(b"half")
    write_run_folder(folder, read_model(conv_file), Recipe(), full_report())
    assert not list(tmp_path.glob(".*"))


def test_the_opened_model_is_not_replaced(conv_file: Path) -> None:
    with pytest.raises(StudioError, match="which is kept"):
        write_run_folder(conv_file.parent, read_model(conv_file), Recipe(), full_report(), refuse=[conv_file])


def test_a_file_is_no_folder(conv_file: Path) -> None:
    with pytest.raises(StudioError, match="is a file, and a folder is to be written"):
        write_run_folder(conv_file, read_model(conv_file), Recipe(), full_report())


def test_what_cannot_be_written_is_known_beforehand(conv_file: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="which is kept"):
        check_folder(conv_file.parent, [conv_file])
    for folder in (conv_file, conv_file / "inside"):
        with pytest.raises(StudioError):
            check_folder(folder)
    check_folder(tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {conv_file.name}


def test_equal_runs_leave_equal_models_and_recipes(conv_file: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run_folder(tmp_path / name, read_model(conv_file), RECIPE, full_report())
    for name in ("model.onnx", "recipe.yaml", "report.json", "report.html", "infer.py"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
