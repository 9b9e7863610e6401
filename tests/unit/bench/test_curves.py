from pathlib import Path

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.inspection import summarise
from tests.unit.graph.nets import net, normal


def wide() -> Model:
    return net(
        """g (float[N, 32, 24, 24] x) => (float[N, 10] y) {
            a = Conv<pads = [1, 1, 1, 1]>(x, w)
            r = Relu(a)
            b = Conv<pads = [1, 1, 1, 1]>(r, v)
            p = GlobalAveragePool(b)
            f = Flatten(p)
            y = Gemm(f, m)
        }""",
        w=normal(48, 32, 3, 3),
        v=normal(32, 48, 3, 3),
        m=normal(32, 10),
    )


def test_curves_rise_to_the_whole_layer(tmp_path: Path) -> None:
    model = wide()
    curves = width_curves(model.layers, {"a": 0.5, "b": 0.5, "y": 0.01}, KernelTimes(1, folder=tmp_path))
    assert set(curves) == {"a", "b", "y"}
    assert [width for width, _ in curves["a"].outputs] == [16, 24, 32, 48]
    assert curves["a"].outputs[0][1] < curves["a"].outputs[-1][1]
    assert curves["b"].inputs[0][1] < curves["b"].inputs[-1][1]
    assert curves["a"].int8_outputs[-1][0] == 48
    assert min(curves["a"].odd) >= 1.0
    assert [width for width, _ in curves["a"].second] == [width for width, _ in curves["a"].int8_second] == [16, 24, 32]
    assert 0.0 < curves["a"].second[-1][1] < curves["a"].outputs[-1][1]
    assert not curves["y"].second


def test_curves_are_as_slow_as_the_rows_were(tmp_path: Path) -> None:
    model, times = wide(), KernelTimes(1, folder=tmp_path)
    fast = width_curves(model.layers, {"a": 0.5, "b": 0.5, "y": 0.01}, times)
    slow = width_curves(model.layers, {"a": 5.0, "b": 5.0, "y": 0.1}, times)
    assert abs(slow["a"].outputs[-1][1] / fast["a"].outputs[-1][1] - 10.0) < 1e-6


def test_the_prediction_follows_the_curves(tmp_path: Path) -> None:
    model = wide()
    milliseconds = {"a": 0.5, "b": 0.5, "y": 0.01}
    curves = width_curves(model.layers, milliseconds, KernelTimes(1, folder=tmp_path))
    summary = summarise(model, name="wide", path="", sha256="", file_bytes=10**5)
    whole = LayerProfile(1.01, milliseconds, 1, curves)
    halved = predict(summary, Recipe(defaults=LayerSettings(prune=0.5)), whole).latency_ms
    assert halved is not None
    assert predict(summary, Recipe(), whole).latency_ms == 1.01
    assert 0.1 < halved < 0.95
