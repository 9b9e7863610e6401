"""A field for a number of things."""

from PySide6.QtWidgets import QWidget

from desktop_app.ui.text import Words, plural
from desktop_app.ui.views.number_boxes import IntBox


class CountBox(IntBox):
    """Says behind the number what is counted, one thing or several.

    Args:
        one: What stands behind 1, such as " sample".
        many: What stands behind the other numbers, such as " samples".
    """

    def __init__(self, one: Words, many: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one, self._many = one, many
        self.valueChanged.connect(self._follow)
        self._follow()

    def setValue(self, value: int) -> None:
        """Shows another number; also while nobody is to hear of it."""
        super().setValue(value)
        self._follow()

    def _follow(self) -> None:
        self.setSuffix(plural(self.value(), self._one, self._many))
