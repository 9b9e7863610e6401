"""Notes of a search among the attributes of its study: long texts in several fields."""

from collections.abc import Iterator, Mapping
from typing import Any

PART = 30_000
"""Letters of a note in one field: some databases take 64 KB."""


def fields_of(name: str, text: str) -> Iterator[tuple[str, str | int]]:
    """The fields that keep a note, in the order in which to write them: the last says that all are there."""
    parts = [text[start : start + PART] for start in range(0, max(len(text), 1), PART)]
    yield from ((f"{name} {place}", part) for place, part in enumerate(parts))
    yield name, len(parts)


def note_in(attributes: Mapping[str, Any], name: str) -> str | None:
    """What was kept under a name, of all that a study of Optuna's keeps; None where nothing was."""
    count = attributes.get(name)
    return None if count is None else "".join(attributes[f"{name} {place}"] for place in range(count))
