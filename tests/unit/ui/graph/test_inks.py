"""What the graph says can be read, and in high contrast its boxes are seen, by the arithmetic of WCAG 2.2."""

import pytest
from PySide6.QtGui import QColor

from desktop_app.ui.graph.inks import inks
from desktop_app.ui.theme import paint
from tests.unit.ui.test_palettes import ratio

THEMES = [(False, False), (True, False), (False, True), (True, True)]


def weak(pairs: list[tuple[QColor, QColor]], least: float) -> list[tuple[str, str, float]]:
    found = [(one.name(), ground.name(), round(ratio(one.name(), ground.name()), 2)) for one, ground in pairs]
    return [one for one in found if one[2] < least]


@pytest.mark.parametrize(("dark", "contrast"), THEMES)
def test_what_boxes_and_badges_say_can_be_read(theme, qapp, dark, contrast):
    paint(qapp, dark, contrast)
    look = inks()
    assert weak(list(zip(look.on_ramp, look.ramp, strict=True)), 4.5) == []
    assert weak(list(zip(look.quiet_on_ramp, look.ramp, strict=True)), 4.5 if contrast else 3.0) == []
    badges = [(look.on_badge, look.asked), (look.on_edge, look.edge), (look.ground, look.warn)]
    assert weak([*badges, (look.text, look.ground), (look.quiet, look.ground)], 4.5) == []


@pytest.mark.parametrize("dark", [False, True])
def test_boxes_stand_out_in_high_contrast(theme, qapp, dark):
    paint(qapp, dark, contrast=True)
    look = inks()
    assert weak([(one, look.ground) for one in (look.edge, *look.edges, look.line)], 4.5) == []
