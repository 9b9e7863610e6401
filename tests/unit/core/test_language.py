"""Texts in another language, and texts on a number of things."""

import pytest

from desktop_app.core.language import SOURCE, Catalogue, catalogue_of

CHINESE = Catalogue("zh", {"Run": "运行", "{count} layers of {name}": "{name} 的 {count} 层"}, counts=False)


def test_a_text_without_an_entry_stays_english():
    assert CHINESE.translate("Run") == "运行"
    assert CHINESE.translate("Stop") == "Stop"


@pytest.mark.parametrize(
    ("catalogue", "count", "text"),
    [
        (Catalogue(), 1, "one layer of net"),
        (Catalogue(), 0, "0 layers of net"),
        (Catalogue(), 2, "2 layers of net"),
        (CHINESE, 1, "net 的 1 层"),
        (CHINESE, 2, "net 的 2 层"),
    ],
)
def test_a_number_of_things(catalogue, count, text):
    assert catalogue.plural(count, "one layer of {name}", "{count} layers of {name}", name="net") == text


def test_the_languages_that_can_be_chosen_have_catalogues():
    assert catalogue_of(SOURCE) == Catalogue()
    assert catalogue_of("zh_CN").entries["Run"] == "运行"
