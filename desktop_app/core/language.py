"""The language in which the program speaks: one catalogue for the window, the reports and all sentences.

Texts stand in the code in English; a catalogue gives each of them its translation. Placeholders `{name}` are filled
after the translation, so that a language may put them in another order.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec import Struct

from desktop_app.core.resources import resource

SOURCE = "en"
"""The language of the texts in the code."""

LANGUAGES: Mapping[str, str] = {SOURCE: "English", "zh_CN": "简体中文"}
"""What can be chosen: code to its name in the language itself, which is never translated."""

Words: TypeAlias = str
"""English words for the user. Literals that stand where `Words` are expected belong to the catalogue:

- arguments of functions, dataclasses and structs whose parameter is annotated so (`title: Words`);
- values of constants annotated so (`MENUS: Mapping[str, Words] = {...}`);
- what a function annotated so (`-> Words`) returns.

Whoever shows them translates them, by `translate` or, once they are filled in, by `sentences.tell`.
"""


class Catalogue(Struct, frozen=True):
    """The texts of one language.

    Attributes:
        code: Which language.
        entries: English text to translation; what is missing stays English.
        counts: Whether it tells one thing from several, as English does.
        percent: What stands behind a figure in per cent.
        comma: What stands between the things of a list.
        semicolon: What stands between the parts of a sentence.
        stop: What ends a sentence.
        colon: What stands between a thing and what is said of it.
    """

    code: str = SOURCE
    entries: Mapping[str, str] = {}
    counts: bool = True
    percent: str = " %"
    comma: str = ", "
    semicolon: str = "; "
    stop: str = "."
    colon: str = ": "

    def translate(self, text: Words) -> str:
        """The text in this language, its placeholders still to be filled."""
        return self.entries.get(text, text)

    def plural(self, count: int, one: Words, many: Words, **values: object) -> str:
        """A text on a number of things, filled in: `many` has the placeholder `{count}`, and `one` need not.

        Languages without plurals have an entry for `many` only.
        """
        text = one if self.counts and count == 1 else many
        return self.translate(text).format(count=count, **values)

    def sentence(self, parts: Iterable[str]) -> str:
        """Parts that are translated already as one sentence."""
        return self.semicolon.join(parts) + self.stop


@cache
def catalogue_of(code: str) -> Catalogue:
    """The catalogue of a language; that of the texts in the code is empty.

    Raises:
        FileNotFoundError: when the installation lacks it.
    """
    if code == SOURCE:
        return Catalogue()
    entries = msgspec.json.decode(resource(f"translations/{code}.json").read_bytes(), type=dict[str, str])
    return Catalogue(code, entries, counts=False, percent="%", comma="、", semicolon="；", stop="。", colon="：")


_current = Catalogue()


def use(catalogue: Catalogue) -> None:
    """Speaks this language from now on."""
    global _current
    _current = catalogue


def current() -> Catalogue:
    """The catalogue of the language that is spoken now."""
    return _current


def translate(text: Words) -> str:
    """The text in the language of now; fill its `{placeholders}` afterwards."""
    return _current.translate(text)


def plural(count: int, one: Words, many: Words, **values: object) -> str:
    """A text on a number of things in the language of now, filled in; see `Catalogue.plural`."""
    return _current.plural(count, one, many, **values)
