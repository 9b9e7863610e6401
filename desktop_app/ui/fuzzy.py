"""Finding by a few letters: how well a text answers to what is typed, as a value."""

from dataclasses import dataclass

WORD, RUN, FIRST, LETTER = 8, 9, 4, 1
"""What a letter of the query counts: at the start of a word, right after the letter before, at the start, at all."""
GAP, LONGEST_GAP = 0.2, 20
"""What each skipped letter costs, and how many are counted."""


Ends = dict[int, tuple[float, tuple[int, ...]]]
"""The place of the newest letter, to the best score and the places that lead there."""


@dataclass(frozen=True)
class Match:
    """How well a text answers (more is better), and the places of its letters that were typed."""

    score: float
    places: tuple[int, ...]


def match(query: str, text: str) -> Match | None:
    """How `text` answers to `query`; None where it does not.

    The words of the query, in any order, must each be a subsequence of the text, capitals or not. Letters that begin
    words and letters in a row count more; of several ways to find a word, the best counts. An empty query answers to
    every text with 0.
    """
    lowered, score, places = text.lower(), 0.0, set[int]()
    if len(lowered) != len(text):  # a few capitals become two letters: then the places would be others
        lowered = text
    for word in query.lower().split():
        if not _is_subsequence(word, lowered):
            return None
        found = _best(word, text, lowered)
        score += found.score
        places.update(found.places)
    return Match(score, tuple(sorted(places)))


def _is_subsequence(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)


def _best(word: str, text: str, lowered: str) -> Match:
    """The best way to find a word: for each letter, the best score that ends at each place."""
    worth = [_worth(text, place) for place in range(len(text))]
    ends: Ends = {place: (worth[place], (place,)) for place, one in enumerate(lowered) if one == word[0]}
    for letter in word[1:]:
        ends = _next_letter(ends, [place for place, one in enumerate(lowered) if one == letter], worth)
    score, places = max(ends.values(), key=lambda end: (end[0], [-place for place in end[1]]))
    return Match(score, places)


def _next_letter(ends: Ends, at: list[int], worth: list[float]) -> Ends:
    found = {}
    for place in at:
        before = [
            (score + worth[place] + _bond(place - last), (*places, place))
            for last, (score, places) in ends.items()
            if last < place
        ]
        if before:
            found[place] = max(before)
    return found


def _bond(step: int) -> float:
    """What it counts that two letters stand so far apart."""
    return float(RUN) if step == 1 else -GAP * min(step - 1, LONGEST_GAP)


def _worth(text: str, place: int) -> float:
    """What a place counts: most where a word begins, also one that begins with a capital or a digit in the middle."""
    if place == 0:
        return LETTER + WORD + FIRST
    before, here = text[place - 1], text[place]
    begins = not before.isalnum() or (here.isupper() and before.islower()) or (here.isdigit() and before.isalpha())
    return float(LETTER + WORD) if begins and here.isalnum() else float(LETTER)
