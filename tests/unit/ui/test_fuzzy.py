import pytest

from desktop_app.ui.fuzzy import match


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("svr", "Save recipe"),
        ("SAVE", "save recipe"),
        ("recipe save", "Save recipe as…"),
        ("", "anything"),
        ("导出", "导出…"),
    ],
)
def test_it_answers(query, text):
    assert match(query, text) is not None


@pytest.mark.parametrize(("query", "text"), [("xs", "Save"), ("ees", "Save recipe"), ("save x", "Save recipe")])
def test_it_does_not_answer(query, text):
    assert match(query, text) is None


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("sr", "Save recipe", "Measure sensitivity"),  # starts of words
        ("run", "Run", "Recover accuracy on"),
        ("run", "Run", "Prune"),  # the start of the text
        ("exp", "Export…", "Extra properties"),  # letters in a row
        ("conv2", "/block/conv2", "/block/conv_12"),
        ("c2", "layer/conv2", "layer/scale/z2"),
    ],
)
def test_what_is_meant_comes_first(query, better, worse):
    assert match(query, better).score > match(query, worse).score


def test_the_best_way_to_find_a_word_counts():
    assert match("lock", "all of block").places == (8, 9, 10, 11)
    assert match("re", "are Reset").places == (4, 5)


def test_places_are_those_of_the_text():
    text = "Straße öffnen"
    assert "".join(text[place] for place in match("sö", text).places) == "Sö"
