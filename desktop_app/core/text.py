"""Text from files, made fit to be shown: names are chosen by strangers."""

import unicodedata

MAX_NAME = 120

UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Unicode categories that steer the display (controls, bidirectional marks, line breaks) or that no font shows."""


def clean_name(text: str, limit: int = MAX_NAME) -> str:
    """`text` without control, bidirectional and unassigned characters, at most `limit` characters long.

    A name that loses everything is shown as `(unnamed)`; one that is too long keeps its start and its end, which is
    where the names of layers differ.
    """
    shown = text if text.isprintable() else "".join(one for one in text if unicodedata.category(one) not in UNSHOWN)
    shown = shown.strip()
    if len(shown) > limit:
        half = (limit - 1) // 2
        shown = f"{shown[: limit - 1 - half]}…{shown[-half:]}"
    return shown or "(unnamed)"
