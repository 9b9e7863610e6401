"""Fields for the limits of a budget: a row for each, with what the model has now beside it."""

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QWidget

from desktop_app.core.budget import BudgetLimits
from desktop_app.ui.dialogs.untouched import untouched
from desktop_app.ui.searching.limits import BOUNDS, Bound
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox

INTEGERS = ("bytes", "macs", "peak_memory")
LIMITS = tuple(bound.name for bound in BOUNDS)


class LimitFields(QWidget):
    """Edits a `BudgetLimits`.

    Args:
        now: Limit to the figure of the model as it is, where it is known.
        why_not: Limit to why it cannot be set, a sentence.
        names: The limits that there are.
        above: Titles and widgets of rows that stand above them, in the same columns.

    Signals:
        edited: The user changed a limit.
    """

    edited = Signal()

    def __init__(
        self,
        now: Mapping[str, float],
        why_not: Mapping[str, str],
        parent: QWidget | None = None,
        names: Collection[str] = LIMITS,
        above: Sequence[tuple[str, QWidget]] = (),
    ) -> None:
        super().__init__(parent)
        self._why_not = why_not
        self._given = self._shown = BudgetLimits()
        self._bounds = [bound for bound in BOUNDS if bound.name in names]
        self._boxes: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(2, 1)
        for row, (told, widget) in enumerate(above):
            grid.addWidget(label(told), row, 0)
            grid.addWidget(widget, row, 1, 1, 2)
        for row, bound in enumerate(self._bounds, start=len(above)):
            box = self._boxes[bound.name] = _box(bound, why_not.get(bound.name, ""))
            box.valueChanged.connect(self.edited)
            title = label(tr(bound.title))
            title.setBuddy(box)
            grid.addWidget(title, row, 0)
            grid.addWidget(box, row, 1)
            told = why_not.get(bound.name, "")
            if not told and bound.name in now:
                told = tr("now {value}").format(value=bound.text(now[bound.name]))
            grid.addWidget(label(told, quiet=True, wrap=bool(why_not.get(bound.name))), row, 2)

    def limits(self) -> BudgetLimits:
        """What stands in the fields; those that are off limit nothing."""
        return without_those(self.asked(), self._why_not)

    def asked(self) -> BudgetLimits:
        """What stands in the fields, those that are off included; what nobody has changed, as it was given."""
        return untouched(self._given, self._shown, self._read())

    def show_limits(self, limits: BudgetLimits) -> None:
        """Fills the fields without telling anybody; limits that have no field here are left out."""
        blocked = self.blockSignals(True)
        for bound in self._bounds:
            value, box = getattr(limits, bound.name), self._boxes[bound.name]
            box.setValue(box.minimum() if value is None else max(value / bound.scale, bound.least))
        self.blockSignals(blocked)
        fields = {bound.name: getattr(limits, bound.name) for bound in self._bounds}
        self._given, self._shown = BudgetLimits(**fields), self._read()

    def _read(self) -> BudgetLimits:
        found = {bound.name: self._value(bound) for bound in self._bounds}
        return BudgetLimits(**found)  # type: ignore[arg-type]

    def _value(self, bound: Bound) -> float | int | None:
        box = self._boxes[bound.name]
        if box.value() < bound.least - box.singleStep() * 1e-6:
            return None
        value = round(box.value(), bound.decimals) * bound.scale
        return round(value) if bound.name in INTEGERS else round(value, 9)


def _box(bound: Bound, why_not: str) -> QDoubleSpinBox:
    """A box whose least value stands for no limit."""
    box = DecimalBox()
    box.setObjectName(f"limit_{bound.name}")
    box.setAccessibleName(tr(bound.title))
    box.setDecimals(bound.decimals)
    step = 10.0**-bound.decimals
    box.setRange(bound.least - step, bound.most)
    box.setSingleStep(step * 10 if bound.decimals > 1 else 0.5)
    box.setPrefix(tr(bound.before))
    box.setSuffix(tr(bound.unit))
    box.setSpecialValueText(tr(bound.free))
    box.setValue(box.minimum())
    box.setEnabled(not why_not)
    box.setToolTip(as_tooltip("\n".join(line for line in (tr(bound.tip), why_not) if line)))
    return box


def without_those(limits: BudgetLimits, off: Mapping[str, str]) -> BudgetLimits:
    """Limits without those that cannot be set here."""
    return replace(limits, **{name: None for name, reason in off.items() if reason})
