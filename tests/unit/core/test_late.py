"""Modules that are loaded at their first use."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.late import load_late


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with one module, which says when it is loaded; and the finders as they were, afterwards."""
    folder = tmp_path / "rarely"
    folder.mkdir()
    (folder / "__init__.py").write_text("from rarely import used\n")
    (folder / "used.py").write_text("loaded = True\n\ndef told():\n    return __name__\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield "rarely"
    for name in [one for one in sys.modules if one.split(".")[0] == "rarely"]:
        del sys.modules[name]


def is_loaded(name: str) -> bool:
    return "loaded" in object.__getattribute__(sys.modules[name], "__dict__")


def test_a_module_is_loaded_when_it_is_used(package: str) -> None:
    load_late("rarely.used")
    rarely = importlib.import_module(package)
    assert not is_loaded("rarely.used")
    assert rarely.used.told() == "rarely.used"
    assert is_loaded("rarely.used")


def test_others_are_loaded_at_once(package: str) -> None:
    load_late("rarely.unused", "another")
    importlib.import_module(package)
    assert is_loaded("rarely.used")


def test_a_module_that_is_not_there_is_missed_at_once() -> None:
    finders = list(sys.meta_path)
    load_late("not_there_at_all")
    try:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("not_there_at_all")
    finally:
        sys.meta_path[:] = finders


def test_what_the_worker_leaves_for_later_is_not_loaded_by_its_tasks_and_works() -> None:
    code = """
import importlib, sys
from desktop_app.core.late import load_late
from desktop_app.jobs.worker import FIRST_TASKS, LATE, TASKS
load_late(*LATE)
for tag in FIRST_TASKS:
    importlib.import_module(f"{TASKS}.{tag}")
from desktop_app.core.resources import resource
from desktop_app.io.onnx_reader import read_model
model = read_model(resource("sample/digits.onnx"))
model.layers, model.channels, model.shapes, model.clone().to_bytes()
loaded = "sympy.core" in sys.modules
import onnx_ir
print(loaded, (onnx_ir.SymbolicDim("n + 1") + 1).value, "sympy.core" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "n", "+", "2", "True"]
