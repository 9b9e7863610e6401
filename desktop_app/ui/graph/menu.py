"""The menu of a box of the graph."""

from collections.abc import Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop_app.ui.graph.rows import name_of
from desktop_app.ui.graph.state import NONE, GraphState
from desktop_app.ui.text import tr


def add_entries(menu: QMenu, state: GraphState, number: int, commands: Sequence[QAction]) -> None:
    """Adds what can be done with a box: its groups opened and closed, and the commands on its layers.

    Args:
        menu: Gets the entries.
        state: Of the graph.
        number: Of a box or open group; `NONE` on the ground.
        commands: On layers.
    """
    group = state.group(number)
    if group is not None:
        text = tr("Close group") if number in state.open else tr("Open group")
        menu.addAction(text, lambda: state.toggle(number))
    around = state.tree.parent_of(number) if state.tree is not None and number != NONE else NONE
    if state.tree is not None and around not in (NONE, state.tree.root):
        name = name_of(state, around)
        menu.addAction(tr("Close {group}").format(group=name).replace("&", "&&"), lambda: state.toggle(around))
    if number != NONE and state.layers_in(number):
        menu.addSeparator()
        menu.addActions(list(commands))
    menu.addSeparator()
    menu.addAction(tr("Open all groups"), state.open_all)
    menu.addAction(tr("Close all groups"), state.close_all)
