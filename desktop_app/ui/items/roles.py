"""What a cell of the tree answers to each of Qt's roles."""

from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.core.language import current
from desktop_app.core.text import clean_name
from desktop_app.ui.document import Document
from desktop_app.ui.icons import icon
from desktop_app.ui.items.cells import Cell
from desktop_app.ui.items.columns import Column
from desktop_app.ui.items.nodes import Node
from desktop_app.ui.text import as_tooltip, tell, tr

CELL_ROLE = Qt.ItemDataRole.UserRole
"""The `Cell` of a knob."""

BAR_ROLE = Qt.ItemDataRole.UserRole + 1
"""A share in [0, 1] drawn behind the number."""

HEAT_ROLE = Qt.ItemDataRole.UserRole + 2
"""How hot a row is, in [0, 1]: the colour behind its figure."""

NAMED_PARTNERS = 4

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
"""Made once: they are asked for with every cell that is drawn."""


class Drawn(NamedTuple):
    """All that is drawn of a cell.

    Attributes:
        text: What it says.
        alignment: On which side.
        icon: What stands before the text.
        font: Where it is another than the view's.
        quiet: Whether it is drawn faintly.
    """

    text: str
    alignment: Qt.AlignmentFlag
    icon: QIcon | None = None
    font: QFont | None = None
    quiet: bool = False


def drawn_of(document: Document, node: Node, column: Column, cell: Cell | None) -> Drawn:
    """All that is drawn of a cell; the same as `role_data` answers to the roles one by one."""
    return Drawn(
        cell.text if cell else column.text(document, node),
        RIGHT if column.numeric else LEFT,
        _decoration(document, node, column),
        _bold() if node.layer is None and column.id == "layer" else None,
        _is_quiet(document, node, cell),
    )


def role_data(document: Document, node: Node, column: Column, cell: Cell | None, role: int) -> Any:
    """The answer of one cell to one role; None where it has none."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return cell.text if cell else column.text(document, node)
        case Qt.ItemDataRole.EditRole:
            return cell.value if cell else column.text(document, node)
        case Qt.ItemDataRole.ToolTipRole:
            return as_tooltip(_tooltip(document, node, column, cell))
        case Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.numeric else LEFT
        case Qt.ItemDataRole.DecorationRole:
            return _decoration(document, node, column)
        case Qt.ItemDataRole.ForegroundRole:
            quiet = _is_quiet(document, node, cell)
            return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText) if quiet else None
        case Qt.ItemDataRole.FontRole:
            return _bold() if node.layer is None and column.id == "layer" else None
        case Qt.ItemDataRole.AccessibleTextRole:
            return _accessible(document, node, column, cell)
    return None


def coupled_text(document: Document, node: Node) -> str:
    """Which layers are cut together with a row's; empty where none are."""
    if node.layer is None or document.coupling is None:
        return ""
    partners = document.coupling.partners(node.layer.name)
    if not partners:
        return ""
    names = ", ".join(clean_name(name) for name in partners[:NAMED_PARTNERS])
    more = (
        tr(" and {count} more").format(count=len(partners) - NAMED_PARTNERS) if len(partners) > NAMED_PARTNERS else ""
    )
    return tr("Cut together with {names}{more}.").format(names=names, more=more)


def _tooltip(document: Document, node: Node, column: Column, cell: Cell | None) -> str:
    parts = [cell.problem, cell.unavailable] if cell else []
    if column.id in ("layer", "prune"):
        parts.append(coupled_text(document, node))
    if column.id == "layer":
        parts.insert(0, clean_name(node.layer.name if node.layer else "/".join(node.path)))
    if column.id == "time" and document.profile is None:
        parts.append(tr("The time of the layers is not measured yet."))
    return "\n".join(part for part in parts if part)


def _decoration(document: Document, node: Node, column: Column) -> QIcon | None:
    if column.id == "lock" and _locked(document, node):
        return icon("lock")
    if column.id == "prune" and _coupled(document, node):
        return icon("link")
    return None


def _coupled(document: Document, node: Node) -> bool:
    coupling = document.coupling
    return node.layer is not None and coupling is not None and bool(coupling.partners(node.layer.name))


def _accessible(document: Document, node: Node, column: Column, cell: Cell | None) -> str:
    if column.id == "lock":
        return tr("locked") if _locked(document, node) else tr("not locked")
    text = cell.text if cell else column.text(document, node)
    told = current().stop.join(tell(part) for part in (cell.problem, cell.unavailable) if part) if cell else ""
    return f"{tr(column.title)}: {text} {told}".strip()


def _is_quiet(document: Document, node: Node, cell: Cell | None) -> bool:
    return _locked(document, node) or (cell is not None and cell.unavailable != "" and not cell.problem)


def _locked(document: Document, node: Node) -> bool:
    return all(document.settings(layer).locked for layer in node.layers)


def _bold() -> QFont:
    font = QFont(QApplication.font())
    font.setWeight(QFont.Weight.DemiBold)
    return font
