"""What the command palette offers, as values: commands, recent models, presets, layers; and which answer to a query."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from desktop_app.core.text import clean_name
from desktop_app.ui import operations
from desktop_app.ui.actions import Actions
from desktop_app.ui.document import Document
from desktop_app.ui.fuzzy import match
from desktop_app.ui.items.nodes import row_path
from desktop_app.ui.session import Session
from desktop_app.ui.text import tr

MOST = 60
"""So many are shown: who wants others types another letter."""
NAMED = 12.0
"""What it counts that the title alone answers, without the menu."""
LATER = 4.0
"""Layers are offered after commands that answer as well."""


@dataclass(frozen=True)
class Item:
    """A line of the palette.

    Attributes:
        title: What is searched and shown first.
        group: What kind of thing it is, or the menu that has it.
        act: Does it.
        keys: Its keys, as the system writes them.
        why_not: Why it cannot be done now, a sentence; empty where it can.
        handicap: What is taken off its score.
    """

    title: str
    group: str
    act: Callable[[], object]
    keys: str = ""
    why_not: str = ""
    handicap: float = 0.0


def chosen(items: Iterable[Item], query: str) -> list[Item]:
    """The items that answer to a query, the best first; all of them, in their order, for an empty one."""
    if not query.strip():
        return [item for item in items if not item.handicap][:MOST]
    scored = []
    for place, item in enumerate(items):
        found = match(query, item.title)
        score = found.score + NAMED if found else None
        if found is None and (found := match(query, f"{item.title} {item.group}")):
            score = found.score
        if score is not None:
            scored.append((score - item.handicap - 0.01 * len(item.title), -place, item))
    return [item for *_, item in heapq.nlargest(MOST, scored, key=lambda one: one[:2])]


def menu_items(menus: QMenuBar, actions: Actions) -> list[Item]:
    """Everything that the menus hold, submenus too, each with its keys and why it is off."""
    return [item for action in menus.actions() for item in _below(action, (), actions)]


def preset_items(session: Session) -> list[Item]:
    """The presets, which set all layers at once."""
    why_not = "" if session.document.summary else tr("Open a model first.")

    def apply(place: int) -> None:
        preset = session.presets.all[place]
        operations.apply_preset(session.document, preset.recipe, tr(preset.title))

    return [
        Item(tr(preset.title), tr("Preset"), partial(apply, place), "", why_not)
        for place, preset in enumerate(session.presets.all)
    ]


def layer_items(document: Document, then: Callable[[], object]) -> list[Item]:
    """The layers: choosing one selects it.

    Args:
        document: Has the layers.
        then: Is done once the layer is selected.
    """

    def go(name: str) -> None:
        document.selection.choose([row_path(document.layer(name))], [name])
        then()

    group = tr("Go to layer")
    return [Item(clean_name(layer.name), group, partial(go, layer.name), handicap=LATER) for layer in document.layers]


def _below(action: QAction, above: Sequence[str], actions: Actions) -> list[Item]:
    menu, text = action.menu(), plain(action.text())
    if isinstance(menu, QMenu):
        if not menu.isEnabled():
            return []
        menu.aboutToShow.emit()  # some are filled when they are opened
        return [item for one in menu.actions() for item in _below(one, (*above, plain(menu.title())), actions)]
    if action.isSeparator() or not text or not action.isVisible():
        return []
    off = actions.why_not(action.objectName()) or tr("It cannot be done now.")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    state = tr("on") if action.isCheckable() and action.isChecked() else ""
    group = " › ".join(above)
    return [
        Item(text, f"{group}: {state}" if state else group, action.trigger, keys, "" if action.isEnabled() else off)
    ]


def plain(text: str) -> str:
    """The text of an action without the marks of its menu."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
