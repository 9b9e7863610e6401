"""A design as it is typed: what it leaves, and its exit status where no net keeps the limit."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from desktop_app import cli
from desktop_app.core.resources import resource


def test_a_limit_that_none_keeps_is_status_3_and_the_smallest_net_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    words = ["design", resource("sample/digits.onnx"), "--data", resource("sample/digits"), "--out", tmp_path / "out"]
    asked = ["--steps", "0", "--threads", "1", "--seconds", "0.5", "--json"]
    monkeypatch.setattr(sys, "argv", ["compression-studio", *map(str, words), *asked, "--latency", "1e-6"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    found = json.loads(capsys.readouterr().out)
    assert found["missed"] == {"latency_ms": found["latency_ms"]["median"]}
    assert {stage["blocks"] for stage in found["architecture"]["stages"]} == {1}
    session = ort.InferenceSession(tmp_path / "out" / "model.onnx", providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    rows = session.run(None, {given.name: np.zeros([1, *given.shape[1:]], np.float32)})[0]
    assert rows.shape == (1, 10)
    assert json.loads((tmp_path / "out" / "design.json").read_text("utf-8")) == found
