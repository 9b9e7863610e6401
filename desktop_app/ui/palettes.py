"""The colours of each theme, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True)
class Colours:
    """A theme's colours: those of Qt's palette by role, and those of the signals good, bad and warn."""

    roles: Mapping[str, str]
    signals: Mapping[str, str]

    def palette(self) -> QPalette:
        """The palette of these colours."""
        made = QPalette()
        for role, colour in self.roles.items():
            made.setColor(QPalette.ColorRole[role], QColor(colour))
        for role in DISABLED:
            made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(self.roles["PlaceholderText"]))
        return made


DISABLED = ("WindowText", "Text", "ButtonText")

LIGHT = Colours(
    {
        "Window": "#f4f5f8",
        "WindowText": "#1d2330",
        "Base": "#ffffff",
        "AlternateBase": "#f8f9fb",
        "Text": "#1d2330",
        "PlaceholderText": "#687182",
        "Button": "#ffffff",
        "ButtonText": "#2b3242",
        "BrightText": "#ffffff",
        "ToolTipBase": "#262c3a",
        "ToolTipText": "#f3f5f9",
        "Highlight": "#dbe6ff",
        "HighlightedText": "#14203a",
        "Accent": "#2f62e0",
        "Link": "#2f62e0",
        "Light": "#ffffff",
        "Midlight": "#eceef3",
        "Mid": "#d6dae2",
        "Dark": "#b4bac6",
        "Shadow": "#8d94a3",
    },
    {"good": "#1d7f4e", "bad": "#b3372f", "warn": "#95610a"},
)
DARK = Colours(
    {
        "Window": "#1a1d24",
        "WindowText": "#e4e8f0",
        "Base": "#20242c",
        "AlternateBase": "#242933",
        "Text": "#e4e8f0",
        "PlaceholderText": "#929cae",
        "Button": "#2a303b",
        "ButtonText": "#d9dee8",
        "BrightText": "#ffffff",
        "ToolTipBase": "#333b49",
        "ToolTipText": "#eef1f6",
        "Highlight": "#2c4272",
        "HighlightedText": "#f1f5ff",
        "Accent": "#3f6fe4",
        "Link": "#8db0ff",
        "Light": "#3a4250",
        "Midlight": "#2a303b",
        "Mid": "#363d4a",
        "Dark": "#12151a",
        "Shadow": "#0b0d11",
    },
    {"good": "#58c48b", "bad": "#f08a80", "warn": "#e6b455"},
)
CONTRAST_LIGHT = Colours(
    {
        "Window": "#ffffff",
        "WindowText": "#000000",
        "Base": "#ffffff",
        "AlternateBase": "#f2f2f2",
        "Text": "#000000",
        "PlaceholderText": "#3d3d3d",
        "Button": "#ffffff",
        "ButtonText": "#000000",
        "BrightText": "#ffffff",
        "ToolTipBase": "#000000",
        "ToolTipText": "#ffffff",
        "Highlight": "#003a8c",
        "HighlightedText": "#ffffff",
        "Accent": "#003a8c",
        "Link": "#003a8c",
        "Light": "#ffffff",
        "Midlight": "#dcdcdc",
        "Mid": "#5a5a5a",
        "Dark": "#000000",
        "Shadow": "#000000",
    },
    {"good": "#00501f", "bad": "#8a0000", "warn": "#5c3d00"},
)
CONTRAST_DARK = Colours(
    {
        "Window": "#000000",
        "WindowText": "#ffffff",
        "Base": "#000000",
        "AlternateBase": "#141414",
        "Text": "#ffffff",
        "PlaceholderText": "#cfcfcf",
        "Button": "#000000",
        "ButtonText": "#ffffff",
        "BrightText": "#000000",
        "ToolTipBase": "#ffffff",
        "ToolTipText": "#000000",
        "Highlight": "#ffe14d",
        "HighlightedText": "#000000",
        "Accent": "#4dd2ff",
        "Link": "#8ae2ff",
        "Light": "#ffffff",
        "Midlight": "#2e2e2e",
        "Mid": "#a6a6a6",
        "Dark": "#ffffff",
        "Shadow": "#ffffff",
    },
    {"good": "#6ff2a5", "bad": "#ffaaa0", "warn": "#ffd166"},
)


def colours(dark: bool, contrast: bool) -> Colours:
    """The colours of a theme."""
    if contrast:
        return CONTRAST_DARK if dark else CONTRAST_LIGHT
    return DARK if dark else LIGHT
