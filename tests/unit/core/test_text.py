from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.text import UNSHOWN, clean_name


def test_keeps_names_of_real_layers() -> None:
    assert clean_name("/layer1/0/conv1/Conv_2.weight (量化)") == "/layer1/0/conv1/Conv_2.weight (量化)"


def test_strips_what_turns_text_around() -> None:
    assert clean_name("a\u202egpj.exe\x1b[31m\n\u2066b\x00") == "agpj.exe[31mb"


def test_tells_a_name_of_nothing() -> None:
    assert clean_name("\x00\u200b \n") == "(unnamed)"


def test_keeps_both_ends_of_a_long_name() -> None:
    assert clean_name("a" * 500 + "b", limit=9) == "aaaa…aaab"


@given(st.text(), st.integers(3, 200))
def test_never_longer_than_asked_and_never_steers_the_display(text: str, limit: int) -> None:
    import unicodedata

    shown = clean_name(text, limit)
    assert len(shown) <= max(limit, len("(unnamed)"))
    assert not any(unicodedata.category(one) in UNSHOWN for one in shown)
