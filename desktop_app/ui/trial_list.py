"""What the runs of a model and the candidates of a search share: a selection, and how they are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from desktop_app.core.report import Figures
from desktop_app.core.trial import Limits, Trial
from desktop_app.ui.plots.axes import BY_ID, Axis, usual


@dataclass(frozen=True)
class Picture:
    """How trials are looked at.

    Attributes:
        x: Id of the axis across; empty leaves it to what is known.
        y: Id of the axis upwards.
        limits: Which trials are feasible.
        only_feasible: Whether the others are hidden.
    """

    x: str = ""
    y: str = ""
    limits: Limits = field(default_factory=Limits)
    only_feasible: bool = False


class TrialList(QObject):
    """What the views of trials share. Values are replaced, never changed.

    Attributes:
        trials: The points of a trade-off.
        original: The model as it was opened; None before it was measured.
        selected: Ids of the selected trials, in the order in which they were selected.
        picture: How they are looked at.

    Signals:
        changed: A trial came, went, or is known otherwise.
        selection_changed: Others are selected.
        picture_changed: They are looked at in another way.
    """

    changed = Signal()
    selection_changed = Signal()
    picture_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trials: tuple[Trial, ...] = ()
        self.original: Figures | None = None
        self.selected: tuple[str, ...] = ()
        self.picture = Picture()

    def select(self, ids: Sequence[str]) -> None:
        """Selects trials, in the order given."""
        chosen = tuple(dict.fromkeys(ids))
        if chosen != self.selected:
            self.selected = chosen
            self.selection_changed.emit()

    def toggle(self, trial_id: str) -> None:
        """Selects one more trial; one that was selected is not any more."""
        if trial_id in self.selected:
            self.select([one for one in self.selected if one != trial_id])
        else:
            self.select([*self.selected, trial_id])

    def look(self, picture: Picture) -> None:
        """Looks at the trials in another way."""
        if picture != self.picture:
            self.picture = picture
            self.picture_changed.emit()

    def axes(self, original: Figures) -> tuple[Axis, Axis]:
        """What stands across and upwards: what was chosen, or what tells most."""
        x, y = usual(self.trials, original)
        return BY_ID.get(self.picture.x, x), BY_ID.get(self.picture.y, y)

    def _clear(self) -> None:
        """Forgets all trials; whoever calls it tells so."""
        self.trials, self.original, self.selected, self.picture = (), None, (), Picture()
