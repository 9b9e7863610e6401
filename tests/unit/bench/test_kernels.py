from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop_app.bench import kernels as module
from desktop_app.bench.kernel import Kernel, kernels_of
from desktop_app.bench.kernel_cache import KernelCache, KernelTime
from desktop_app.bench.kernels import IDLE, REFERENCE, KernelTimes, measure, sum_of
from desktop_app.core.errors import Cancelled
from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model

WIDE = Kernel("Conv", (1, 64, 32, 32), 64, (3, 3), (1, 1), (2, 2), (1, 1), 1, "Relu")
NARROW = WIDE.resized(16, 16)
ODD = WIDE.resized(63, 61)
DENSE = Kernel("Gemm", (1, 256), 64)
INT8 = Kernel("Conv", (1, 64, 32, 32), 64, (3, 3), (1, 1), (2, 2), (1, 1), 1, "", 8)
ADD = Kernel("Add", (1, 64, 32, 32), second_shape=(1, 64, 32, 32))


@pytest.fixture
def times(tmp_path: Path) -> KernelTimes:
    return KernelTimes(1, folder=tmp_path)


def test_more_work_takes_longer(times: KernelTimes) -> None:
    found = times.of([WIDE, NARROW, DENSE])
    assert found[WIDE].run > 3 * found[NARROW].run > 0
    assert found[DENSE].run < found[WIDE].run


def test_conversions_of_layout_are_told_apart(times: KernelTimes) -> None:
    found = times.of([WIDE, INT8, ODD, DENSE, ADD])
    assert found[INT8].enter > 0
    assert found[INT8].leave > 0
    assert found[ADD].enter == found[DENSE].enter == found[DENSE].leave == 0
    assert (found[WIDE].enter > 0) == (found[WIDE].leave > 0)


@pytest.mark.parametrize(
    "kernel",
    [
        Kernel("ConvTranspose", (1, 4, 5, 5), 6, (2, 2), (2, 2), (0, 0), (1, 1)),
        Kernel("Conv", (1, 3, 20), 4, (5,), (2,), (4,), (1,)),
        Kernel("MatMul", (1, 7, 16), 8, bits=8),
        Kernel("Gemm", (1, 16), 8, bits=8),
        Kernel("HardSwish", (1, 8, 6, 6), bits=8),
        Kernel("QuantizeLinear", (1, 8, 6, 6)),
        Kernel("DequantizeLinear", (1, 8, 6, 6)),
        Kernel("Mul", (1, 8, 6, 6), second_shape=(1, 8, 1, 1), bits=8),
    ],
)
def test_every_kind_of_kernel_can_be_timed(times: KernelTimes, kernel: Kernel) -> None:
    assert times.of([kernel])[kernel].run > 0


def test_what_is_known_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = KernelTimes(1, folder=tmp_path).of([DENSE])
    monkeypatch.setattr(module, "measure", _refuse)
    assert KernelTimes(1, folder=tmp_path).of([DENSE]) == first


def _refuse(*_: object) -> Sequence[KernelTime]:
    raise AssertionError("measured again")


def test_sessions_are_made_comparable_by_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = KernelTimes(1, folder=tmp_path)
    monkeypatch.setattr(module, "measure", lambda *_: [KernelTime(10.0), KernelTime(30.0)])
    times.of([DENSE])
    monkeypatch.setattr(module, "measure", lambda *_: [KernelTime(20.0), KernelTime(60.0, 4.0)])
    assert times.of([WIDE])[WIDE] == KernelTime(30.0, 2.0)
    assert KernelTimes(1, folder=tmp_path).of([REFERENCE])[REFERENCE].run == 10.0


def test_layers_with_other_widths_and_bits(times: KernelTimes, small_model: Model) -> None:
    layer = small_model.layer("gemm")
    full, narrow = times.layer(layer), times.layer(layer, outputs=2, inputs=4)
    assert full is not None
    assert narrow is not None
    assert times.layer(layer, bits=8) is not None
    assert times.of([Kernel("Gemm", (1, 4), 2)])[Kernel("Gemm", (1, 4), 2)].run == narrow


def test_layouts_are_converted_only_where_neighbours_differ() -> None:
    blocked, plain = KernelTime(10.0, 1.0, 2.0), KernelTime(5.0)
    known = {WIDE: blocked, DENSE: plain, ADD: plain}
    assert sum_of([WIDE, WIDE], known) == 20.0
    assert sum_of([WIDE, ADD, WIDE], known) == 25.0
    assert sum_of([WIDE, WIDE], known, ends=True) == 23.0
    assert sum_of([WIDE, DENSE, WIDE], known) == 10.0 + 2.0 + 5.0 + 1.0 + 10.0
    assert sum_of([DENSE, DENSE], known, ends=True) == 10.0


def test_times_sum_to_about_the_model(times: KernelTimes, small_model: Model) -> None:
    kernels = list(kernels_of(small_model).values())
    assert times.chain(kernels) <= sum_of(kernels, times.of(kernels), ends=True)


def test_what_only_prepares_is_not_counted() -> None:
    assert measure([IDLE], 1, SilentToken())[0].run < 5.0


def test_measuring_stops_when_asked(tmp_path: Path) -> None:
    class Stopped(SilentToken):
        cancelled = True

    with pytest.raises(Cancelled):
        KernelTimes(1, Stopped(), tmp_path).of([WIDE])


def test_what_there_is_no_time_for_is_measured_when_it_is_asked_for(tmp_path: Path) -> None:
    times = KernelTimes(1, folder=tmp_path)
    times.prepare([DENSE], until=0.0)
    assert KernelCache(1, tmp_path).read() == {}
    assert times.of([DENSE])[DENSE].run > 0.0


def test_a_damaged_file_loses_only_the_damaged_lines(tmp_path: Path) -> None:
    cache = KernelCache(1, tmp_path)
    cache.add({DENSE: KernelTime(1.0), WIDE: KernelTime(2.0)})
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"\xff\x00 nonsense\n" + path.read_bytes() + b'{"kernel": {"op_type"')
    cache.add({ADD: KernelTime(3.0)})
    assert KernelCache(1, tmp_path).read() == {DENSE: KernelTime(1.0), WIDE: KernelTime(2.0), ADD: KernelTime(3.0)}


def test_two_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, other = KernelCache(1, tmp_path), KernelCache(1, tmp_path)
    one.add({DENSE: KernelTime(1.0)})
    other.add({WIDE: KernelTime(2.0)})
    one.add({DENSE: KernelTime(4.0)})
    assert KernelCache(1, tmp_path).read() == {DENSE: KernelTime(4.0), WIDE: KernelTime(2.0)}
    assert KernelCache(2, tmp_path).read() == {}


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert KernelTimes(1, folder=file).of([DENSE])[DENSE].run > 0
