from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.outcome import Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import LayerError, LayerErrors
from desktop_app.core.settings import LayerSettings
from desktop_app.core.summary import LayerProfile
from desktop_app.ui.comparison import (
    bits_text,
    came_and_went,
    error_text,
    figure_rows,
    layer_rows,
    macs_text,
    setting_rows,
    size_text,
    time_text,
)
from tests.unit.ui.run_samples import kept_run, whole_run
from tests.unit.ui.ui_samples import conv, summary_of

STEM, CONV1, NORM = "/stem/conv", "/block/inner/conv1", "/block/norm"


def changed(summary):
    """conv1 split into two of 8 bits, norm gone, and a layer that no layer of the model is the origin of."""
    halves = [
        replace(layer, name=f"{CONV1}_{part}", params=100, macs=1000, bytes=100, bits=8)
        for layer in summary.layers
        if layer.name == CONV1
        for part in "ab"
    ]
    others = [layer for layer in summary.layers if layer.name not in (CONV1, NORM)]
    return summary_of((*halves, *others, conv("/new/resize", 4, 4)))


def test_figures_stand_beside_the_original(summary):
    rows = {row.title: row.cells for row in figure_rows([whole_run(kept_run(1, 1, 0.9), summary)] * 2)}
    assert rows["Size"] == ("4.00 MB", "1.00 MB", "1.00 MB")
    assert rows["Speed-up"] == ("1.00×", "2.00×", "2.00×")
    assert rows["Fidelity, SQNR"][0] == "–"
    assert "Peak memory" not in rows


def test_only_settings_that_differ_are_told_and_alike_layers_share_a_row(summary):
    first = Recipe(defaults=LayerSettings(bits=8), seed=1)
    second = Recipe(
        data=DataSettings(path="/pictures"),
        methods=Methods(quantize=QuantizeMethod(rounding="nearest")),
        seed=1,
    ).with_layer(STEM, LayerSettings(prune=0.25, bits=8))
    rows = setting_rows(summary.layers, [first, second])
    assert [(row.title, row.cells) for row in rows] == [
        ("Data: Samples", ("–", "/pictures")),
        ("Quantise: How weights are rounded", ("automatic", "to the nearest")),
        (f"Prune of {STEM}", ("–", "25 %")),
        ("Bits of 4 layers", ("8", "32")),
    ]
    assert rows[1].tip == "methods.quantize.rounding"
    assert rows[-1].tip.split("\n") == [layer.name for layer in summary.layers if layer.name != STEM]
    assert setting_rows(summary.layers, [first, first]) == ()


def test_layers_are_told_by_run_and_split_ones_are_added_up(summary):
    whole = whole_run(kept_run(1, 1, 0.9), summary)
    outcomes = (Outcome("low_rank", CONV1, True), Outcome("pack", CONV1, False, "It is small."))
    split = replace(whole, summary=changed(summary), report=replace(whole.report, layers=outcomes))

    def rows(text):
        found = layer_rows(summary.layers, [whole, split], text, lambda layer: "before")
        return {row.title: row.cells for row in found}

    assert rows(size_text)[CONV1] == ("before", "74.0 kB", "200 B")
    assert rows(bits_text)[CONV1] == ("before", "32", "8")
    assert rows(macs_text)[CONV1] == ("before", "1.18M", "2.00k")
    assert rows(size_text)[NORM] == ("before", "40 B", "gone")
    profile = LayerProfile(3.0, {f"{CONV1}_a": 1.0, f"{CONV1}_b": 0.5}, 1)
    timed = layer_rows(summary.layers, [whole, split], time_text, lambda layer: "before", [None, profile])
    assert {row.title: row.cells for row in timed}[CONV1] == ("before", "–", "1.50 ms")
    story = next(
        row.tips[2] for row in layer_rows(summary.layers, [whole, split], size_text, str) if row.title == CONV1
    )
    assert story == "Low rank\nIt is small."


def test_the_error_of_each_layer_stands_beside_that_of_another_run(summary):
    errors = {CONV1: LayerError(31.24), NORM: LayerError(reason="Its output is no array of numbers.")}
    before = whole_run(kept_run(1, 1, 0.9), summary)
    report = replace(before.report, layer_errors=LayerErrors(errors, 16, False))
    after = replace(before, summary=changed(summary), report=report)
    rows = {row.title: row for row in layer_rows(summary.layers, [before, after], error_text, lambda layer: "")}
    assert rows[CONV1].cells == ("", "–", "31.2 dB")
    assert rows[NORM].cells == ("", "–", "gone")
    assert "no array of numbers" in rows[NORM].tips[2]


def test_what_came_and_what_went(summary):
    run = replace(whole_run(kept_run(1, 1, 0.9), summary), summary=changed(summary))
    assert [(row.title, *row.cells) for row in came_and_went(summary.layers, run)] == [
        (CONV1, "replaced by", f"{CONV1}_a, {CONV1}_b"),
        (NORM, "removed", ""),
        ("/new/resize", "added", "Conv"),
    ]
    assert came_and_went(summary.layers, whole_run(kept_run(1, 1, 0.9), summary)) == ()
