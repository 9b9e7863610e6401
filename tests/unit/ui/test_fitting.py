from PySide6.QtWidgets import QPushButton, QVBoxLayout

from desktop_app.ui.dialogs.fitting import FittedDialog
from desktop_app.ui.views.labels import label

LONG = "a sentence of several words that is told in the dialog and takes more than one line of it. " * 3


def test_a_dialog_is_as_high_as_its_texts_and_grows_with_them(qtbot):
    dialog = FittedDialog()
    qtbot.addWidget(dialog)
    dialog.setMinimumWidth(400)
    layout = QVBoxLayout(dialog)
    first, second = label(LONG, wrap=True), label(wrap=True)
    for part in (first, second, QPushButton("OK")):
        layout.addWidget(part)
    dialog.show()
    before = layout.totalHeightForWidth(dialog.width())
    assert dialog.height() == before
    second.setText(LONG)
    qtbot.waitUntil(lambda: dialog.height() > before)
    assert dialog.height() == layout.totalHeightForWidth(dialog.width())
    assert first.height() >= first.heightForWidth(first.width())
