from hypothesis import given
from hypothesis import strategies as st

from desktop_app.ui.plots.apart import GAP, Text, feet

LINE = 12.0


def test_texts_that_do_not_meet_stay_where_they_are():
    assert feet([Text(0, 50, 20), Text(100, 50, 20), Text(0, 90, 20)], LINE) == (50, 50, 90)


def test_the_later_of_two_that_meet_goes_up():
    assert feet([Text(0, 50, 20), Text(10, 52, 20)], LINE) == (50, 62)


def test_texts_at_one_place_are_stacked():
    assert feet([Text(5, 10, 20)] * 3, LINE) == (10, 22, 34)


NUMBERS = st.integers(0, 200).map(float)


@given(st.lists(st.builds(Text, NUMBERS, NUMBERS, st.integers(1, 60).map(float)), max_size=12))
def test_no_text_covers_another(texts):
    placed = feet(texts, LINE)
    assert all(foot >= text.foot for foot, text in zip(placed, texts, strict=True))
    for second in range(len(texts)):
        for first in range(second):
            apart = abs(texts[first].middle - texts[second].middle)
            beside = apart >= (texts[first].width + texts[second].width) / 2 + GAP
            assert beside or abs(placed[first] - placed[second]) >= LINE
