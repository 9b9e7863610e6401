"""What is drawn of a cell is told at once, and is what Qt would have asked for role by role."""

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.ui import operations
from desktop_app.ui.items.columns import COLUMNS
from desktop_app.ui.items.delegates import CellDelegate
from desktop_app.ui.items.tree_model import LayerTreeModel


def seen(delegate, index):
    option = QStyleOptionViewItem()
    delegate.initStyleOption(option, index)
    has_text = bool(option.features & QStyleOptionViewItem.ViewItemFeature.HasDisplay)
    icon = option.icon.pixmap(16).cacheKey() if not option.icon.isNull() else 0
    colour = option.palette.color(QPalette.ColorRole.Text).rgba()
    return (
        option.text if has_text else "",
        int(option.displayAlignment),
        option.font.weight(),
        colour,
        icon,
        option.decorationSize.toTuple() if icon else None,
    )


def every_index(model, parent=QModelIndex()):  # noqa: B008
    for row in range(model.rowCount(parent)):
        for column in range(len(COLUMNS)):
            yield model.index(row, column, parent)
        yield from every_index(model, model.index(row, 0, parent))


@pytest.mark.parametrize("heat", ["", "size"])
def test_a_cell_is_drawn_as_its_roles_say(document, profiled, heat):
    document.set_profile(profiled)
    operations.set_locked(document, ["/stem/conv"], True)
    operations.set_prune(document, ["/head/classifier"], 0.5)
    document.colour_by(heat)
    model = LayerTreeModel(document)
    indexes = list(every_index(model))
    assert len(indexes) > 5 * len(COLUMNS)
    at_once, by_roles = CellDelegate(), QStyledItemDelegate()
    for index in indexes:
        assert seen(at_once, index) == seen(by_roles, index), COLUMNS[index.column()].id
