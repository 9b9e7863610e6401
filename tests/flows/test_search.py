"""A search as it is typed: what it prints, what it leaves, and with which exit status it ends."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_app import cli
from desktop_app.core.resources import resource
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.recipes import read_recipe

BUDGET = """
version: 1
limits: {bytes: 1000, min_agreement: 0.5}
free: [bits]
trials: 3
finalists: 1
strategy: random
data: {calibration: 16}
"""


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    """Five images of each class of the bundled sample."""
    folder = tmp_path / "digits"
    for images in sorted(resource("sample/digits").iterdir()):
        (folder / images.name).mkdir(parents=True)
        for image in sorted(images.iterdir())[:5]:
            (folder / images.name / image.name).write_bytes(image.read_bytes())
    return folder


@pytest.fixture
def arguments(tmp_path: Path, small_data: Path) -> list[str]:
    (tmp_path / "b.yaml").write_text(BUDGET, "utf-8")
    words = ["search", resource("sample/digits.onnx"), "--data", small_data, "--budget", tmp_path / "b.yaml"]
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    out = ["--out", str(tmp_path / "out"), "--storage", storage, "--seconds", "0.5"]
    return [*map(str, words), *out, "--trials", "--json"]


def test_a_search_is_killed_and_goes_on_and_says_that_the_budget_is_not_met(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "desktop_app", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = program.stdout.readline()
    (worker,) = psutil.Process(program.pid).children()
    program.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    program.communicate()
    original = json.loads(first)
    assert (original["number"], set(original["genes"])) == (0, {0})
    assert _left(tmp_path / "out") > 0  # the model and the recipe of the best so far
    _until(lambda: _ended(worker))  # it has noticed that nobody listens any more

    monkeypatch.setattr(sys, "argv", ["compression-studio", *arguments, "--resume"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    said = capsys.readouterr()
    assert re.search(r"judged before: [12]\.", said.err)
    *judged, found = map(json.loads, said.out.splitlines())
    assert [one["number"] for one in judged if not one["measured"]] in ([1, 2], [2])
    assert (found["type"], found["judged"], list(found["missed"])) == ("search_finished", 3, ["bytes"])
    assert found["best"]["bytes"] == (tmp_path / "out" / "model.onnx").stat().st_size
    assert found["without"]["bytes"]["agreement"] >= 0.5
    assert {"model.onnx", "recipe.yaml", "report.json", "infer.py"} <= {
        one.name for one in (tmp_path / "out").iterdir()
    }

    monkeypatch.setattr(sys, "argv", ["compression-studio", *arguments])
    with pytest.raises(SystemExit, match="begun before: go on with it by --resume"):
        cli.main()


def test_going_on_with_nothing_is_said(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["compression-studio", *arguments, "--resume"])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr()
    assert "Nothing was judged before" in said.err
    assert json.loads(said.out.splitlines()[-1])["judged"] == 3


JOINED_SECONDS = 120.0
"""A busy machine needs many times what a quiet one does; none is waited for longer."""


def test_a_worker_waits_for_a_search_judges_its_share_and_leaves_when_it_has_ended(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.yaml").write_text(BUDGET.replace("trials: 3", "trials: 12"), "utf-8")
    storage = arguments[arguments.index("--storage") + 1]
    helps = ["worker", "--storage", storage, "--wait", "60", "--trials", "--json"]
    said = tmp_path / "worker.out"
    with _started(helps, said) as worker:
        _until(lambda: "Wait" in said.with_suffix(".err").read_text("utf-8"))  # there is no search yet
        with _started(arguments, tmp_path / "search.out") as search:
            assert worker.wait(JOINED_SECONDS) == 0
            _until(lambda: len(_lines(tmp_path / "search.out")) >= 12)  # the lead tells what others judged, too
            search.kill()  # it measures its finalist, which is no part of this
    *mine, helped = _lines(said)
    all_of_them = _lines(tmp_path / "search.out")[:12]
    assert (helped["type"], helped["model"], helped["all_judged"]) == ("search_helped", "digits.onnx", 12)
    assert helped["ended"]
    assert 1 <= helped["judged"] == len(mine) < 12
    assert sorted(one["number"] for one in all_of_them) == list(range(12))
    assert len({tuple(one["genes"]) for one in all_of_them}) == 12
    assert all(one in all_of_them for one in mine)

    monkeypatch.setattr(sys, "argv", ["compression-studio", "worker", "--storage", storage, "--wait", "0"])
    with pytest.raises(SystemExit, match="No search goes on in"):
        cli.main()


@pytest.mark.skipif(sys.platform == "win32", reason="no signal is sent to another program there")
def test_ctrl_c_is_told_and_has_a_status_of_its_own(tmp_path: Path) -> None:
    storage = f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}"
    said = tmp_path / "worker.out"
    with _started(["worker", "--storage", storage, "--wait", "600"], said) as worker:
        _until(lambda: "Wait" in said.with_suffix(".err").read_text("utf-8"))
        worker.send_signal(signal.SIGINT)
        assert worker.wait(JOINED_SECONDS) == 130
    assert said.with_suffix(".err").read_text("utf-8").splitlines()[-1] == "stopped"


@contextmanager
def _started(arguments: list[str], said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program whose words go to a file and, with the suffix .err, its progress; it does not outlive the test."""
    with said.open("wb") as out, said.with_suffix(".err").open("wb") as err:
        command = [sys.executable, "-m", "desktop_app", *arguments]
        heed = None if sys.platform == "win32" else _heed_interrupts
        process = subprocess.Popen(command, stdout=out, stderr=err, preexec_fn=heed)
        with process:
            try:
                yield process
            finally:
                process.kill()


def _heed_interrupts() -> None:
    """Of a test that runs in the background of a shell, the programs ignore them otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _lines(said: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + JOINED_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def _ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _left(folder: Path) -> int:
    read_recipe(folder / "recipe.yaml")
    return len(read_model(folder / "model.onnx").layers)
