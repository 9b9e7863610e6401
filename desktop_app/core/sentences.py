"""Sentences that are complete already, said again in the language of now.

What the worker tells (refusals, errors, warnings, notes) comes as English sentences with their figures in them; what
the window has kept (titles of edits, of tasks) was said in the language of then. The catalogue has the templates of
all of them: a sentence is matched with these, what fills their placeholders is told in turn, and the translation of
the template is filled with it. Reports and histories keep the English sentences, and can be read in any language.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from string import Formatter

from desktop_app.core.language import LANGUAGES, SOURCE, Catalogue, catalogue_of, current

MAX_KEPT = 20_000
"""Sentences whose translation is remembered; then all are forgotten."""

LEAST_LETTERS = 4
"""A template with fewer letters outside of its placeholders would take sentences for its own that are none."""

MOST_WAYS = 24
"""In so many ways a sentence is tried to be read by one template: where its literals may stand in several places."""

LINES, STOPS, JOINTS = re.compile(r"(\n)"), re.compile(r"(?<=[.!?])( )(?=[A-Z0-9])"), (": ", "; ")
"""Where sentences are put together: lines, full stops, and within a sentence."""

DEEPEST = 6
"""Sentences in sentences in sentences: deeper is no language."""

WORDS = re.compile(r"[^\W\d_]+")

IDEOGRAPHS = "\u2e80"
"""From here on, a letter says as much as a syllable or a word."""

ENDS, BEGINNINGS = (" ", ";", ",", "("), (" ",)
"""What begins so is the end of something, and what ends so is the beginning of something."""


class Template:
    """A text with placeholders, and what is made of the sentences that it fits; see `ENDS`."""

    def __init__(self, text: str, translation: str) -> None:
        lead, tail = text.startswith(ENDS), text.endswith(BEGINNINGS)
        self._translation = _numbered(f"{'{before_}' * lead}{translation}{'{after_}' * tail}")
        self._literals: list[str] = [""]
        self._names: list[list[str]] = []
        for literal, name, _, _ in Formatter().parse(_numbered(f"{'{before_}' * lead}{text}{'{after_}' * tail}")):
            self._literals[-1] += literal
            if name is not None and self._names and not self._literals[-1]:
                self._names[-1].append(name)  # of placeholders side by side, the first takes everything
            elif name is not None:
                self._names.append([name])
                self._literals.append("")
        self.letters = sum(_weight(letter) for literal in self._literals for letter in literal)
        self.mark = max(_whole_words(self._literals), key=len, default="")

    def readings(self, sentence: str) -> Iterator[dict[str, str]]:
        """What may fill the placeholders, by name; nothing where the sentence is another."""
        for values in islice(_ways(sentence, self._literals), MOST_WAYS):
            found = dict.fromkeys((name for names in self._names for name in names), "")
            yield found | {names[0]: value for names, value in zip(self._names, values, strict=True)}

    def fill(self, values: Mapping[str, str]) -> str:
        """The translation with the placeholders filled."""
        return self._translation.format(**values)


@dataclass(frozen=True)
class Reading:
    """A sentence in the other language.

    Attributes:
        text: How it reads.
        left: How many letters of it stayed as they were.
        filled: How many letters filled placeholders: the fewer, the more a template says itself.
    """

    text: str
    left: int
    filled: int = 0


class Sentences:
    """Tells sentences by the entries of a catalogue, text to translation.

    Args:
        entries: English text to translation, or the other way round.
        percent: What stands behind a figure in per cent in the language that is told.
    """

    def __init__(self, entries: Mapping[str, str], percent: str = " %") -> None:
        self._entries, self._percent = entries, percent
        self._templates: dict[str, list[Template]] = {}
        self._known: dict[str, Reading | None] = {}
        for text, told in entries.items():
            if "{" in text or text.startswith(ENDS) or text.endswith(BEGINNINGS):
                template = Template(text, told)
                if template.letters >= LEAST_LETTERS:
                    self._templates.setdefault(template.mark, []).append(template)

    def tell(self, sentence: str) -> str:
        """The sentence in the other language; as it is, as far as the entries do not know it."""
        read = self._read(sentence, 0)
        return sentence if read is None else _PERCENT.sub(self._percent, read.text)

    def _read(self, sentence: str, depth: int) -> Reading | None:
        """The sentence in the other language, in the way that leaves least as it is; None where it is not known."""
        if sentence in self._known:
            return self._known[sentence]
        exact = self._entries.get(sentence)
        if exact is not None or not sentence or depth > DEEPEST:
            return None if exact is None else Reading(exact, 0)
        ways = self._in_parts(sentence, depth)
        if not ways or ways[0].left:
            ways += self._by_template(sentence, depth)
        best = min(ways, key=lambda one: (one.left, one.filled), default=None)
        if best is None or best.left:  # a template may have taken the joint of two for its own
            joined = self._by_joint(sentence, depth)
            best = joined if best is None or (joined and joined.left < best.left) else best
        if len(self._known) >= MAX_KEPT:
            self._known.clear()
        self._known[sentence] = best
        return best

    def _in_parts(self, sentence: str, depth: int) -> list[Reading]:
        """Lines, or sentences that follow one another, each told on its own."""
        for joint in (LINES, STOPS):
            parts = joint.split(sentence)
            if len(parts) > 1:
                read = [self._part(part, depth) for part in parts[::2]]
                if any(read):
                    parts[::2] = [new.text if new else old for new, old in zip(read, parts[::2], strict=True)]
                    left = sum(new.left if new else len(old) for new, old in zip(read, parts[::2], strict=True))
                    return [Reading(_WIDE_STOP.sub("", "".join(parts)), left)]
        return []

    def _by_template(self, sentence: str, depth: int) -> list[Reading]:
        """All readings of a sentence as one of the templates."""
        found = []
        for word in dict.fromkeys(("", *WORDS.findall(sentence))):
            for template in self._templates.get(word, ()):
                for values in template.readings(sentence):
                    told = {name: self._part(value, depth) for name, value in values.items()}
                    left = sum(one.left if one else len(values[name]) for name, one in told.items())
                    text = template.fill({name: one.text if one else values[name] for name, one in told.items()})
                    found.append(Reading(text, left, sum(map(len, values.values()))))
        return found

    def _by_joint(self, sentence: str, depth: int) -> Reading | None:
        """Two sentences in one: a name or a sentence, and what is said of it."""
        found = []
        for joint in JOINTS:
            head, joined, tail = sentence.partition(joint)
            told = [self._part(part, depth) for part in (head, tail)] if joined else []
            if any(told):
                shown = [new.text if new else old for new, old in zip(told, (head, tail), strict=True)]
                left = [new.left if new else len(old) for new, old in zip(told, (head, tail), strict=True)]
                found.append(Reading(joint.join(shown), sum(left)))
        return min(found, key=lambda one: one.left, default=None)

    def _part(self, value: str, depth: int) -> Reading | None:
        """A part of a sentence: a sentence or a small word; names that begin with a capital are left alone."""
        small = " " in value.strip() or value[:1].islower() or value[:1] >= IDEOGRAPHS
        return self._read(value, depth + 1) if small else None


_PERCENT = re.compile(r"(?<=\d) %")
_WIDE_STOP = re.compile(r"(?<=[。！？]) ")
"""The full stop of some languages is as wide as a letter, and nothing follows it."""


def tell(sentence: str) -> str:
    """The sentence in the language of now, in whichever it was said; what the catalogues do not know stays as it is."""
    spoken = current()
    if spoken.code != SOURCE:
        return sentences_of(spoken).tell(sentence)
    if sentence.isascii():
        return sentence
    for code in LANGUAGES:
        if code != SOURCE and _may_be(code, sentence) and (told := _back_from(code).tell(sentence)) != sentence:
            return told
    return sentence


def _may_be(code: str, sentence: str) -> bool:
    """Whether a sentence has letters of a language: an arrow between two figures is read by no catalogue."""
    return not code.startswith("zh") or any(letter >= IDEOGRAPHS for letter in sentence)


_made: dict[int, tuple[Catalogue, Sentences]] = {}


def sentences_of(catalogue: Catalogue) -> Sentences:
    """What tells English sentences in the language of a catalogue."""
    if id(catalogue) not in _made:
        _made[id(catalogue)] = (catalogue, Sentences(catalogue.entries, catalogue.percent))
    return _made[id(catalogue)][1]


@cache
def _back_from(code: str) -> Sentences:
    """What tells sentences of another language in English."""
    return Sentences({told: text for text, told in catalogue_of(code).entries.items()})


def _weight(letter: str) -> int:
    return 2 if letter >= IDEOGRAPHS else int(letter.isalpha())


def _whole_words(literals: Sequence[str]) -> list[str]:
    """The words of the literals that no placeholder can make longer."""
    return WORDS.findall(re.sub(r"\w*\0\w*", " ", "\0".join(literals)))


def _ways(sentence: str, literals: Sequence[str]) -> Iterator[list[str]]:
    """All ways in which the literals stand in the sentence in this order, as what stands between them."""
    first, *others = literals
    if sentence.startswith(first):
        yield from _rest(sentence, len(first), others)


def _rest(sentence: str, start: int, literals: Sequence[str]) -> Iterator[list[str]]:
    literal, *others = literals
    if not others:
        end = len(sentence) - len(literal)
        if end >= start and sentence.endswith(literal):
            yield [sentence[start:end]]
        return
    place = sentence.find(literal, start)
    while place >= 0:
        for values in _rest(sentence, place + len(literal), others):
            yield [sentence[start:place], *values]
        place = sentence.find(literal, place + 1)


def _numbered(text: str) -> str:
    """The text with names for placeholders that have none."""
    pieces = text.split("{}")
    return "".join(f"{piece}{{n{place}}}" for place, piece in enumerate(pieces[:-1])) + pieces[-1]
