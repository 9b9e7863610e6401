"""Text can be read on every ground it stands on, by the arithmetic of WCAG 2.2."""

import pytest
from PySide6.QtGui import QColor

from desktop_app.ui.palettes import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT

TEXT_ON = [
    ("WindowText", "Window"),
    ("Text", "Base"),
    ("Text", "AlternateBase"),
    ("Text", "Midlight"),
    ("PlaceholderText", "Base"),
    ("PlaceholderText", "Window"),
    ("PlaceholderText", "AlternateBase"),
    ("ButtonText", "Button"),
    ("ButtonText", "Midlight"),
    ("ToolTipText", "ToolTipBase"),
    ("HighlightedText", "Highlight"),
    ("BrightText", "Accent"),
    ("Link", "Base"),
]
EDGES_ON = [("Mid", "Base"), ("Mid", "Window"), ("Accent", "Base"), ("Accent", "Window")]


def luminance(colour):
    parts = QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def ratio(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "least"), [(LIGHT, 4.5), (DARK, 4.5), (CONTRAST_LIGHT, 7.0), (CONTRAST_DARK, 7.0)])
def test_text_stands_out(theme, least):
    weak = {pair: ratio(theme.roles[pair[0]], theme.roles[pair[1]]) for pair in TEXT_ON}
    weak |= {name: ratio(colour, theme.roles["Base"]) for name, colour in theme.signals.items()}
    assert not {key: round(value, 2) for key, value in weak.items() if value < least}


@pytest.mark.parametrize("theme", [CONTRAST_LIGHT, CONTRAST_DARK])
def test_borders_and_what_has_the_keyboard_stand_out_in_high_contrast(theme):
    assert all(ratio(theme.roles[one], theme.roles[ground]) >= 4.5 for one, ground in EDGES_ON)


def test_every_theme_says_the_same_roles():
    assert LIGHT.roles.keys() == DARK.roles.keys() == CONTRAST_LIGHT.roles.keys() == CONTRAST_DARK.roles.keys()
