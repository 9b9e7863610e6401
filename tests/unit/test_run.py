"""One run: the report says what independent measurements say, and what could not be measured is told."""

import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.data import DataSettings
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.progress import Event, Measurement, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import Pipeline
from desktop_app.run import Finished, Run
from tests.unit.graph.nets import net


class Listener(SilentToken):
    """Keeps the measurements."""

    def __init__(self) -> None:
        self.heard: list[Measurement] = []

    def report(self, event: Event) -> None:
        if isinstance(event, Measurement):
            self.heard.append(event)

    def of(self, metric: str) -> dict[str, float]:
        return {one.stage: one.value for one in self.heard if one.metric == metric}


def carry_out(model: Model, recipe: Recipe, token: Listener, file_bytes: int = 1000) -> Finished:
    return Run(model, "hash", file_bytes, Measuring(1, 0.05), Pipeline()).carry_out(recipe, token)


@pytest.fixture(scope="module")
def digits() -> Model:
    return read_model(resource("sample/digits.onnx"))


def test_the_report_is_what_was_told_and_what_others_measure(digits: Model) -> None:
    data = DataSettings(path=str(resource("sample/digits")), calibration=600)
    token = Listener()
    methods = Methods(quantize=QuantizeMethod(keep_faster=False))  # what is faster may differ from run to run
    recipe = Recipe(data=data, defaults=LayerSettings(bits=8), methods=methods)
    finished = carry_out(digits, recipe, token, file_bytes=1_352_453)
    report = finished.report
    assert [step.step for step in report.steps] == ["clean", "quantize_static"]
    assert report.compressed.bytes == len(finished.model.to_bytes()) == token.of("bytes")["quantize_static"]
    assert report.original.bytes == token.of("bytes")["original"] == 1_352_453
    assert set(token.of("latency_ms")) == {"original", "clean", "quantize_static", "final"}
    found = evaluate(
        finished.model, finished.data, finished.data.evaluation_indices, reference=digits, token=SilentToken()
    )
    assert report.compressed.accuracy == found.accuracy
    assert report.compressed.fidelity == found.fidelity
    assert len(finished.data.evaluation_indices) == 100
    assert finished.recipe.data.preprocess is not None
    assert finished.recipe.methods.quantize.scheme != "auto"


def test_what_did_not_change_is_not_measured_again(digits: Model) -> None:
    cleaned = carry_out(digits, Recipe(), Listener()).model
    token = Listener()
    report = carry_out(cleaned, Recipe(), token).report
    assert [(step.changed, step.latency_ratio) for step in report.steps] == [(0, None)]
    assert "clean" not in token.of("latency_ms")


def test_a_model_that_cannot_be_run_is_compressed_all_the_same_and_the_report_says_so() -> None:
    text = "g (float[1, 64] x) => (float[1, 64] y) { h = MatMul(x, w) y = strange.Unknown(h) }"
    model = net(text, domains=("strange",), w=np.eye(64, dtype=np.float32))
    report = carry_out(model, replace(Recipe(), defaults=LayerSettings(bits=16)), Listener()).report
    assert report.speedup is None
    assert report.compressed.fidelity is None
    assert report.compressed.bytes < 64 * 64 * 3
    assert "strange" in report.warnings[-1]
