"""Long notes lie in several fields, and are there once the last field is."""

import pytest

from desktop_app.search.notes import PART, fields_of, note_in


@pytest.mark.parametrize("length", [0, 1, PART, PART + 1, 3 * PART])
def test_a_note_is_read_as_it_was_written(length: int) -> None:
    text = "ab"[length % 2] * length
    fields = dict(fields_of("one", text))
    assert all(len(part) <= PART for part in fields.values() if isinstance(part, str))
    assert note_in({**fields, "two": 5}, "one") == text


def test_half_a_note_is_none() -> None:
    *written, _ = fields_of("one", "x" * 2 * PART)
    assert note_in(dict(written), "one") is None
