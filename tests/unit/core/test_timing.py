import pytest
from msgspec.structs import replace

from desktop_app.core.layer import Axis, Layer
from desktop_app.core.summary import LayerCurve
from desktop_app.core.timing import BESIDE_INT8, row_ratio

LAYER = Layer("c", "Conv", (), (32, 16, 3, 3), (1, 32, 8, 8), 0, 0, 0, output=Axis(32), input=Axis(16))
CURVE = LayerCurve(
    outputs=((8, 40.0), (16, 60.0), (32, 100.0)),
    inputs=((8, 70.0), (16, 100.0)),
    odd=(2.0, 1.5, 2.2),
    int8_outputs=((8, 30.0), (16, 40.0), (32, 60.0)),
    int8_inputs=((8, 45.0), (16, 60.0)),
    int8_odd=(1.2, 1.3, 1.4),
)


def ratio(
    outputs: int = 32, inputs: int = 16, *, milliseconds: float = 0.1, work: float = 1.0, int8: bool = False
) -> float:
    return row_ratio(LAYER, CURVE, milliseconds, (outputs, inputs), work, int8=int8)


def test_what_stays_whole_takes_as_long() -> None:
    assert ratio() == pytest.approx(1.0)
    assert ratio(work=0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("outputs", "inputs", "expected"),
    [
        (16, 16, 0.6),
        (24, 16, 0.8),
        (32, 8, 0.7),
        (16, 8, 0.42),
        (31, 16, 0.975 * 2.0),
        (32, 15, 0.9625 * 1.5),
        (31, 15, 0.975 * 0.9625 * 2.2),
    ],
)
def test_widths_follow_the_curve_and_pay_for_what_fits_no_block(outputs: int, inputs: int, expected: float) -> None:
    assert ratio(outputs, inputs) == pytest.approx(expected)


def test_8_bits_have_a_curve_of_their_own() -> None:
    assert ratio(int8=True) == pytest.approx(0.6)
    assert ratio(16, 8, int8=True) == pytest.approx(0.6 * (40 / 60) * (45 / 60))
    assert ratio(31, 16, int8=True) == pytest.approx(0.6 * (58.75 / 60) * 1.2)
    assert ratio(31, 15, int8=True) == pytest.approx(0.6 * (58.75 / 60) * (58.125 / 60) * 1.4)


def test_what_is_not_the_kernels_goes_with_the_outputs() -> None:
    assert ratio(milliseconds=0.2, int8=True) == pytest.approx(0.5 * 0.6 + 0.5 * BESIDE_INT8)
    assert ratio(16, milliseconds=0.2) == pytest.approx(0.5 * 0.6 + 0.5 * 0.5)


def test_without_points_nothing_is_known() -> None:
    bare = replace(CURVE, inputs=(), int8_outputs=())
    assert row_ratio(LAYER, bare, 0.1, (32, 8), 1.0, int8=True) == pytest.approx(1.0)


def test_a_factorised_layer_takes_a_narrower_kernel_and_one_of_1_x_1() -> None:
    curve = replace(CURVE, second=((8, 20.0), (16, 30.0)), int8_second=((8, 12.0), (16, 16.0)))

    def factorised(rank: int, outputs: int = 32, *, int8: bool = False) -> float:
        return row_ratio(LAYER, curve, 0.1, (outputs, 16), 0.1, int8=int8, rank=rank)

    assert factorised(16) == pytest.approx(0.6 + 0.3)
    assert factorised(12, 24) == pytest.approx(0.5 * 2.0 + 0.25 * 24 / 32)  # 12 fit no whole blocks
    assert factorised(8, int8=True) == pytest.approx(0.3 + 0.12)
    assert row_ratio(LAYER, CURVE, 0.1, (32, 16), 0.5, int8=False, rank=16) == pytest.approx(0.5)  # not measured
