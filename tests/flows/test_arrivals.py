"""Files come to the window from outside: dropped together, one after the other, named on the command line."""

import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox, QPushButton

from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerSettings
from desktop_app.io.recipes import write_recipe
from desktop_app.ui.recent import recents
from desktop_app.ui.settings.rows import SECOND_MODEL
from desktop_app.ui.settings.store import settings
from tests.flows.clicks import OPEN_MS, click


def drop(target, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    none = Qt.KeyboardModifier.NoModifier
    target.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))


@pytest.fixture
def files(tmp_path):
    """Two models, a recipe for them, and data."""
    for name in ("one.onnx", "two.onnx"):
        shutil.copy(resource("sample/digits.onnx"), tmp_path / name)
    write_recipe(Recipe(defaults=LayerSettings(bits=8)), tmp_path / "small.yaml")
    return [tmp_path / "small.yaml", tmp_path / "one.onnx", resource("sample/digits"), tmp_path / "two.onnx"]


def test_models_with_a_recipe_and_data_find_their_places(window, qtbot, files):
    wanted = []
    window.another_wanted.connect(wanted.append)
    drop(window, *files)
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    assert window.document.summary.name == "one.onnx"
    assert window.document.recipe.defaults.bits == 8
    assert window.document.data.labelled
    assert wanted == [str(files[3])]
    assert recents().paths() == [str(files[1])]


def test_a_second_model_takes_the_place_of_the_first_if_the_user_says_so(window, qtbot, files):
    click(qtbot, window, QPushButton, "sampleButton")
    qtbot.waitUntil(lambda: window.document.data is not None, timeout=OPEN_MS)
    drop(window, files[3])
    box = window.findChild(QMessageBox, "placeQuestion")
    next(one for one in box.buttons() if one.text() == "In this window").click()
    qtbot.waitUntil(lambda: window.document.summary.name == "two.onnx", timeout=OPEN_MS)
    assert settings().read(SECOND_MODEL) == "ask"
    assert window.document.data is None
    assert window.document.recipe == Recipe()
    assert window.workspace.results.size_plot.series.points == ()


@pytest.mark.parametrize(("arguments", "sentence"), [(["nothing.onnx"], "no command and no file"), ([], "no display")])
def test_the_command_line_names_files_for_the_window(tmp_path, arguments, sentence):
    """What would open a window says so where there is no display; a file that is not there is told."""
    (tmp_path / "one.onnx").touch()
    (tmp_path / "r.yaml").touch()
    environment = {"PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-m", "desktop_app", "one.onnx", "r.yaml", *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
