"""What the trade-off is looked at by: two axes, and the limits that a run should keep."""

from collections.abc import Callable
from dataclasses import replace as changed

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from desktop_app.core.trial import Limits
from desktop_app.ui.plots.axes import AXES, Axis, axis_title, known
from desktop_app.ui.text import as_tooltip, tr
from desktop_app.ui.trial_list import TrialList
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox


class AxesRow(QWidget):
    """Two choices: what stands across, and what upwards; `name` begins their object names."""

    def __init__(self, trials: TrialList, name: str = "") -> None:
        super().__init__()
        self._list = trials
        self._x, self._y = (
            self._choice(f"{name}acrossChoice", tr("Across")),
            self._choice(f"{name}upwardsChoice", tr("Upwards")),
        )
        self._x.activated.connect(self._on_x)
        self._y.activated.connect(self._on_y)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for title, choice in ((tr("Across"), self._x), (tr("Upwards"), self._y)):
            layout.addWidget(label(title, quiet=True))
            layout.addWidget(choice)
            layout.addSpacing(8)
        layout.addStretch(1)

    def show_axes(self, x: Axis, y: Axis) -> None:
        """Shows which axes are drawn; those that no trial has a figure of cannot be chosen, once there are any."""
        original = self._list.original
        there = (known(self._list.trials, original) if original is not None else ()) or AXES
        for choice, axis in ((self._x, x), (self._y, y)):
            names = [one.id for one in there]
            if [choice.itemData(place) for place in range(choice.count())] != names:
                choice.clear()
                for one in there:
                    choice.addItem(axis_title(one), one.id)
            choice.setCurrentIndex(choice.findData(axis.id))

    def _choice(self, name: str, title: str) -> QComboBox:
        made = QComboBox()
        made.setObjectName(name)
        made.setAccessibleName(title)
        made.addItems([axis_title(axis) for axis in AXES])  # so that it is wide enough for all of them
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow)
        return made

    def _on_x(self) -> None:
        self._list.look(changed(self._list.picture, x=self._x.currentData()))

    def _on_y(self) -> None:
        self._list.look(changed(self._list.picture, y=self._y.currentData()))


class LimitsRow(QWidget):
    """The limits of what is feasible, and whether only that is shown."""

    def __init__(self, runs: TrialList) -> None:
        super().__init__()
        self._runs = runs
        self._only = QCheckBox(tr("Feasible only"))
        self._only.setObjectName("onlyFeasible")
        self._only.setToolTip(as_tooltip(tr("Hide the runs that do not keep the limits beside")))
        self._bytes = _limit("mostSize", tr("Size at most"), tr("any size"), tr("≤ "), tr(" MB"), 3, 1e6)
        self._speedup = _limit("leastSpeedup", tr("Speed-up at least"), tr("any speed"), tr("≥ "), tr("×"), 2, 1000)
        self._lost = _limit("mostLost", tr("Points lost at most"), tr("any loss"), tr("≤ "), tr(" points"), 1, 100)
        self._lost.setToolTip(as_tooltip(tr("Points of accuracy lost; without labels, of answers that differ")))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._only, self._bytes, self._speedup, self._lost):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._only.toggled.connect(self._look)
        for box in (self._bytes, self._speedup, self._lost):
            box.valueChanged.connect(self._look)
        runs.picture_changed.connect(self._show)
        self._show()

    def _look(self) -> None:
        size = _value(self._bytes)
        limits = Limits(None if size is None else size * 1e6, _value(self._speedup), _value(self._lost))
        self._runs.look(changed(self._runs.picture, limits=limits, only_feasible=self._only.isChecked()))

    def _show(self) -> None:
        look = self._runs.picture
        size = look.limits.most_bytes
        _quietly(self._only, lambda: self._only.setChecked(look.only_feasible))
        for box, value in (
            (self._bytes, None if size is None else size / 1e6),
            (self._speedup, look.limits.least_speedup),
            (self._lost, look.limits.most_lost),
        ):
            shown = box.minimum() if value is None else value
            if box.value() != shown:
                _quietly(box, lambda box=box, shown=shown: box.setValue(shown))  # type: ignore[misc]


def _limit(name: str, title: str, free: str, before: str, unit: str, decimals: int, most: float) -> QDoubleSpinBox:
    """A box for a limit; below the least figure there is none."""
    box = DecimalBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setDecimals(decimals)
    step = 10.0**-decimals
    box.setRange(-step, most)
    box.setSingleStep(step * 10 if decimals > 1 else 0.5)
    box.setPrefix(before)
    box.setSuffix(unit)
    box.setSpecialValueText(free)
    box.setKeyboardTracking(False)
    box.setToolTip(as_tooltip(title))
    return box


def _value(box: QDoubleSpinBox) -> float | None:
    return None if box.value() < 0 else box.value()


def _quietly(widget: QWidget, change: Callable[[], object]) -> None:
    blocked = widget.blockSignals(True)
    change()
    widget.blockSignals(blocked)
