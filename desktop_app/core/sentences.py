"""Sentences that are complete already, said again in the language of now.

What the worker tells (refusals, errors, warnings, notes) comes as English sentences with their figures in them; what
the window has kept (titles of edits, of tasks) was said in the language of then.
"""

from desktop_app.core.language import current


def tell(sentence: str) -> str:
    """The sentence in the language of now; one that the catalogue does not know stays as it is."""
    return current().translate(sentence)
