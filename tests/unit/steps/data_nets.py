"""Layers with inputs that go together, as real ones do, and a step carried out on such data."""

from collections.abc import Sequence

import numpy as np
from onnx import helper

from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import Step, StepResult
from tests.unit.steps.layer_nets import model_of


def images(seed: int, samples: int = 24, channels: int = 8, size: int = 8) -> np.ndarray:
    """Images whose channels and neighbouring pixels are alike, with a mean that is not 0."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(channels, 3))
    coarse = rng.normal(size=(samples, 3, size // 2, size // 2)).repeat(2, axis=2).repeat(2, axis=3)
    mixed = np.einsum("ck,nkhw->nchw", mixing, coarse) + 0.2 * rng.normal(size=(samples, channels, size, size)) + 1.0
    return mixed.astype(np.float32)


def vectors(seed: int, samples: int = 200, features: int = 64) -> np.ndarray:
    """Rows whose features go together."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(98).normal(size=(8, features))
    return (rng.normal(size=(samples, 8)) @ mixing + 0.3 * rng.normal(size=(samples, features)) + 0.5).astype(
        np.float32
    )


def weight(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def layers() -> dict[str, tuple[Model, np.ndarray, np.ndarray]]:
    """Name to a model, samples to calibrate on and others to judge by."""
    conv = helper.make_node("Conv", ["x", "w", "b"], ["y"], name="layer", pads=[1] * 4, strides=[2, 2])
    grouped = helper.make_node("Conv", ["x", "w", "b"], ["y"], name="layer", group=8, auto_pad="SAME_UPPER")
    gemm = helper.make_node("Gemm", ["x", "w", "b"], ["y"], name="layer", transB=1)
    matmul = [helper.make_node("MatMul", ["x", "w"], ["h"], name="layer"), helper.make_node("Add", ["h", "b"], ["y"])]
    picture = ("n", 8, 8, 8)
    return {
        "Conv": (model_of([conv], picture, {"w": weight(16, 8, 3, 3), "b": weight(16)}), images(0), images(1)),
        "depthwise": (model_of([grouped], picture, {"w": weight(16, 1, 3, 3), "b": weight(16)}), images(0), images(1)),
        "Gemm": (model_of([gemm], ("n", 64), {"w": weight(48, 64), "b": weight(48)}), vectors(0), vectors(1)),
        "MatMul": (model_of(matmul, ("n", 64), {"w": weight(64, 48), "b": weight(48)}), vectors(0), vectors(1)),
    }


def apply_on(
    step: Step, model: Model, recipe: Recipe, samples: Sequence[np.ndarray] | np.ndarray, *, synthetic: bool = False
) -> StepResult:
    """The step's result with samples of the input "x"."""
    pieces = np.array_split(np.asarray(samples), 3)
    calibration = DataCalibration(lambda: iter([{"x": one} for one in pieces]), len(samples), synthetic, {})
    return step.apply(model, recipe, calibration, SilentToken())
