"""What the user calls the parts of a design."""

from collections.abc import Mapping

from desktop_app.ui.text import Words, stage_title, tr

TITLES: Mapping[str, Words] = {
    "profile": "Measure the time",
    "recover": "Teach the best alone",
    "convert": "Check the file",
}
"""Those that are called otherwise elsewhere."""


def design_stage_title(stage: str) -> str:
    """What the user calls a part of a design."""
    return tr(TITLES[stage]) if stage in TITLES else stage_title(stage)
