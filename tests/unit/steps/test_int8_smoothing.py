from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect
from desktop_app.steps.int8.draft import draft
from desktop_app.steps.int8.smoothing import Smoothed, smooth, spots
from desktop_app.steps.truth.fidelity import sqnr_db
from tests.unit.steps.int8_nets import Net, batches_of, quantize, recipe_of

WIDTH = 16
HALF = np.float32(0.5)
KINDS = ("layer_norm", "by hand", "gelu", "half inside", "gemm")


@dataclass(frozen=True)
class Block:
    """Two products behind a normalisation some of whose channels are far larger than the others."""

    kind: str
    outliers: Sequence[int] = (3, 11)
    size: float = 40.0
    seed: int = 0

    def model(self, *, residual: bool = False) -> Model:
        net = Net()
        rng = np.random.default_rng(self.seed)
        spread = 0.5 if self.outliers else 0.0
        scale = rng.uniform(1.0 - spread, 1.0 + spread, WIDTH).astype(np.float32)
        scale[list(self.outliers)] *= self.size
        weights = [net.constant(f"w{number}", self.weight(rng)) for number in range(2)]
        read = self._made(net, scale, net.constant("shift", rng.uniform(-spread, spread, WIDTH).astype(np.float32)))
        results = []
        for number, weight in enumerate(weights):
            if self.kind == "gemm":
                bias = net.weight(f"b{number}", WIDTH)
                results.append(net.op("Gemm", [read, weight, bias], f"m{number}", transB=1, alpha=0.5))
            else:
                results.append(net.op("MatMul", [read, weight], f"m{number}"))
        total = net.op("Tanh", [net.op("Add", results, "sum")], "result")
        total = net.op("Add", [total, read], "with_residual") if residual else total
        return net.model(["n", WIDTH] if self.kind == "gemm" else ["n", 5, WIDTH], total)

    def weight(self, rng: np.random.Generator) -> np.ndarray:
        """Small where the input is large, as training leaves it."""
        rows = rng.standard_normal((WIDTH, WIDTH))
        rows[:, list(self.outliers)] /= self.size if self.kind == "gemm" else 1.0
        if self.kind != "gemm":
            rows[list(self.outliers)] /= self.size
        return (rows / 4.0).astype(np.float32)

    def _made(self, net: Net, scale: np.ndarray, shift: str) -> str:
        if self.kind == "layer_norm":
            return net.op("LayerNormalization", ["x", net.constant("scale", scale), shift], "read")
        if self.kind in ("gelu", "half inside"):
            larger, half = net.op("Mul", ["x", net.constant("scale", scale)], "larger"), net.constant("half", HALF)
            gate = net.op("Sigmoid", [larger], "gate")
            if self.kind == "half inside":
                return net.op("Mul", [net.op("Mul", [larger, half], "halved"), gate], "read")
            return net.op("Mul", [half, net.op("Mul", [larger, gate], "soft")], "read")
        return net.op("Add", [net.op("Mul", [net.constant("scale", scale), "x"], "scaled"), shift], "read")


def data(block: Block, count: int = 4) -> list[Batch]:
    return batches_of((8, WIDTH) if block.kind == "gemm" else (8, 5, WIDTH), count, seed=3)


def smoothed(model: Model, batches: Sequence[Batch]) -> Smoothed:
    drafted = draft(model, model.layers)
    requests = [request for spot in spots(drafted.model, drafted.plan) for request in spot.requests()]
    statistics = collect(drafted.model, requests, batches, SilentToken())
    calibration = DataCalibration(lambda: iter(batches), 32, False, statistics)
    return smooth(drafted.model, drafted.plan, calibration, "auto", pair_safe=True)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 1000), st.sets(st.integers(0, WIDTH - 1), min_size=1, max_size=4))
def test_the_float_model_computes_the_same(kind: str, seed: int, outliers: set[int]) -> None:
    block = Block(kind, tuple(outliers), seed=seed)
    model, batches = block.model(), data(block)
    found = smoothed(model, batches)
    assert found.histograms
    before, after = (open_session(one).run(None, batches[0])[0] for one in (model, found.model))
    np.testing.assert_allclose(after, before, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_outliers_cost_less_in_8_bits_and_it_is_said(kind: str) -> None:
    block = Block(kind)
    model, batches = block.model(), data(block)
    results = [quantize(model, batches, recipe_of(smooth=one, rounding="gptq")) for one in (False, True)]
    plain, better = (sqnr_db(model, one.model, iter(data(block, 6)[4:]), 16, SilentToken()) for one in results)
    assert better > plain + 3.0
    assert not any("Outliers" in note for note in results[0].notes)
    assert any("Outliers of 1 activations" in note for note in results[1].notes)
    counts = [sorted(node.op_type for node in one.model.graph) for one in results]
    assert counts[0] == counts[1]


def test_nothing_is_moved_where_there_are_no_outliers() -> None:
    block = Block("layer_norm", ())
    assert not smoothed(block.model(), data(block)).histograms


def test_nothing_is_moved_where_somebody_else_reads_the_value() -> None:
    drafted = draft(Block("layer_norm").model(residual=True), Block("layer_norm").model(residual=True).layers)
    assert drafted.plan.layers
    assert not spots(drafted.model, drafted.plan)


def test_channels_that_are_always_zero_are_let_be() -> None:
    block = Block("by hand")
    model, batches = block.model(), data(block)
    for batch in batches:
        batch["x"][..., 5] = 0.0
    before, after = (open_session(one).run(None, batches[0])[0] for one in (model, smoothed(model, batches).model))
    np.testing.assert_allclose(after, before, atol=2e-5)
