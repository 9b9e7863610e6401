"""The About box tells versions and terms of what comes along."""

from importlib.metadata import version

from PySide6.QtWidgets import QTableView

from desktop_app.ui.dialogs.about import AboutDialog


def test_versions_are_listed(qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    model = dialog.findChild(QTableView).model()
    rows = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}

    assert rows["onnxruntime"] == version("onnxruntime")
    assert rows["numpy"] == version("numpy")
