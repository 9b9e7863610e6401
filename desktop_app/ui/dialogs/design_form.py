"""What is asked of a student that is to be designed, as fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import asdict, replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.budget import BudgetLimits
from desktop_app.core.design import Design
from desktop_app.jobs.conversions import MemberSized, SizeMember
from desktop_app.ui.designing.asked import Asked
from desktop_app.ui.designing.words import ABOUT_WAYS, WAYS
from desktop_app.ui.dialogs.convert import size_text
from desktop_app.ui.dialogs.limit_fields import LimitFields
from desktop_app.ui.dialogs.method_form import Field, MethodForm, grouped
from desktop_app.ui.dialogs.student import FIRST, family_box
from desktop_app.ui.text import Words, tell, tr
from desktop_app.ui.views.labels import label
from desktop_app.zoo.families import FAMILIES

LIMITS = ("speedup", "latency_ms")
USUAL = Design(FIRST, speedup=2.0)
MOST_STEPS, MOST_CANDIDATES, MOST_BATCH, MOST_SEED = 1_000_000, 100_000, 65_536, 1_000_000

MAIN = (
    Field("scaling", "Way", "How the student is found.", choices=tuple(WAYS), titles=tuple(WAYS.values())),
    Field(
        "steps",
        "Batches to teach on",
        "The student that was chosen is taught on so many; of a search, the best four "
        "are taught on up to a quarter of them before, and the one that learns best is chosen.",
        high=MOST_STEPS,
    ),
    Field("candidates", "Candidates", "The search judges so many.", 1, MOST_CANDIDATES),
    Field("labels", "Labels teach beside the model", "Where the data has labels.", flag=True),
)
"""What one is likely to change."""

DETAILS = (
    Field("supernet_steps", "Batches before the search", "All models of the family about the limit are taught together "
          "on so many.", -1, MOST_STEPS, nothing="as many", none=True),
    Field("batch", "Samples of a batch", "More are steadier, and need more memory.", 2, MOST_BATCH),
    Field("seed", "Seed", "Another number gives another student for the same.", high=MOST_SEED),
)  # fmt: skip
"""What one may leave alone."""

SEARCH_ONLY = ("candidates", "supernet_steps")
NO_DATA: Words = "Choose data first (Recipe menu): the model teaches on samples."
ABOUT: Words = (
    "Say how fast a model is to be: a model of another kind is found that is so fast on this machine, and {name} "
    "teaches it on your samples. This takes minutes to hours."
)


@dataclass(frozen=True)
class DesignFacts:
    """What is known of the model that teaches.

    Attributes:
        name: Of its file.
        snapshot: Its private copy.
        bytes: Its size.
        macs: Its multiply-accumulates.
        latency_ms: Milliseconds for a sample, where it is known.
        labels_why_not: Why labels cannot teach, a sentence; empty where they can.
        data: On what it teaches, a sentence; empty where there are no data.
    """

    name: str
    snapshot: str = ""
    bytes: int = 0
    macs: int = 0
    latency_ms: float | None = None
    labels_why_not: str = ""
    data: str = ""

    @property
    def now(self) -> Mapping[str, float]:
        """Limit to the figure of the model, where it is known."""
        return {"speedup": 1.0} | ({} if self.latency_ms is None else {"latency_ms": self.latency_ms})


class DesignForm(QWidget):
    """Edits a `Design`.

    Args:
        asked: What is shown first.
        facts: What is known of the model that teaches.

    Signals:
        edited: The user changed something.
        size_wanted: A `SizeMember`: it is to be told what the family's own model would cost.
    """

    edited = Signal()
    size_wanted = Signal(SizeMember)

    def __init__(self, asked: Asked, facts: DesignFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._family = family_box(families=[one for one in FAMILIES.values() if one.searched])
        self._published = label(quiet=True, wrap=True)
        self._published.setObjectName("designPublished")
        above = ((tr("Family"), self._family), ("", self._published))
        self._limits = LimitFields(facts.now, {}, names=LIMITS, above=above)
        self._main, self._details = MethodForm(MAIN), MethodForm(DETAILS)
        self._way = label(quiet=True, wrap=True)
        self._way.setObjectName("designWay")
        self._data = label(facts.data or tr(NO_DATA), quiet=bool(facts.data), wrap=True)
        self._data.setObjectName("designData")
        self._folder = QLineEdit(asked.folder)
        self._folder.setObjectName("designFolder")
        self._folder.setAccessibleName(tr("Folder for the student"))
        self._choose = QPushButton(tr("Choose…"))
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(self._choose_folder)
        self._lay_out()
        self._show(asked.design)
        self._family.activated.connect(self.look)
        for changed in (self._limits.edited, self._main.edited, self._details.edited, self._folder.textChanged):
            changed.connect(self._on_edited)

    def design(self) -> Design:
        """What stands in the fields."""
        limits = self._limits.limits()
        values = self._main.values() | self._details.values()
        values["labels"] = values["labels"] and not self._facts.labels_why_not
        return replace(
            USUAL,
            family=self._family.currentData(),
            latency_ms=limits.latency_ms,
            speedup=limits.speedup,
            **values,
        )

    def folder(self) -> str:
        """Where the student is to be left; empty where nothing is written."""
        written = self._folder.text().strip()
        return str(Path(written).expanduser().absolute()) if written else ""

    def why_not(self) -> str:
        """Why the design cannot begin, a sentence; empty where it can."""
        design = self.design()
        if not self._facts.data:
            return tr(NO_DATA)
        if design.speedup is None and design.latency_ms is None:
            return tr("Say how fast the student is to be: set a speed-up or a latency.")
        return "" if self.folder() else tr("Say where to write it.")

    def look(self) -> None:
        """Asks what the family's own model would cost."""
        self._published.setText(tr("Looking at the size …"))
        self.size_wanted.emit(SizeMember(self._family.currentData(), like=self._facts.snapshot))
        self.edited.emit()

    def show_size(self, sized: MemberSized) -> None:
        """Shows what the family's own model would cost, beside what the model does."""
        facts = self._facts
        lines = (
            tr("As published:  {figures}").format(figures=size_text(sized.bytes, sized.macs, sized.latency_ms)),
            f"{facts.name}:  {size_text(facts.bytes, facts.macs, facts.latency_ms)}",
        )
        self._published.setText("\n".join(lines))

    def show_failure(self, sentence: str) -> None:
        """Says why that cannot be told."""
        self._published.setText(tell(sentence))

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addWidget(grouped(tr("How it is found and taught"), self._main), 1)
        columns.addWidget(grouped(tr("In detail"), self._details), 1)
        place = QHBoxLayout()
        place.addWidget(self._folder, 1)
        place.addWidget(self._choose)
        below = QFormLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addRow(tr("Folder for the student"), place)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(label(tr(ABOUT).format(name=self._facts.name), wrap=True))
        layout.addWidget(self._limits)
        layout.addLayout(columns)
        layout.addWidget(self._way)
        layout.addWidget(self._data)
        layout.addLayout(below)

    def _show(self, design: Design) -> None:
        self._family.setCurrentIndex(max(self._family.findData(design.family), 0))
        self._limits.show_limits(BudgetLimits(speedup=design.speedup, latency_ms=design.latency_ms))
        self._main.show_values(asdict(design))
        self._details.show_values(asdict(design))
        self._main.switch("labels", self._facts.labels_why_not)
        self._switch()

    def _switch(self) -> None:
        """Switches what only a search needs, and says what the way is."""
        scaling = self._main.values()["scaling"]
        why_not = "" if scaling == "search" else tr("Only a search has candidates.")
        self._main.switch("candidates", why_not)
        self._details.switch("supernet_steps", why_not)
        self._way.setText(tr(ABOUT_WAYS[scaling]))

    def _on_edited(self) -> None:
        self._switch()
        self.edited.emit()

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the student"), str(Path(self.folder()).parent))
        if chosen:
            self._folder.setText(chosen)
