import re
import xml.etree.ElementTree as ElementTree

import pytest
from msgspec.structs import replace

from desktop_app.core.language import Catalogue
from desktop_app.core.outcome import Cost, Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Ratio, StepReport
from desktop_app.io.report_pictures import (
    MOST_ROWS,
    Bar,
    Pair,
    draw_bars,
    draw_pairs,
    latency_bars,
    layer_pairs,
    size_bars,
    tick_step,
)
from desktop_app.io.report_summary import cards, pictures
from desktop_app.io.reports import format_report
from tests.unit.io.reports_for_tests import HOSTILE, full_report


@pytest.fixture
def report():
    steps = (
        StepReport("clean", 1.0, 3_900_000, 1),
        StepReport("quantize_static", 3.0, 1_000_000, 2, Ratio(2.5, (2.0, 4.0))),
    )
    return replace(full_report(), steps=steps)


def shapes(drawing, kind):
    root = ElementTree.fromstring(str(drawing))
    return [one for one in root if kind in (one.get("class") or "").split()]


def test_sizes_are_told_as_opened_and_after_every_step(report):
    assert [(one.title, one.value) for one in size_bars(report, "Original")] == [
        ("Original", 4.0), ("clean", 3.9), ("quantize_static", 1.0)]  # fmt: skip


def test_latency_is_the_original_divided_by_the_ratio_of_pairs(report):
    original, step, result = latency_bars(report, "Original", "Result")
    assert (original.value, original.low, original.high) == (2.0, 1.9, 2.1)
    assert (step.title, step.value, step.low, step.high) == ("quantize_static", 0.8, 0.5, 1.0)
    assert (result.value, result.low) == (1.0, pytest.approx(2 / 2.1))
    bare = replace(report, original=replace(report.original, latency_ms=None))
    assert latency_bars(bare, "Original", "Result") == ()


def test_a_layer_is_told_before_the_first_step_and_after_the_last():
    layers = (
        Outcome("prune_channels", "a", True, "", Cost(4000), Cost(2000)),
        Outcome("quantize_static", "a", True, "", Cost(2000), Cost(500)),
        Outcome("quantize_static", "b", False, "no", Cost(9000), Cost(9000)),
    )
    assert layer_pairs(replace(full_report(), layers=layers)) == (Pair("b", 9000, 9000), Pair("a", 4000, 500))
    many = tuple(Outcome("clean", f"l{place}", True, "", Cost(place + 1), Cost(1)) for place in range(100))
    assert len(layer_pairs(replace(full_report(), layers=many))) == MOST_ROWS


def test_bars_are_as_high_as_their_figures():
    drawing = draw_bars((Bar("a", 4.0), Bar("b", 1.0, 0.5, 2.0)), "Size")
    heights = [float(one.get("height")) for one in (*shapes(drawing, "first"), *shapes(drawing, "later"))]
    assert heights[0] == pytest.approx(4 * heights[1], rel=0.01)
    assert len(shapes(drawing, "whisker")) == 3
    assert [one.text for one in shapes(drawing, "figure")] == ["4.00", "1.00"]
    assert draw_bars((), "Size") == ""


def test_names_in_drawings_are_text():
    drawing = draw_pairs((Pair(HOSTILE, 10, 5),), HOSTILE)
    assert "<script" not in drawing
    root = ElementTree.fromstring(str(drawing).replace("\x00", "").replace("\u202e", ""))
    assert len(root) == 4


@pytest.mark.parametrize(("top", "step"), [(4.5, 2), (1.0, 0.5), (3.9, 1), (0.021, 0.01), (100, 50), (0, 1)])
def test_steps_of_an_axis_are_round(top, step):
    assert tick_step(top) == pytest.approx(step)


def test_the_result_in_large_figures(report):
    assert [(card.title, card.value) for card in cards(report, Catalogue())] == [
        ("Size", "4.00 MB → 1.00 MB"),
        ("Latency, ms", "2 → 1"),
        ("Accuracy", "91.0% → 90.0%"),
        ("Fidelity", "31.5 dB"),
    ]
    assert [one.title for one in pictures(report, Catalogue())] == ["Size, MB", "Latency, ms", "The largest layers"]


def test_the_page_tells_hashes_and_draws(report):
    page = format_report(report, Recipe(), "m.onnx", hashes={"m.onnx": "ab" * 32})
    assert "ab" * 32 in page
    assert page.count("<svg") == 3
    assert "@page" in page
    assert " style=" not in page


def test_the_page_is_in_the_language_that_is_asked_for(report):
    page = format_report(report, Recipe(), "m.onnx", "zh_CN")
    assert '<html lang="zh-CN">' in page
    assert "清理" in page


def test_an_interval_that_would_make_all_bars_flat_ends_at_the_edge():
    drawing = draw_bars((Bar("a", 1.0, 0.9, 1.1), Bar("b", 0.5, 0.4, 30.0)), "times")
    assert len(shapes(drawing, "whisker")) == 5
    heights = [float(re.search(r'height="([\d.]+)"', one).group(1)) for one in re.findall(r"<rect[^>]*>", drawing)]
    assert heights[0] > 60
    assert "0.500 ↑" in drawing
