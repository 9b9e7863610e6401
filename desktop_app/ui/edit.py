"""One edit of the recipe, on the undo stack."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from desktop_app.core.recipe import Recipe

MERGEABLE_ID = 1


class EditRecipe(QUndoCommand):
    """The recipe before and after. Edits with the same merge key, one after another, are one edit for the user."""

    def __init__(
        self, before: Recipe, after: Recipe, apply: Callable[[Recipe], None], text: str, merge: str = ""
    ) -> None:
        super().__init__(text)
        self.before = before
        self.after = after
        self._apply = apply
        self._merge = merge

    def redo(self) -> None:
        self._apply(self.after)

    def undo(self) -> None:
        self._apply(self.before)

    def id(self) -> int:
        return MERGEABLE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditRecipe) or other._merge != self._merge:
            return False
        self.after = other.after
        self.setObsolete(self.before == self.after)
        return True
