"""The dialog in which a user says what he needs: limits, what may be changed for them, and how long is searched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.budget import Budget, set_limits
from desktop_app.core.settings import KNOBS, Knob
from desktop_app.jobs.searches import SearchSized
from desktop_app.ui.dialogs.buttons import verb_or_cancel
from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.dialogs.limit_fields import LimitFields
from desktop_app.ui.dialogs.untouched import untouched
from desktop_app.ui.searching.strategies import NAMES, TIPS, TITLES
from desktop_app.ui.searching.words import space_words
from desktop_app.ui.text import Words, as_tooltip, plural, tell, tr
from desktop_app.ui.views.count_box import CountBox
from desktop_app.ui.views.facts import KNOB_TITLES
from desktop_app.ui.views.labels import label
from desktop_app.ui.views.number_boxes import DecimalBox, IntBox

SIZE_AFTER_MS = 400
"""The worker is asked when the user has paused."""

MOST_MINUTES, MOST_TRIALS, MOST_FINALISTS, MOST_STEPS, MOST_SEED = 43_200, 100_000, 64, 1_000_000, 1_000_000
MINUTE_DECIMALS = 1
LEAST_MINUTES = 10.0**-MINUTE_DECIMALS
"""Shorter times are shown as this: 0 stands for any time."""

WIDTH = 520
TIP_ROLE = Qt.ItemDataRole.ToolTipRole


@dataclass(frozen=True)
class SearchFacts:
    """What the dialog must know.

    Attributes:
        now: Limit to the figure of the model as it is, where it is known.
        why_not: Limit to why it cannot be set, a sentence.
        no_torch: Why finalists cannot be trained; empty where they can.
        data: On what candidates are judged, a sentence.
    """

    now: Mapping[str, float] = field(default_factory=dict)
    why_not: Mapping[str, str] = field(default_factory=dict)
    no_torch: str = ""
    data: str = ""


class SearchDialog(FittedDialog):
    """Edits a `Budget`, and tells what there is to choose.

    Signals:
        size_wanted: The budget whose candidates are to be counted.
        search_wanted: The budget to search for.
        open_wanted: A budget file is to be opened.
        save_wanted: The budget that is to be written to a file.
    """

    size_wanted = Signal(Budget)
    search_wanted = Signal(Budget)
    open_wanted = Signal()
    save_wanted = Signal(Budget)

    def __init__(self, budget: Budget, facts: SearchFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchDialog")
        self.setWindowTitle(tr("Search"))
        self._given = self._shown = budget
        self._facts = facts
        self._limits = LimitFields(facts.now, facts.why_not)
        self._free: dict[Knob, QCheckBox] = {knob: self._knob(knob) for knob in KNOBS}
        self._minutes = self._minutes_box()
        self._trials = _count_box("searchTrials", tr("Candidates at most"), " candidate", " candidates", 0, MOST_TRIALS)
        self._trials.setSpecialValueText(tr("no limit"))
        self._trials.setToolTip(as_tooltip(tr("Judge so many at most")))
        self._strategy = self._strategies()
        self._finalists = _count_box("searchFinalists", tr("Measured whole"), " candidate", " candidates", 1,
                                 MOST_FINALISTS)  # fmt: skip
        tip = tr("So many of the best are carried out whole in the end, and measured on samples that the search has "
                 "not seen: what the budget says is decided by these figures alone.")  # fmt: skip
        self._finalists.setToolTip(as_tooltip(tip))
        self._recover = _count_box("searchRecover", tr("Train each of them"), " batch", " batches", 0, MOST_STEPS)
        self._recover.setSpecialValueText(tr("not"))
        self._recover.setSingleStep(100)
        self._recover.setEnabled(not facts.no_torch)
        tip = tr("The best are trained back on so many batches before they are measured.")
        self._recover.setToolTip(as_tooltip("\n".join(one for one in (tip, tell(facts.no_torch)) if one)))
        self._seed = IntBox()
        self._seed.setObjectName("searchSeed")
        self._seed.setAccessibleName(tr("Seed"))
        self._seed.setRange(0, MOST_SEED)
        self._seed.setToolTip(as_tooltip(tr("Another number begins another search for the same")))
        self._space, self._known = label(wrap=True), label(wrap=True)
        self._space.setObjectName("searchSpace")
        self._known.setObjectName("searchKnown")
        role = QDialogButtonBox.ButtonRole.AcceptRole
        self._buttons, self._start = verb_or_cancel(self, tr("Search"), "startSearch", role)
        self._buttons.accepted.connect(self.accept)
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(SIZE_AFTER_MS)
        self._ask.timeout.connect(self.look)
        self._lay_out()
        self.show_budget(budget)
        self._connect()

    def budget(self) -> Budget:
        """What is to be searched for: what stands in the fields, without what cannot be asked for here."""
        asked = self.asked()
        recover = asked.recover if self._recover.isEnabled() else 0
        return replace(asked, limits=self._limits.limits(), recover=recover)

    def asked(self) -> Budget:
        """What stands in the fields, those that are off included; what nobody has changed, as it was given."""
        return untouched(self._given, self._shown, self._read())

    def _read(self) -> Budget:
        minutes = self._minutes.value()
        return replace(
            self._given,
            limits=self._limits.asked(),
            free=tuple(knob for knob, box in self._free.items() if box.isChecked()),
            time=60.0 * minutes if minutes > 0 else None,
            trials=self._trials.value() or None,
            strategy=self._strategy.currentData(),
            finalists=self._finalists.value(),
            recover=self._recover.value(),
            seed=self._seed.value(),
        )

    def show_budget(self, budget: Budget) -> None:
        """Fills the fields."""
        self._limits.show_limits(budget.limits)
        for knob, box in self._free.items():
            box.setChecked(knob in budget.free)
        self._minutes.setValue(0.0 if budget.time is None else max(budget.time / 60.0, LEAST_MINUTES))
        self._trials.setValue(budget.trials or 0)
        self._strategy.setCurrentIndex(max(self._strategy.findData(budget.strategy), 0))
        self._finalists.setValue(budget.finalists)
        self._recover.setValue(min(budget.recover, MOST_STEPS))
        self._seed.setValue(min(budget.seed, MOST_SEED))  # Qt takes no 64 bits
        self._given = budget
        self._shown = self._read()
        self._on_edited()

    def look(self) -> None:
        """Has the candidates counted."""
        self._ask.stop()
        if self.budget().free:
            self.size_wanted.emit(self.budget())

    def show_size(self, sized: SearchSized) -> None:
        """Tells what there is to choose, and whether a search goes on."""
        self._space.setText(space_words(sized.choices, sized.exponent))
        told = plural(
            sized.judged,
            "An earlier search for this has judged one candidate: it is gone on with. Another seed begins anew.",
            "An earlier search for this has judged {count} candidates: it is gone on with. Another seed begins anew.",
        )
        self._known.setText(told if sized.judged else "")
        self._known.setVisible(bool(sized.judged))
        self._start.setText(tr("Go on") if sized.judged else tr("Search"))
        self._switch("" if sized.choices else self._space.text())

    def show_failure(self, sentence: str) -> None:
        """Tells why the candidates could not be counted."""
        self._space.setText(tell(sentence))

    def accept(self) -> None:
        """Begins the search."""
        self.search_wanted.emit(self.budget())
        super().accept()

    def why_not(self) -> str:
        """Why the search cannot begin, a sentence; empty where it can."""
        budget = self.budget()
        if not set_limits(budget.limits):
            off = [self._facts.why_not[name] for name in set_limits(self._limits.asked())]
            return off[0] if off else tr("Say what you need: set at least one limit.")
        if not budget.free:
            return tr("Choose at least one setting that may change.")
        if budget.time is None and budget.trials is None:
            return tr("A search must end: set a time or a number of candidates.")
        return ""

    def _connect(self) -> None:
        self._limits.edited.connect(self._on_edited)
        for box in self._free.values():
            box.toggled.connect(self._on_edited)
        for spin in (self._trials, self._finalists, self._recover, self._seed):
            spin.valueChanged.connect(self._on_edited)
        self._minutes.valueChanged.connect(self._on_edited)
        self._strategy.currentIndexChanged.connect(self._on_edited)

    def _on_edited(self) -> None:
        self._strategy.setToolTip(self._strategy.itemData(self._strategy.currentIndex(), TIP_ROLE))
        self._switch("")
        self._start.setText(tr("Search"))
        self._known.hide()
        self._ask.start()

    def _switch(self, reason: str) -> None:
        why_not = self.why_not() or reason
        self._start.setEnabled(not why_not)
        self._start.setToolTip(as_tooltip(why_not))

    def _lay_out(self) -> None:
        intro = tr("Say what you need of the model: the settings of its layers are found. Watch the candidates come, "
                   "stop when one is good enough, and take its recipe.")  # fmt: skip
        knobs = QHBoxLayout()
        for box in self._free.values():
            knobs.addWidget(box)
        knobs.addStretch(1)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(tr("May change"), knobs)
        for title, widgets in (
            (tr("Search for at most"), (self._minutes, self._trials)),
            (tr("Strategy"), (self._strategy,)),
            (tr("Measure whole"), (self._finalists, label(tr("training each")), self._recover)),
            (tr("Seed"), (self._seed,)),
        ):
            row = QHBoxLayout()
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            form.addRow(title, row)
        files = QHBoxLayout()
        files.addWidget(_button("openBudget", tr("Open budget…"), self.open_wanted.emit))
        files.addWidget(_button("saveBudget", tr("Save budget…"), lambda: self.save_wanted.emit(self.asked())))
        files.addStretch(1)
        files.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(label(intro, wrap=True))
        layout.addWidget(self._limits)
        layout.addLayout(form)
        layout.addWidget(label(self._facts.data, quiet=True, wrap=True))
        layout.addWidget(self._space)
        layout.addWidget(self._known)
        layout.addStretch(1)
        layout.addLayout(files)
        self.setMinimumWidth(WIDTH)

    def _knob(self, knob: Knob) -> QCheckBox:
        box = QCheckBox(tr(KNOB_TITLES[knob]))
        box.setObjectName(f"search_{knob}")
        return box

    def _minutes_box(self) -> DecimalBox:
        box = DecimalBox()
        box.setObjectName("searchMinutes")
        box.setAccessibleName(tr("Time at most"))
        box.setDecimals(MINUTE_DECIMALS)
        box.setRange(0.0, MOST_MINUTES)
        box.setSuffix(tr(" min"))
        box.setSpecialValueText(tr("any time"))
        box.setToolTip(as_tooltip(tr("Then the best are measured whole, which takes some time more")))
        return box

    def _strategies(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("searchStrategy")
        box.setAccessibleName(tr("Strategy"))
        for name in NAMES:
            box.addItem(tr(TITLES[name]) if name in TITLES else name, name)
            box.setItemData(box.count() - 1, as_tooltip(tr(TIPS[name]) if name in TIPS else name), TIP_ROLE)
        return box


def _count_box(name: str, title: str, one: Words, many: Words, low: int, high: int) -> CountBox:
    box = CountBox(one, many)
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setRange(low, high)
    box.setKeyboardTracking(False)
    return box


def _button(name: str, text: str, does: Callable[[], object]) -> QPushButton:
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAutoDefault(False)
    made.clicked.connect(does)
    return made
