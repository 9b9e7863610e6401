"""The commands, as they are typed: what they print, where, and with which exit status."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort
import pytest

from desktop_app import cli
from desktop_app.core.resources import resource
from desktop_app.opening import open_window

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process: exit status, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["compression-studio", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        if isinstance(ended.value.code, str):
            return 1, printed.out, printed.err + ended.value.code
        return ended.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def sample() -> Path:
    return resource("sample/digits.onnx")


RECIPE = """
version: 1
data: {calibration: 16}
defaults: {bits: 8}
layers:
  "re:.*stage3.*conv1.*": {prune: 0.25, bits: 32}
"""


@pytest.fixture(scope="module")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five images of each class of the bundled sample."""
    folder = tmp_path_factory.mktemp("digits")
    for images in sorted(resource("sample/digits").iterdir()):
        (folder / images.name).mkdir()
        for image in sorted(images.iterdir())[:5]:
            (folder / images.name / image.name).write_bytes(image.read_bytes())
    return folder


def test_inspect_prints_one_json_object_and_nothing_else(command: Command, sample: Path) -> None:
    status, out, _ = command("inspect", sample, "--json")
    summary = json.loads(out)
    assert status == 0
    assert summary["cost"]["params"] > 300_000
    assert {layer["op_type"] for layer in summary["layers"]} >= {"Conv"}


def test_inspect_prints_a_row_for_every_layer(command: Command, sample: Path) -> None:
    names = [layer["name"] for layer in json.loads(command("inspect", sample, "--json")[1])["layers"]]
    status, out, _ = command("inspect", sample)
    assert status == 0
    assert all(name in out for name in names)


def test_what_cannot_be_opened_ends_in_a_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "page.onnx").write_text("<!DOCTYPE html><html><body>404</body></html>")
    status, out, err = command("inspect", tmp_path / "page.onnx")
    assert (status, out) == (1, "")
    assert "Traceback" not in err
    assert "page.onnx" in err


def test_wrong_usage_is_status_2(command: Command, sample: Path) -> None:
    assert command("compress", sample)[0] == 2
    assert command("--nonsense")[0] == 2
    assert command("benchmark", sample, "--threads", 4096)[0] == 2
    status, out, err = command("nonsense.onnx")
    assert (status, out) == (2, "")
    assert "nonsense.onnx" in err


def test_an_empty_argument_is_not_taken_for_the_folder_of_now(command: Command, sample: Path, tmp_path: Path) -> None:
    status, out, err = command("compress", sample, "--recipe", "{version: 1}", "--out", "")
    assert (status, out) == (2, "")
    assert "an argument is empty" in err


def test_no_display_is_told_before_qt_aborts(
    sample: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert open_window([str(sample)]) == 1
    assert "display" in capsys.readouterr().err


def test_a_recipe_with_an_unknown_key_is_refused_with_its_path(command: Command, sample: Path, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("version: 1\nmethods: {prune: {unti: channels}}\n")
    status, _, err = command("compress", sample, "--recipe", tmp_path / "r.yaml", "--out", tmp_path / "out")
    assert status == 1
    assert "methods.prune" in err
    assert "unti" in err
    assert not (tmp_path / "out").exists()


def test_compress_replays_to_the_same_bytes_and_reports_what_evaluate_finds(
    command: Command, sample: Path, small_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "r.yaml").write_text(RECIPE)
    first, second = tmp_path / "first", tmp_path / "second"
    arguments = (
        "compress",
        sample,
        "--recipe",
        tmp_path / "r.yaml",
        "--data",
        small_data,
        "--json",
        "--seconds",
        1,
        "--out",
    )
    status, out, _ = command(*arguments, first)
    report = json.loads(out)
    assert status == 0
    assert {path.name for path in first.iterdir()} >= {
        "model.onnx",
        "recipe.yaml",
        "report.json",
        "report.html",
        "infer.py",
        "SHA256SUMS",
    }
    assert report["compressed"]["bytes"] == (first / "model.onnx").stat().st_size
    assert report["compressed"]["bytes"] < report["original"]["bytes"] / 2.5
    ort.InferenceSession(first / "model.onnx", providers=["CPUExecutionProvider"])

    assert command("compress", sample, "--recipe", first / "recipe.yaml", "--seconds", 1, "--out", second)[0] == 0
    digests = [hashlib.sha256((folder / "model.onnx").read_bytes()).digest() for folder in (first, second)]
    assert digests[0] == digests[1]

    evaluated = json.loads(
        command("evaluate", first / "model.onnx", "--data", small_data, "--reference", sample, "--json")[1]
    )
    assert evaluated["accuracy"] == pytest.approx(report["compressed"]["accuracy"])
    assert evaluated["fidelity"]["sqnr_db"] == pytest.approx(report["compressed"]["fidelity"]["sqnr_db"], abs=0.01)

    done = subprocess.run([sys.executable, first / "infer.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_export_of_a_run_writes_what_stock_onnxruntime_loads(command: Command, sample: Path, tmp_path: Path) -> None:
    status, out, _ = command("export", sample, "--format", "ort", "--out", tmp_path / "digits.ort", "--json")
    assert status == 0
    assert json.loads(out)["bytes"] == (tmp_path / "digits.ort").stat().st_size
    ort.InferenceSession(tmp_path / "digits.ort", providers=["CPUExecutionProvider"])


def test_export_does_not_overwrite_the_source(command: Command, sample: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(sample.read_bytes())
    status, _, err = command("export", copy, "--out", copy)
    assert status == 1
    assert copy.read_bytes() == sample.read_bytes()
    assert "model.onnx" in err


def test_benchmark_compares_with_the_first_model(command: Command, sample: Path) -> None:
    status, out, _ = command("benchmark", sample, sample, "--threads", 1, "--seconds", 1, "--json")
    rows = json.loads(out)["rows"]
    assert status == 0
    assert [row["bytes"] for row in rows] == [sample.stat().st_size] * 2
    assert rows[1]["ratio"]["ci95"][0] <= rows[1]["ratio"]["median"] <= rows[1]["ratio"]["ci95"][1]


def test_the_demo_makes_the_sample_four_times_smaller_at_a_point_at_most(command: Command, tmp_path: Path) -> None:
    status, out, _ = command("demo", "--out", tmp_path / "demo", "--json")
    report = json.loads(out)
    assert status == 0
    assert report["original"]["bytes"] >= 4 * report["compressed"]["bytes"]
    assert report["compressed"]["accuracy"] >= report["original"]["accuracy"] - 0.01
