"""How a window stands, as plain values that two processes can compare."""

import json

import msgspec


def standing(window):
    """Model, recipe, every edit that can be undone or done again, and how the user has arranged the window."""
    document, tree = window.document, window.tree
    stack = document.undo_stack
    opened = [node.label for node in tree.model().root.children if tree.isExpanded(tree.model().index_of(node))]
    return {
        "model": document.summary.sha256,
        "recipe": json.loads(msgspec.json.encode(document.recipe)),
        "edits": [stack.text(place) for place in range(stack.count())],
        "index": stack.index(),
        "clean": stack.cleanIndex(),
        "size": [window.width(), window.height()],
        "place": [window.x(), window.y()],
        "splitter": window.workspace.splitter.sizes(),
        "tab": window.workspace.tabs.currentIndex(),
        "columns": [tree.isColumnHidden(place) for place in range(tree.model().columnCount())],
        "filter": window.workspace.tree_panel.filter_line.text(),
        "rows": opened,
        "selected": sorted(document.selection.layers),
    }
