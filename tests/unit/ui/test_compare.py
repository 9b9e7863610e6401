from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox, QTableView

from desktop_app.core.outcome import Outcome
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, LayerError, LayerErrors, Machine, Report
from desktop_app.jobs.messages import RunFinished
from desktop_app.ui.views.compare import HEADINGS, STORY, CompareView, common_scope, compare_rows, error_entry
from tests.unit.ui.ui_samples import summary_of

TIP = Qt.ItemDataRole.ToolTipRole
OTHER = "Its output has another shape now, and which part of it stayed is not known."
CONV1, NORM = "/block/inner/conv1", "/block/norm"


def run_of(summary) -> RunFinished:
    """conv1 was split into two halves of 8 bits; norm refused."""
    halves = [
        replace(layer, name=f"{CONV1}_{part}", params=100, macs=1000, bytes=100, bits=8)
        for layer in summary.layers
        if layer.name == CONV1
        for part in "ab"
    ]
    others = [layer for layer in summary.layers if layer.name != CONV1]
    outcomes = (
        Outcome("clean", CONV1, True),
        Outcome("low_rank", CONV1, True),
        Outcome("quantize_static", CONV1, True),
        Outcome("quantize_static", NORM, False, "It is too small."),
    )
    figures = Figures(10, 2, 3)
    report = Report(figures, figures, None, Machine("a processor", (), 1), {}, {}, (), outcomes)
    return RunFinished("/run/model.onnx", Recipe(), report, summary_of((*halves, *others)))


def with_errors(run: RunFinished) -> RunFinished:
    """conv1 is the worst, the stem is exact; what became of norm is not known."""
    errors = {CONV1: LayerError(31.24), "/stem/conv": LayerError(200.0), NORM: LayerError(reason=OTHER)}
    return replace(run, report=replace(run.report, layer_errors=LayerErrors(errors, 16, True)))


def test_a_layer_that_was_split_is_added_up_and_every_refusal_is_told(summary):
    rows = {row[0].text: [entry.text for entry in row] for row in compare_rows(summary.layers, run_of(summary))}
    assert rows[CONV1][1:5] == ["74.0 kB → 200 B", "32 → 8", "–", "Low rank, Quantise (static)"]
    assert rows[CONV1][5:] == ["–", "1.18M → 2.00k", "18.5k → 200"]
    assert "Clean: done" in next(
        row[STORY].tip for row in compare_rows(summary.layers, run_of(summary)) if row[0].text == CONV1
    )
    assert rows[NORM][STORY] == "(!) It is too small."
    assert "→" not in rows[NORM][1]
    assert all(len(row) == len(HEADINGS) for row in rows.values())


def test_the_measured_time_stands_beside(summary, profiled):
    rows = compare_rows(summary.layers, run_of(summary), profiled.profile)
    assert [row[5].text for row in rows if row[0].text == CONV1] == ["5.00 ms"]


def test_the_measured_error_stands_beside_and_the_worst_comes_first(qtbot, document, summary):
    view = CompareView(document)
    qtbot.addWidget(view)
    document.runs.add(with_errors(run_of(summary)))
    table = view.findChild(QTableView, "compareTable")
    error = [heading.title for heading in HEADINGS].index("Error")
    table.sortByColumn(error, Qt.SortOrder.AscendingOrder)
    model = table.model()
    shown = [(model.index(row, 0).data(), model.index(row, error).data()) for row in range(model.rowCount())]
    assert shown[:2] == [(CONV1, "31.2 dB"), ("/stem/conv", "exact")]
    tips = {model.index(row, 0).data(): model.index(row, error).data(TIP) for row in range(model.rowCount())}
    assert "16 samples" in tips[CONV1]
    assert "made up" in tips[CONV1]
    assert "another shape" in tips[NORM]


def test_a_run_that_did_not_measure_errors_says_so(summary):
    run = run_of(summary)
    assert "did not measure" in error_entry(run.report.layer_errors, CONV1).tip
    none = LayerErrors({}, 0, False, "The model is too large to open it behind every layer.")
    assert error_entry(none, CONV1).tip == none.reason


def test_the_table_appears_with_the_first_run(qtbot, document, summary):
    view = CompareView(document)
    qtbot.addWidget(view)
    assert view._rows.rowCount() == 0
    document.runs.add(run_of(summary))
    assert view._rows.rowCount() == len(summary.layers)


def test_names_are_told_without_the_scopes_that_all_share():
    assert common_scope(["/net/encoder/a.x", "/net/encoder/a.y"]) == "/net/encoder/a."
    assert common_scope(["/net/encoder/ab", "/net/encoder/ac"]) == "/net/encoder/"
    assert common_scope(["/stem", "/head"]) == common_scope(["alone/layer"]) == common_scope([]) == ""


def test_the_worst_layers_are_excluded_by_an_edit_that_can_be_undone(qtbot, document, summary):
    view = CompareView(document)
    qtbot.addWidget(view)
    view.show()
    count = view.findChild(QSpinBox, "excludeWorst")
    assert not count.isVisible()
    document.runs.add(run_of(summary))
    assert count.isVisible()
    assert count.maximum() == len(summary.layers)
    count.setValue(2)
    assert document.recipe.methods.quantize.exclude == 2
    document.undo_stack.undo()
    assert count.value() == 0
