import pytest
from msgspec.structs import replace

from desktop_app.core.data import DataSettings
from desktop_app.core.language import catalogue_of, current, use
from desktop_app.jobs.previews import DataPreview
from desktop_app.ui import operations
from desktop_app.ui.designing.stages import design_stage_title
from desktop_app.ui.designing.words import FigureRow, asked_words, data_words, sheet_of, stopped_words
from tests.unit.ui.designing.design_samples import ASKED, FOUND, MISSED


def test_a_student_is_told_beside_the_model_that_taught_it(summary):
    sheet = sheet_of(FOUND, ASKED, summary)
    assert sheet.kept
    assert sheet.verdict == ("It keeps what you asked for: latency at most 3.00 ms, speed-up at least 2.00×.",)
    assert sheet.architecture == "24x24, 16/2 | 24 x2 k5 e4 se /2 | 40 x1 k3 e6 | 320"
    rows = {row.title: (row.original, row.student) for row in sheet.rows}
    assert rows["Speed-up"] == ("", "2.31× [2.25, 2.40]")
    assert rows["Latency"] == ("", "1.25 ms [1.20, 1.30]")
    assert rows["Size"][1] == "1.05 MB"
    assert rows["Parameters"][1] == "262k"
    assert rows["MACs"][1] == "9.48 MMAC"
    assert rows["Same answers"] == ("", "87.3 %")
    assert "Accuracy" not in rows
    assert sheet.notes[:2] == (
        "100 of about 10^23 candidates were judged.",
        "It was judged on 500 samples that taught nothing.",
    )
    assert "/home/net-designed/model.onnx" in " ".join(sheet.notes)
    assert FOUND.notes[0] in sheet.notes


def test_accuracy_stands_beside_the_originals(summary):
    sheet = sheet_of(replace(FOUND, accuracy=0.8, original_accuracy=0.9), ASKED, summary)
    assert FigureRow("Accuracy", "90.0 %", "80.0 %") in sheet.rows


def test_limits_that_are_not_kept_are_told_with_what_the_nearest_has(summary):
    sheet = sheet_of(MISSED, ASKED, summary)
    assert not sheet.kept
    assert sheet.verdict == ("Not kept: speed-up at least 2.00×. This is the nearest that was found; it has 1.62×.",)


def test_a_model_that_was_only_scaled_says_by_what(summary):
    sheet = sheet_of(replace(FOUND, judged=0, exponent=0.0, parameter=0.35), ASKED, summary)
    assert sheet.notes[0] == "It is the family's own model, scaled by 0.350."


def test_what_is_asked_for_is_told_in_a_line():
    asked = replace(ASKED, scaling="width", latency_ms=None)
    assert asked_words(asked) == "MobileNet V2, speed-up at least 2.00×, width alone"


def test_the_data_that_teaches_is_named(document):
    assert data_words(document) == ""
    operations.set_data(document, DataSettings(path="/somewhere/pictures"))
    assert data_words(document) == "The model teaches on pictures; labels are not needed."
    document.set_data(DataPreview("images", 500, True, 10, 300, 200, None, False, ()))
    assert data_words(document) == "The model teaches on pictures, which has 500 samples; labels are not needed."


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        ((), "is as it was"),
        (("data", "profile", "supernet", "search"), "is as it was"),
        (("search", "write", "convert"), "while the student was written"),
        (("search", "write", "convert", "recover"), "as it came out of the search"),
        (("search", "recover", "write", "convert", "measure"), "taught to its end"),
    ],
)
def test_who_stops_reads_what_is_left(stages, told):
    sentence = stopped_words(stages, "/home/net-designed")
    assert told in sentence
    assert "/home/net-designed" in sentence


def test_parts_of_a_design_have_names_of_their_own():
    assert design_stage_title("recover") == "Teach the best alone"
    assert design_stage_title("supernet") == "Teach all nets together"


def test_nothing_stays_english_in_chinese(summary):
    before = current()
    use(catalogue_of("zh_CN"))
    try:
        sheet = sheet_of(MISSED, ASKED, summary)
    finally:
        use(before)
    told = "".join((*sheet.verdict, *(row.title for row in sheet.rows), *sheet.notes))
    for word in ("Not kept", "nearest", "Speed-up", "candidates", "taught", "fresh process"):
        assert word not in told
