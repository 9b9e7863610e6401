"""The keys of a method of the recipe as fields to edit, made from rows of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.text import Words, as_tooltip, tr
from desktop_app.ui.views.number_boxes import DecimalBox, IntBox

Editor = QSpinBox | QDoubleSpinBox | QCheckBox | QComboBox | QLineEdit


@dataclass(frozen=True)
class Field:
    """A key and how it is edited: whole numbers and others in a spin box, True and False as a tick, else a choice.

    Attributes:
        key: The recipe's name for it.
        title: What the user calls it.
        tip: What it does, a sentence.
        low: Least value.
        high: Greatest value.
        decimals: Digits after the point; 0 for whole numbers.
        nothing: What the user reads at the least value; see `none`.
        none: Whether the least value stands for null.
        choices: The words to choose from; empty for a number.
        titles: What the user reads for each of them; the words themselves where there are none.
        flag: Whether it is True or False.
        text: Whether it is a text, or null where nothing is written.
    """

    key: str
    title: Words
    tip: Words
    low: float = 0.0
    high: float = 1.0
    decimals: int = 0
    nothing: Words = ""
    none: bool = False
    choices: tuple[str, ...] = ()
    titles: tuple[Words, ...] = ()
    flag: bool = False
    text: bool = False


class MethodForm(QWidget):
    """A field for each row.

    Signals:
        edited: The user changed a field.
    """

    edited = Signal()

    def __init__(self, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = tuple(fields)
        self._editors: dict[str, Editor] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for field in self._fields:
            editor = self._editors[field.key] = _editor(field)
            editor.setObjectName(f"method_{field.key}")
            editor.setAccessibleName(tr(field.title))
            editor.setToolTip(as_tooltip(tr(field.tip)))
            if isinstance(editor, QCheckBox):
                editor.setText(tr(field.title))
                editor.toggled.connect(self.edited)
                form.addRow("", editor)
                continue
            _changed(editor).connect(self.edited)
            form.addRow(tr(field.title), editor)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Fills the fields without telling anybody."""
        blocked = self.blockSignals(True)
        for field in self._fields:
            _show(self._editors[field.key], field, values[field.key])
        self.blockSignals(blocked)

    def values(self) -> dict[str, Any]:
        """What stands in the fields, by key."""
        return {field.key: _value(self._editors[field.key], field) for field in self._fields}

    def switch(self, key: str, why_not: str) -> None:
        """Switches a field off, and says why; an empty reason switches it on."""
        editor = self._editors[key]
        tip = next(tr(field.tip) for field in self._fields if field.key == key)
        editor.setEnabled(not why_not)
        editor.setToolTip(as_tooltip(f"{tip}\n{why_not}" if why_not else tip))


def _changed(editor: QSpinBox | QDoubleSpinBox | QComboBox | QLineEdit) -> SignalInstance:
    if isinstance(editor, QLineEdit):
        return editor.textEdited
    return editor.activated if isinstance(editor, QComboBox) else editor.valueChanged


def _editor(field: Field) -> Editor:
    if field.text:
        line = QLineEdit()
        line.setPlaceholderText(tr(field.nothing))
        return line
    if field.flag:
        return QCheckBox()
    if field.choices:
        box = QComboBox()
        for place, word in enumerate(field.choices):
            box.addItem(tr(field.titles[place]) if field.titles else word, word)
        return box
    spin: QSpinBox | QDoubleSpinBox
    if field.decimals:
        spin = DecimalBox()
        spin.setDecimals(field.decimals)
        spin.setRange(field.low, field.high)
        spin.setSingleStep(10.0**-field.decimals if field.high <= 1 else 1.0)
    else:
        spin = IntBox()
        spin.setRange(round(field.low), round(field.high))
    if field.nothing:
        spin.setSpecialValueText(tr(field.nothing))
    spin.setKeyboardTracking(False)
    return spin


def _show(editor: Editor, field: Field, value: Any) -> None:
    match editor:
        case QCheckBox():
            editor.setChecked(bool(value))
        case QComboBox():
            editor.setCurrentIndex(editor.findData(str(value)))
        case QLineEdit():
            editor.setText(value or "")
        case QSpinBox():
            editor.setValue(round(field.low if value is None else value))
        case QDoubleSpinBox():
            editor.setValue(field.low if value is None else value)


def _value(editor: Editor, field: Field) -> Any:
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        return editor.currentData()
    if isinstance(editor, QLineEdit):
        return editor.text().strip() or None
    value = editor.value()
    return None if field.none and value == field.low else value


def grouped(title: str, *parts: QWidget) -> QGroupBox:
    """Fields under a title, and what is told of them, from top to bottom."""
    group = QGroupBox(title)
    layout = QVBoxLayout(group)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
    return group
