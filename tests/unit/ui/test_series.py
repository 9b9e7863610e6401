import pytest

from desktop_app.core.progress import Measurement
from desktop_app.ui.plots.bar_drawing import tick_step
from desktop_app.ui.plots.series import Point, latency_series, latest, size_series, verdict
from desktop_app.ui.views.figures import figures

MEASURED = (
    Measurement("bytes", 14e6, "original"),
    Measurement("latency_ms", 9.0, "original", 8.8, 9.2),
    Measurement("bytes", 13e6, "clean"),
    Measurement("latency_ms", 20.0, "clean", 19.0, 21.0),
    Measurement("latency_ratio", 1.0, "clean", 0.9, 1.125),
    Measurement("bytes", 3.5e6, "quantize_static"),
    Measurement("latency_ratio", 1.8, "quantize_static", 1.5, 2.0),
)


def test_sizes_stand_in_the_order_of_the_steps():
    assert [(one.stage, one.value) for one in size_series(MEASURED).points] == [
        ("original", 14.0),
        ("clean", 13.0),
        ("quantize_static", 3.5),
    ]


def test_latency_is_told_from_the_paired_ratio_and_has_its_interval():
    original, clean, quantised = latency_series(MEASURED).points
    assert original == Point("original", 9.0, 8.8, 9.2)
    assert clean == Point("clean", 9.0, 8.0, 10.0)
    assert quantised == Point("quantize_static", 5.0, 4.5, 6.0)


def test_a_latency_without_a_ratio_is_shown_as_it_is():
    alone = (Measurement("latency_ms", 3.0, "final"),)
    assert latency_series(alone).points == (Point("final", 3.0),)


def test_a_stage_measured_again_has_its_newest_figure_and_its_place():
    again = (*MEASURED, Measurement("bytes", 14.5e6, "original"))
    assert [one.value for one in size_series(again).points] == [14.5, 13.0, 3.5]


def test_the_table_says_what_the_picture_says():
    assert latency_series(MEASURED).rows() == [
        ("Original", "9.00 [8.80, 9.20]", "100 %"),
        ("Clean", "9.00 [8.00, 10.0]", "100 %"),
        ("Quantise (static)", "5.00 [4.50, 6.00]", "56 %"),
    ]


def test_the_verdict_claims_only_what_the_interval_allows():
    assert verdict(()) == ""
    assert verdict(MEASURED[:5]) == "no measurable difference"
    assert verdict(MEASURED) == "1.80× faster [1.50, 2.00]"
    assert verdict((Measurement("latency_ratio", 0.5, "final", 0.4, 0.8),)) == "2.00× slower [1.25, 2.50]"


def test_figures_prefer_accuracy_and_fall_back_to_fidelity():
    noise = Measurement("sqnr_db", 31.25, "final")
    assert figures((*MEASURED, noise))[2][:2] == ("Fidelity, SQNR", "31.2 dB")
    accuracy = (Measurement("accuracy", 0.833, "original"), Measurement("accuracy", 0.829, "final"))
    assert figures((noise, *accuracy))[2][:2] == ("Accuracy, %", "83.3 → 82.9")
    assert figures((MEASURED[0], Measurement("bytes", 13.9e6, "clean")))[0][2] == ""
    assert figures(MEASURED)[0] == ("Size, MB", "14.0 → 3.50", "4.0× smaller")


def test_the_newest_figure_is_not_the_originals():
    assert latest(MEASURED, "bytes").value == 3.5e6
    assert latest(MEASURED, "bytes", "original").value == 14e6
    assert latest(MEASURED, "accuracy") is None


@pytest.mark.parametrize(("top", "step"), [(10.3, 5), (8.0, 2), (0.34, 0.1), (25.1, 10), (0.0, 1)])
def test_an_axis_has_few_round_ticks(top, step):
    assert tick_step(top) == pytest.approx(step)
