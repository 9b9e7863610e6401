"""The error of each layer's output, against what onnx and ONNX Runtime alone say of the two files."""

from math import log10
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from desktop_app.core.data import DataSettings
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import LowRankMethod, Methods, PruneMethod, QuantizeMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.counterparts import pairs
from desktop_app.graph.model import Model
from desktop_app.io.writer import write_model
from desktop_app.pipeline import Pipeline
from desktop_app.run import Finished, Run
from desktop_app.steps.truth import layer_errors as measuring
from desktop_app.steps.truth.layer_errors import layer_errors
from tests.unit.graph.nets import net, normal


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "images.npz"
    np.savez(path, x=normal(32, 3, 8, 8, seed=7))
    return path


def chain() -> Model:
    """Two convolutions with a Relu each, the first normalised; then a classifier."""
    return net(
        """g (float[N, 3, 8, 8] x) => (float[N, 10] y) {
            c = Conv<pads = [1, 1, 1, 1]>(x, w, b)
            n = BatchNormalization(c, scale, shift, mean, variance)
            r = Relu(n)
            d = Conv<pads = [1, 1, 1, 1]>(r, v)
            s = Relu(d)
            p = GlobalAveragePool(s)
            f = Flatten(p)
            y = Gemm<transB = 1>(f, fw, fb)
        }""",
        w=normal(32, 3, 3, 3),
        b=normal(32),
        scale=1 + np.abs(normal(32, seed=1)),
        shift=normal(32, seed=2),
        mean=normal(32, seed=3),
        variance=np.abs(normal(32, seed=4)) + 0.5,
        v=normal(32, 32, 3, 3, seed=5) / 10,
        fw=normal(10, 32, seed=6),
        fb=normal(10),
    )


def carried_out(model: Model, images: Path, settings: LayerSettings, methods: Methods | None = None) -> Finished:
    data = DataSettings(path=str(images), calibration=16)
    recipe = Recipe(data=data, defaults=settings, methods=methods or Methods())
    return Run(model, "key", 1000, Measuring(1, 0.05), Pipeline()).carry_out(recipe, SilentToken())


def values_of(path: Path, names: list[str], batch: np.ndarray) -> dict[str, np.ndarray]:
    """Named values of the model in a file, by onnx and ONNX Runtime alone."""
    proto = onnx.load(path)
    present = {value.name for value in proto.graph.output}
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in present)
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, {"x": batch}), strict=True))


def decibel(before: np.ndarray, after: np.ndarray) -> float:
    before, after = before.astype(np.float64), after.astype(np.float64)
    return 10 * log10(np.square(before).sum() / np.square(before - after).sum())


def evaluated(finished: Finished) -> np.ndarray:
    indices = finished.data.evaluation_indices[: measuring.SAMPLES]
    return np.concatenate([batch.inputs["x"] for batch in finished.data.batches(indices, 8)])


def both(
    model: Model, finished: Finished, folder: Path, behind: dict[str, str], other: dict[str, str]
) -> dict[str, float]:
    """The error of each layer by the two files, given the names of values in each."""
    write_model(model, folder / "before.onnx")
    write_model(finished.model, folder / "after.onnx")
    batch = evaluated(finished)
    before = values_of(folder / "before.onnx", [*behind.values()], batch)
    after = values_of(folder / "after.onnx", [*other.values()], batch)
    return {layer: decibel(before[behind[layer]], after[other[layer]]) for layer in behind}


def found_of(finished: Finished) -> dict[str, float | None]:
    errors = finished.report.layer_errors
    assert errors is not None
    assert errors.samples == len(evaluated(finished))
    return {layer: one.sqnr_db for layer, one in errors.layers.items()}


PLACES = {"c": "r", "d": "s", "y": "y"}
"""Layer to the value behind its activation; the convolution's is behind the normalisation, which is folded into it."""


def test_factorised_layers_are_compared_where_the_last_factor_ends(images: Path, tmp_path: Path) -> None:
    model = chain()
    methods = Methods(low_rank=LowRankMethod())
    finished = carried_out(model, images, LayerSettings(rank=0.4), methods)
    assert [one.step for one in finished.report.layers if one.changed and one.step == "low_rank"]
    expected = both(model, finished, tmp_path, PLACES, PLACES)
    assert found_of(finished) == pytest.approx(expected, abs=0.01)
    assert 0 < expected["d"] < 60


def test_rounded_layers_are_compared_as_what_follows_reads_them(images: Path, tmp_path: Path) -> None:
    model = chain()
    methods = Methods(quantize=QuantizeMethod(keep_faster=False))
    finished = carried_out(model, images, LayerSettings(bits=8), methods)
    dequantised = {}
    nodes = list(finished.model.graph)
    for layer, node in ((one.name, finished.model.node(one.name)) for one in finished.model.layers):
        value = node.outputs[0]
        while (reader := next((one for one in nodes if value in one.inputs), None)) is not None:
            value = reader.outputs[0]
            if reader.op_type == "DequantizeLinear":
                break
        dequantised[layer] = value.name or ""
    expected = both(model, finished, tmp_path, PLACES, dequantised)
    assert found_of(finished) == pytest.approx(expected, abs=0.05)
    assert all(10 < one < 60 for one in expected.values())


def test_of_pruned_layers_the_channels_that_stayed_are_compared(images: Path, tmp_path: Path) -> None:
    model = chain()
    methods = Methods(prune=PruneMethod(reconstruct=True))
    finished = carried_out(model, images, LayerSettings(prune=0.5), methods)
    write_model(model, tmp_path / "before.onnx")
    write_model(finished.model, tmp_path / "after.onnx")
    batch = evaluated(finished)
    before, after = (values_of(tmp_path / f"{side}.onnx", ["r", "s", "y"], batch) for side in ("before", "after"))
    # which channels of the first layer stayed is told by their values: nothing before it was cut
    places = [int(np.square(before["r"] - after["r"][:, [one]]).sum((0, 2, 3)).argmin()) for one in range(16)]
    assert sorted(set(places)) == places
    found = found_of(finished)
    assert min(found["c"] or 0, decibel(before["r"][:, places], after["r"])) > 120  # equal, but for rounding
    assert found["y"] == pytest.approx(decibel(before["y"], after["y"]), abs=0.01)
    assert after["s"].shape[1] == 16
    assert found["d"] == pytest.approx(decibel(before["s"][:, _nearest(before["s"], after["s"])], after["s"]), abs=0.01)


def _nearest(before: np.ndarray, after: np.ndarray) -> list[int]:
    """For every channel the one of the original that it correlates with most."""
    one = before.transpose(1, 0, 2, 3).reshape(before.shape[1], -1)
    two = after.transpose(1, 0, 2, 3).reshape(after.shape[1], -1)
    return [int(np.square(one - row).sum(1).argmin()) for row in two]


def test_what_has_no_counterpart_says_why() -> None:
    model = chain()
    renamed = model.clone()
    renamed.node("d").outputs[0].name = "e"
    renamed.node("s").outputs[0].name = "t"
    reasons = {pair.layer: pair.reason for pair in pairs(model, renamed)}
    assert "takes the place" in reasons.pop("d")
    assert not any(reasons.values())


def test_another_shape_of_which_the_positions_are_not_known_says_so(images: Path) -> None:
    model = chain()
    finished = carried_out(model, images, LayerSettings(prune=0.5))
    found = layer_errors(model, finished.model, {}, finished.data, SilentToken())
    assert found.layers["d"].sqnr_db is None
    assert "shape" in found.layers["d"].reason
    assert found.layers["y"].sqnr_db is not None


def test_a_model_that_is_too_large_to_open_is_left(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST_BYTES", 1000)
    errors = carried_out(chain(), images, LayerSettings(prune=0.5)).report.layer_errors
    assert errors is not None
    assert "too large" in errors.reason
    assert errors.layers == {}


def test_samples_in_pieces_give_the_same(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = chain()
    finished = carried_out(model, images, LayerSettings(rank=0.4), Methods(low_rank=LowRankMethod()))
    monkeypatch.setattr(measuring, "AT_ONCE_BYTES", 1)
    again = layer_errors(model, finished.model, {}, finished.data, SilentToken())
    assert again.layers["d"].sqnr_db == pytest.approx(found_of(finished)["d"], abs=1e-3)
