"""The budgets that were asked for."""

import msgspec

from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings
from desktop_app.ui.asked import AskedBefore

ASKED = AskedBefore("search/asked", msgspec.json.Decoder(dict[str, Budget]))


def asked_before(sha256: str) -> Budget | None:
    """What was asked of a model last, without the data; None where nothing was, or another version wrote it."""
    return ASKED.of(sha256)


def remember(sha256: str, budget: Budget) -> None:
    """Keeps what is asked of a model."""
    ASKED.remember(sha256, msgspec.structs.replace(budget, data=DataSettings()))
