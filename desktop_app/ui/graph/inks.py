"""The colours and fonts of the graph, from the palette as it is now."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.ui.theme import is_contrast, is_dark, numbers_font, signal_colour, small_font

STEPS = 24
LIGHT_RAMP = ("#f1f4f9", "#fff0c9", "#fdc173", "#ee7f3f", "#c8432b")
DARK_RAMP = ("#2b323e", "#4b4434", "#7d5a2a", "#b76d26", "#ee8d3a")
CONTRAST_RAMPS = (
    ("#ffffff", "#ffe9a8", "#ffb347", "#d9601a", "#8c1d00"),
    ("#000000", "#4a3200", "#8a5200", "#d07a00", "#ffb000"),
)
FRAME_TINT = 10


@dataclass(frozen=True)
class Inks:
    """Everything that a painter of the graph dips into.

    Attributes:
        ground: Behind everything.
        box: Of a box without a figure.
        ramp: `STEPS` colours from the weakest to the strongest.
        on_ramp: Text on each of them.
        quiet_on_ramp: Less important text on each of them.
        edge: Border of a box, and ground of the badge of what is locked.
        on_edge: Text on that.
        edges: Border of a box on each colour of the ramp: a shade of that, where high contrast is not asked for.
        line: Between boxes.
        text: On the ground.
        quiet: Less important text on the ground.
        accent: What is selected.
        halo: Around what is selected.
        frames: Grounds of open groups, by depth.
        warn: Ground of the badge of what is refused.
        asked: Ground of the badge of what is asked.
        on_badge: Text on badges.
        title: Font of titles.
        plain: Font of names.
        small: Font of the second line and of badges.
    """

    ground: QColor
    box: QColor
    ramp: tuple[QColor, ...]
    on_ramp: tuple[QColor, ...]
    quiet_on_ramp: tuple[QColor, ...]
    edge: QColor
    on_edge: QColor
    edges: tuple[QColor, ...]
    line: QColor
    text: QColor
    quiet: QColor
    accent: QColor
    halo: QColor
    frames: tuple[QColor, ...]
    warn: QColor
    asked: QColor
    on_badge: QColor
    title: QFont
    plain: QFont
    small: QFont

    def step(self, level: float) -> int:
        """The place in the ramp of a level in [0, 1]."""
        return min(int(level * STEPS), STEPS - 1)


def inks() -> Inks:
    """The colours and fonts of now."""
    palette, dark, contrast = QApplication.palette(), is_dark(), is_contrast()
    role = palette.color
    stops = CONTRAST_RAMPS[dark] if contrast else (DARK_RAMP if dark else LIGHT_RAMP)
    ramp = tuple(_between([QColor(stop) for stop in stops], step / (STEPS - 1)) for step in range(STEPS))
    text, base = role(QPalette.ColorRole.Text), role(QPalette.ColorRole.Base)
    on_ramp, fade = tuple(_readable(colour) for colour in ramp), 0.0 if contrast else 0.28
    edge = QColor("#525c6d") if dark else role(QPalette.ColorRole.Dark)
    if contrast:
        edge = role(QPalette.ColorRole.Mid)
    accent = role(QPalette.ColorRole.Accent)
    halo = QColor(accent)
    halo.setAlpha(70)
    plain = numbers_font(QApplication.font())
    title = QFont(plain)
    title.setWeight(QFont.Weight.DemiBold)
    return Inks(
        ground=base,
        box=role(QPalette.ColorRole.Button) if dark else QColor("#ffffff"),
        ramp=ramp,
        on_ramp=on_ramp,
        quiet_on_ramp=tuple(_mixed(ink, colour, fade) for ink, colour in zip(on_ramp, ramp, strict=True)),
        edge=edge,
        on_edge=_readable(edge),
        edges=tuple(edge if contrast else _mixed(colour, QColor("#ffffff") if dark else text, 0.28) for colour in ramp),
        line=_mixed(role(QPalette.ColorRole.PlaceholderText), base, 0.25),
        text=text,
        quiet=role(QPalette.ColorRole.PlaceholderText),
        accent=role(QPalette.ColorRole.Link) if dark else accent,
        halo=halo,
        frames=tuple(_mixed(base, text, 0.022 * depth + 0.018) for depth in range(FRAME_TINT)),
        warn=QColor(signal_colour("warn")),
        asked=accent,
        on_badge=role(QPalette.ColorRole.BrightText),
        title=title,
        plain=plain,
        small=small_font(plain),
    )


def height_of(font: QFont) -> float:
    """Height of a line of text."""
    return QFontMetricsF(font).height()


def _between(stops: list[QColor], at: float) -> QColor:
    place = at * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    return _mixed(stops[first], stops[first + 1], place - first)


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def _readable(ground: QColor) -> QColor:
    """Dark or light text, whichever can be read better."""
    light = 0.2126 * _linear(ground.redF()) + 0.7152 * _linear(ground.greenF()) + 0.0722 * _linear(ground.blueF())
    return QColor("#000000" if light > 0.179 else "#ffffff")  # paler ones are too weak on the middle of a ramp


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
