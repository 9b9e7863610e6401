import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.io.recipes import write_recipe
from desktop_app.jobs.messages import Opened
from desktop_app.ui.recent import recent_models, remember_model
from desktop_app.ui.views.start import StartPage


@pytest.fixture
def page(qtbot, settings_folder) -> StartPage:
    made = StartPage()
    qtbot.addWidget(made)
    made.show()
    return made


def test_recent_models_are_listed_newest_first_without_those_that_are_gone(page, qtbot, tmp_path):
    paths = [tmp_path / name for name in ("a.onnx", "b&b.onnx", "gone.onnx")]
    for path in paths:
        path.write_bytes(b"")
        remember_model(str(path))
    remember_model(str(paths[0]))
    paths[2].unlink()
    assert recent_models() == [str(paths[0]), str(paths[1])]

    page.refresh()
    with qtbot.waitSignal(page.model_chosen) as chosen:
        page.findChild(QPushButton, "recent2").click()
    assert chosen.args == [str(paths[1])]


def test_a_dropped_file_is_opened(page, qtbot):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/net.onnx"), QUrl.fromLocalFile("/models/net.onnx")])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(page.model_chosen) as chosen:
        page.findChild(QFrame, "dropZone").dropEvent(event)
    assert chosen.args == ["/models/net.onnx"]


def test_the_menu_knows_the_models_opened_since_the_window_was_made(window, tmp_path):
    file_menu, recent = window.menuBar().actions()[0].menu(), window.findChild(QMenu, "recentMenu")
    assert not recent.isEnabled()
    (tmp_path / "a.onnx").write_bytes(b"")
    remember_model(str(tmp_path / "a.onnx"))
    file_menu.aboutToShow.emit()
    assert recent.isEnabled()
    assert [one.text() for one in recent.actions()] == [str(tmp_path / "a.onnx")]


@pytest.fixture
def dropped():
    def drop(target, path):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        none = Qt.KeyboardModifier.NoModifier
        target.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))

    return drop


def test_a_model_that_is_dropped_on_an_open_one_gets_a_window_of_its_own(window, summary, dropped, qtbot):
    window.session._untimed = "/snapshot"
    window.document.show(Opened(summary, "/snapshot"))
    with qtbot.waitSignal(window.another_wanted) as wanted:
        dropped(window, "/models/other.onnx")
    assert wanted.args == ["/models/other.onnx"]


def test_a_recipe_that_is_dropped_is_taken(window, summary, dropped, qtbot, tmp_path):
    path = tmp_path / "small.yaml"
    write_recipe(Recipe(defaults=LayerSettings(bits=8)), path)
    dropped(window, path)
    assert "Open a model first" in window.messages.findChild(QLabel, "messageText").text()

    window.session._untimed = "/snapshot"
    window.document.show(Opened(summary, "/snapshot"))
    dropped(window, path)
    qtbot.waitUntil(lambda: window.document.recipe.defaults.bits == 8, timeout=60_000)
    assert not window.document.dirty


def test_the_buttons_say_what_is_wanted(page, qtbot):
    with qtbot.waitSignal(page.open_wanted):
        page.findChild(QPushButton, "openButton").click()
    with qtbot.waitSignal(page.sample_wanted):
        page.findChild(QPushButton, "sampleButton").click()
