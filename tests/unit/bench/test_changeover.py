from pathlib import Path

from desktop_app.bench.changeover import changeovers
from desktop_app.bench.kernels import KernelTimes
from tests.unit.bench.test_curves import wide


def test_going_over_takes_longer_for_more_values_and_from_a_kernel_with_a_layout_of_its_own(tmp_path: Path) -> None:
    layers, times = wide().layers, KernelTimes(1, folder=tmp_path)
    first, _, last = changeovers(layers, times)
    ((rise, fall),) = changeovers(layers[-1:], times)
    assert first[0] > rise > 0
    assert first[1] > fall > 0
    assert last[0] > rise
    assert last[1] > fall
