from itertools import pairwise
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from desktop_app import inspection
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import ModelSummary, TensorSpec
from desktop_app.inspection import summarise, with_refusals
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean
from desktop_app.steps.prune_channels import PruneChannels
from tests.unit.graph.nets import conv_norm, net, normal


def summary_of(model, **options):
    return summarise(model, name="m.onnx", path="/home/m.onnx", sha256="0", file_bytes=10_000, **options)


def test_a_summary_adds_up():
    model = conv_norm()
    summary = summary_of(model)
    assert summary.cost.params == sum(layer.params for layer in summary.layers)
    assert summary.cost.macs == sum(layer.macs for layer in summary.layers)
    assert summary.cost.bytes == summary.bytes == 10_000
    assert summary.overhead_bytes == 10_000 - sum(layer.bytes for layer in summary.layers)
    assert (summary.nodes, summary.opset) == (6, 17)
    assert summary.inputs == (TensorSpec("x", "float32", ("N", 3, 8, 8)),)
    assert summary.outputs[0].shape == ("N", 10)
    assert summary.groups == model.channels.groups
    assert summary.warnings == ()


def test_a_summary_goes_through_json():
    summary = summary_of(conv_norm())
    assert msgspec.json.decode(msgspec.json.encode(summary), type=ModelSummary) == summary


def test_assumed_sizes_are_told():
    model = net("g (float[N, 3, H, W] x) => (y) { y = Conv(x, w) }", w=normal(4, 3, 3, 3))
    assert summary_of(model).warnings == ("Input x leaves its size open: shapes and costs hold for 1 x 3 x 224 x 224.",)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_told_with_the_layer(bad):
    weight = normal(4, 4)
    weight[1, 2] = bad
    model = net("g (float[N, 4] x) => (y) { a = MatMul(x, v) y = MatMul(a, w) }", w=weight, v=normal(4, 4))
    (warning,) = summary_of(model).warnings
    assert warning.startswith("Weights of y are not finite")


def test_a_sum_that_overflows_is_no_sign_of_weights_that_are_not_finite():
    model = net("g (float[N, 4] x) => (y) { y = MatMul(x, w) }", w=np.full((4, 4), 3e38, np.float32))
    assert summary_of(model).warnings == ()


def test_more_weights_than_may_be_read_are_told(monkeypatch):
    monkeypatch.setattr(inspection, "MAX_SCANNED_BYTES", 10)
    assert "were not searched for NaN" in summary_of(conv_norm()).warnings[-1]


def test_a_model_that_cannot_be_run_is_inspected():
    text = "g (float[N, 4] x) => (y) { a = some.where.Magic(x) y = MatMul(a, w) }"
    summary = summary_of(net(text, domains=("some.where",), w=normal(4, 4)))
    assert "some.where.Magic" in summary.runnable
    assert [layer.name for layer in summary.layers] == ["y"]
    assert "output shape of y is not known" in summary.warnings[0]


def test_a_model_without_weights_says_so():
    assert "nothing to compress" in summary_of(net("g (float[2] x) => (y) { y = Relu(x) }")).warnings[0]


def test_a_knob_is_refused_where_all_its_steps_refuse(monkeypatch):
    def step(knob, **refusals):
        return lambda: SimpleNamespace(knob=knob, refusals=lambda _: refusals)

    steps = (
        step(None, c="not a knob"),
        step("bits", c="first", y="only the first"),
        step("bits", c="second"),
        step("rank", y="too small"),
    )
    monkeypatch.setattr("desktop_app.pipeline.STEPS", steps)
    assert {layer.name: layer.refusals for layer in with_refusals(conv_norm())} == {
        "c": {"bits": "first"},
        "y": {"rank": "too small"},
    }


@pytest.mark.corpus
def test_the_whole_corpus_has_a_summary(shared_data):
    runnable = []
    for path in sorted(shared_data.glob("corpus/[!i]*/*.onnx")):
        summary = summary_of(read_model(path))
        assert all(sentence.endswith(".") for sentence in (*summary.warnings, summary.runnable) if sentence), path
        assert all(reason for layer in summary.layers for reason in layer.refusals.values()), path
        runnable.append(not summary.runnable)
    assert 0 < runnable.count(False) < 10


@pytest.mark.parametrize("prune", [0.0, 0.25, 0.3])
def test_the_prediction_is_what_a_run_gives_when_normalisation_is_not_folded_yet(prune):
    model = read_model(resource("sample/digits.onnx"))
    recipe = Recipe(defaults=LayerSettings(prune=prune), methods=Methods(prune=PruneMethod(reconstruct=False)))
    predicted = predict(summary_of(model), recipe)
    result = model
    for step in (Clean(), PruneChannels()):
        if step.wanted(result, recipe):
            result = step.apply(result, recipe, inspection.NO_DATA, SilentToken()).model
    assert {layer.name: (layer.params, layer.macs) for layer in result.layers} == {
        name: (cost.params, cost.macs) for name, cost in predicted.layers.items()
    }


def test_layers_whose_weights_are_computed_stand_in_the_table_and_in_the_prediction():
    """Weight normalisation that the exporter did not carry out: w = g v / |v|."""
    model = net(
        """g (float[N, 3, 6, 6] x) => (float[N, 4, 6, 6] y) {
            size = ReduceL2<axes = [1, 2, 3], keepdims = 1>(v)
            unit = Div(v, size)
            w = Mul(g, unit)
            c = Conv<pads = [1, 1, 1, 1]>(x, w)
            r = Relu(c)
            y = Conv(r, last)
        }""",
        v=normal(16, 3, 3, 3),
        g=normal(16, 1, 1, 1),
        last=normal(4, 16, 1, 1),
    )
    recipe = Recipe(defaults=LayerSettings(prune=0.5), methods=Methods(prune=PruneMethod(reconstruct=False)))
    summary = summarise(model, name="m", path="", sha256="", file_bytes=10_000)
    assert [layer.name for layer in summary.layers] == ["c", "y"]
    cleaned = Clean().apply(model, recipe, inspection.NO_DATA, SilentToken()).model
    pruned = PruneChannels().apply(cleaned, recipe, inspection.NO_DATA, SilentToken()).model
    cost = predict(summary, recipe).cost
    assert cost.params == sum(layer.params for layer in pruned.layers)
    assert cost.macs == sum(layer.macs for layer in pruned.layers)


def test_a_chain_that_doubles_a_value_at_every_node_is_no_burden():
    names = ["c", *(f"a{i}" for i in range(40)), "y"]
    lines = [f"{after} = Concat<axis=0>({before}, {before})" for before, after in pairwise(names)]
    assert summary_of(net(f"g (float[1] x) => (y) {{ {' '.join(lines)} }}", c=np.ones(2, np.float32))).layers == ()
