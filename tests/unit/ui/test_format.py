import pytest

from desktop_app.ui import format as fmt


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (13_950_000, "13.9 MB"), (250e6, "250 MB"), (3.2e9, "3.20 GB")],
)
def test_sizes_have_three_figures(count, text):
    assert fmt.size(count) == text


@pytest.mark.parametrize(("count", "text"), [(864, "864"), (2304, "2.30k"), (2_200_000, "2.20M"), (4.1e9, "4.10G")])
def test_amounts(count, text):
    assert fmt.amount(count) == text


def test_what_is_not_known_is_a_dash():
    assert fmt.milliseconds(None) == fmt.percent(None) == fmt.shape(()) == fmt.UNKNOWN


def test_times_shapes_and_macs():
    assert fmt.milliseconds(9.123) == "9.12 ms"
    assert fmt.milliseconds(0.0831) == "0.083 ms"
    assert fmt.shape((-1, 64, 7)) == "?×64×7"
    assert fmt.macs(569e6) == "569 MMAC"
    assert fmt.macs(12) == "12 MAC"
    assert fmt.duration(125) == "2 min 5 s"
