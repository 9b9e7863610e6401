import os
import subprocess
import sys
from pathlib import Path

from desktop_app import __version__
from desktop_app.cli import COMMANDS
from desktop_app.commands import NAMES
from desktop_app.opening import wants_window


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    program = (
        "import sys; sys.argv = ['compression-studio', '--version']; from desktop_app.__main__ import main; main(); "
        "sys.exit(str([name for name in ('numpy', 'onnx_ir', 'typer', 'PySide6', 'msgspec') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == f"{__version__}\n"
    assert done.stderr.strip() == "[]"


def test_the_worker_is_this_program_and_ends_with_its_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--worker"],
        input=b"",
        capture_output=True,
        check=False,
        start_new_session=True,
        timeout=60,
    )
    assert b'{"type":"ready"}' in done.stdout or done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_commands_are_known_by_name_before_they_are_imported() -> None:
    assert tuple(one.__name__ for one in COMMANDS) == NAMES
    assert not any(map(wants_window, (["inspect"], ["--help"], ["demo", "--json"])))
    assert wants_window([])
    assert wants_window(["model.onnx", "recipe.yaml"])


def test_onnx_runtime_counts_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "from desktop_app.core.resources import resource; from desktop_app.graph.runtime import open_session; "
        "from desktop_app.io.onnx_reader import read_model; open_session(read_model(resource('sample/digits.onnx')))"
    )
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    without = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", program], env={**without, **homes}, check=True, timeout=120)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
