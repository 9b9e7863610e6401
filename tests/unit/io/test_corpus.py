"""All real and all hostile files: opened, or refused with a sentence, in time, in bounds, and leaving nothing alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import desktop_app

pytestmark = pytest.mark.corpus

SECONDS = 15.0
PROGRAM = Path(__file__).with_name("open_files.py")
PACKAGES = Path(desktop_app.__file__).parents[1]

OPENED_HOSTILE = {"deep_nested_if_20", "deep_nested_if_28", "hostile_names", "memory_bomb_expand"}
"""Hostile only to what runs or shows them."""

REFUSED = {
    "dims_negative": "The values of w have a shape with a negative size, [-2]",
    "dims_product_overflow": "The values of w have an impossible shape",
    "duplicate_output_name": "The value y is defined twice in graph dup",
    "empty_file": "empty_file.onnx is empty",
    "ext_missing_file": "The values of w are in missing.bin, which is not beside the model",
    "ext_negative_offset": "The values of w lie at the impossible offset -4",
    "ext_offset_past_eof": "The values of w should be 8 bytes at 4,096, but ok.bin holds fewer there",
    "ext_symlink_escape": "The values of w are in link.bin, which is a link",
    "ext_traversal_relative": "The values of w are said to lie outside the model's folder",
    "ext_windows_device_name": "The values of w are said to lie in CON, which is the name of a device",
    "garbage_varint": "garbage_varint.onnx is damaged, was cut off",
    "graph_cycle": "depends on its own output",
    "hdf5_renamed": "hdf5_renamed.onnx is an HDF5 file",
    "html_404_renamed": "html_404_renamed.onnx is a web page",
    "opset_and_ir_from_future": "opset_and_ir_from_future.onnx follows version 99",
    "truncated_half": "truncated_half.onnx is damaged, was cut off",
}


def open_all(paths: list[Path], folder: Path) -> list[dict[str, object]]:
    """What came of each file, from one process with a memory limit."""
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), *map(str, paths)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [outcome["path"] for outcome in outcomes] == [str(path) for path in paths]
    return outcomes


def check_bounds(outcome: dict[str, object], *allowed: Path) -> None:
    """In time, one sentence, and nothing opened but the model's folder, the copy and Python itself."""
    assert "failed" not in outcome, outcome
    assert outcome["seconds"] < SECONDS
    sentence = str(outcome.get("refused", "."))
    assert sentence.endswith(".")
    assert sentence == " ".join(sentence.split())
    assert not any(word in sentence for word in ("Error", "Exception", "Traceback", "proto2", "0x"))
    python = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix, str(PACKAGES))]
    for path in map(Path, outcome["touched"]):
        assert any(path.is_relative_to(one) for one in (*allowed, *python)), path


def test_all_real_files_open(shared_data: Path, tmp_path: Path) -> None:
    corpus = shared_data / "corpus"
    paths = sorted(path for path in corpus.rglob("*.onnx") if path.parent.name != "invalid")
    paths += sorted((shared_data / "models").glob("*.onnx"))
    assert len(paths) > 70
    for outcome in open_all(paths, tmp_path / "private"):
        check_bounds(outcome, shared_data, tmp_path)
        assert "opened" in outcome, outcome


def test_invalid_files_open_or_are_refused(shared_data: Path, tmp_path: Path) -> None:
    paths = sorted((shared_data / "corpus" / "invalid").glob("*.onnx"))
    for outcome in open_all(paths, tmp_path / "private"):
        check_bounds(outcome, shared_data, tmp_path)
        if "arbitrary_external_file" in str(outcome["path"]):
            assert "outside the model's folder" in str(outcome["refused"])


def test_hostile_files_do_no_harm(shared_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(shared_data / "hostile", folder)
    folder.chmod(0o700)
    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(8))
    (folder / "link.bin").symlink_to(secret)
    paths = sorted(folder.glob("*.onnx"))
    for outcome in open_all(paths, tmp_path / "private"):
        check_bounds(outcome, folder, tmp_path / "private")
        name = Path(str(outcome["path"])).stem
        if name in OPENED_HOSTILE:
            assert "opened" in outcome, outcome
        else:
            assert REFUSED[name] in str(outcome["refused"])
