from pathlib import Path

import pytest

from desktop_app.bench.memory import peak_memory
from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model

SAMPLE = Path(__file__).parents[3] / "resources" / "sample" / "digits.onnx"


def test_a_model_takes_at_least_its_weights() -> None:
    peak = peak_memory(SAMPLE)
    assert peak is not None
    assert SAMPLE.stat().st_size < peak < 200 * 2**20


def test_a_model_in_memory_is_measured_too(small_model: Model) -> None:
    assert (peak_memory(small_model) or 0) > 0


def test_a_model_that_does_not_run_has_none(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"this is no model")
    assert peak_memory(tmp_path / "broken.onnx") is None


def test_it_stops_when_asked() -> None:
    class Stopped(SilentToken):
        cancelled = True

    with pytest.raises(Cancelled):
        peak_memory(SAMPLE, token=Stopped())
