from collections.abc import Iterator

import numpy as np
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, numpy_helper

from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.progress import Event, Progress, SilentToken
from desktop_app.graph.model import Model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect
from desktop_app.stats.requests import (
    ChannelRange,
    Covariance,
    Histogram,
    Kind,
    Moments,
    Range,
    Statistic,
    StatisticRequest,
)


def doubled(shape: tuple[object, ...] = ("n", 3, 4)) -> Model:
    """x -> twice = 2 x -> y = twice + 1."""
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["x", "two"], ["twice"]),
            helper.make_node("Add", ["twice", "one"], ["y"]),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(shape))],
        [numpy_helper.from_array(np.float32(2), "two"), numpy_helper.from_array(np.float32(1), "one")],
    )
    return Model(ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)))


def batches(count: int = 5, size: int = 4) -> list[Batch]:
    rng = np.random.default_rng(1)
    return [{"x": rng.standard_normal((size, 3, 4)).astype(np.float32)} for _ in range(count)]


def statistic(kind: Kind, data: list[Batch], axis: int = 1, tensor: str = "twice", **options: int) -> Statistic:
    request = StatisticRequest(tensor, kind, axis)
    return collect(doubled(), [request], data, SilentToken(), **options)[request]


def test_every_kind_agrees_with_numpy() -> None:
    data = batches()
    twice = 2 * np.concatenate([batch["x"] for batch in data])
    vectors = np.moveaxis(twice, 1, -1).reshape(-1, 3).astype(np.float64)
    span = statistic("range", data)
    assert isinstance(span, Range)
    assert (span.low, span.high) == (twice.min(), twice.max())
    ends = statistic("channel_range", data)
    assert isinstance(ends, ChannelRange)
    np.testing.assert_array_equal([ends.low, ends.high], [vectors.min(axis=0), vectors.max(axis=0)])
    moments = statistic("moments", data)
    assert isinstance(moments, Moments)
    np.testing.assert_allclose(moments.mean, vectors.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(moments.square, np.square(vectors).mean(axis=0), rtol=1e-6)
    mean = statistic("channel_mean", data)
    assert isinstance(mean, Moments)
    np.testing.assert_allclose(mean.mean, vectors.mean(axis=0), atol=1e-6)
    covariance = statistic("covariance", data)
    assert isinstance(covariance, Covariance)
    np.testing.assert_allclose(covariance.matrix, vectors.T @ vectors / len(vectors), rtol=1e-5)
    assert covariance.count == len(vectors)
    np.testing.assert_array_equal(statistic("sample", data), twice)


def test_channels_may_lie_on_the_last_axis() -> None:
    moments = statistic("moments", batches(), axis=-1)
    assert isinstance(moments, Moments)
    assert moments.mean.shape == (4,)


@pytest.mark.parametrize("cap", [1, 100, 200, 10_000])
def test_the_cap_changes_nothing_but_memory(cap: int) -> None:
    requests = [StatisticRequest(name, kind) for name in ("x", "twice", "y") for kind in ("range", "channel_mean")]
    free = collect(doubled(), requests, batches(), SilentToken())
    capped = collect(doubled(), requests, batches(), SilentToken(), memory_cap=cap)
    for request in requests:
        one, other = free[request], capped[request]
        if isinstance(one, Moments) and isinstance(other, Moments):
            np.testing.assert_allclose(one.mean, other.mean, atol=1e-7)
        else:
            assert one == other


def test_a_fixed_batch_is_never_cut() -> None:
    request = StatisticRequest("twice", "range")
    found = collect(doubled((4, 3, 4)), [request], batches(), SilentToken(), memory_cap=1)
    assert found[request] == statistic("range", batches())


def test_inputs_and_outputs_can_be_asked_for() -> None:
    data = batches()
    span = statistic("range", data, tensor="x")
    assert isinstance(span, Range)
    assert span.high == max(batch["x"].max() for batch in data)
    assert isinstance(statistic("histogram", data, tensor="y"), Histogram)


def test_unknown_values_are_refused() -> None:
    with pytest.raises(StudioError, match="nowhere"):
        statistic("range", batches(), tensor="nowhere")


def test_cancelling_stops_between_batches() -> None:
    class StopsLater(SilentToken):
        heard = 0

        def report(self, event: Event) -> None:
            assert isinstance(event, Progress)
            self.heard += 1
            self.cancelled = self.heard == 2

    token = StopsLater()
    with pytest.raises(Cancelled):
        collect(doubled(), [StatisticRequest("y", "range")], batches(), token)
    assert token.heard == 2


def test_batches_are_asked_for_once_and_one_at_a_time() -> None:
    alive: list[int] = []

    def stream() -> Iterator[Batch]:
        for index, batch in enumerate(batches()):
            alive.append(index)
            yield batch

    collect(doubled(), [StatisticRequest("y", "range")], stream(), SilentToken())
    assert alive == [0, 1, 2, 3, 4]


def test_calibration_gives_the_samples_again_and_only_what_was_asked_for() -> None:
    data = batches()
    request = StatisticRequest("y", "range")
    calibration = DataCalibration(lambda: iter(data), 20, False, collect(doubled(), [request], data, SilentToken()))
    assert len(list(calibration.batches())) == len(list(calibration.batches())) == 5
    assert isinstance(calibration.statistic(request), Range)
    with pytest.raises(KeyError):
        calibration.statistic(StatisticRequest("x", "range"))


def test_vectors_are_some_of_those_seen_so_many_of_each_sample() -> None:
    request = StatisticRequest("twice", "vectors", -1, places=2)
    found = collect(doubled(), [request], batches(5, 4), SilentToken())[request]
    seen = {tuple(vector) for batch in batches(5, 4) for vector in (2 * batch["x"]).reshape(-1, 4)}
    assert isinstance(found, np.ndarray)
    assert found.shape == (40, 4)
    assert {tuple(vector) for vector in found} <= seen
    assert len({tuple(vector) for vector in found}) == 40


def test_there_are_never_too_many_vectors() -> None:
    request = StatisticRequest("twice", "vectors", -1, places=100)
    found = collect(doubled(), [request], batches(40, 10), SilentToken())[request]
    assert isinstance(found, np.ndarray)
    assert len(found) == 1024
