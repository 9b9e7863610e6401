"""The start page, files that are dropped, and the models opened lately."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QMenu, QMessageBox, QPushButton, QToolButton

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.io.recipes import write_recipe
from desktop_app.jobs.messages import Opened
from desktop_app.ui.files import Files, sort_files
from desktop_app.ui.palettes import CONTRAST_DARK, LIGHT
from desktop_app.ui.recent import recents, remember_model
from desktop_app.ui.settings.rows import SECOND_MODEL
from desktop_app.ui.settings.store import settings
from desktop_app.ui.views.start import StartPage


@pytest.fixture
def page(qtbot, settings_folder) -> StartPage:
    made = StartPage()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def three(settings_folder, tmp_path):
    """Three models opened one after the other, the newest last; the last is gone since."""
    paths = [tmp_path / name for name in ("a.onnx", "b&b.onnx", "gone.onnx")]
    for path in paths:
        path.write_bytes(b"x" * 2048)
        remember_model(str(path))
    paths[2].unlink()
    return [str(one) for one in paths]


def drop(target, *paths):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/net.onnx"), *(QUrl.fromLocalFile(str(path)) for path in paths)])
    none = Qt.KeyboardModifier.NoModifier
    target.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))


def show(window, summary):
    window.session.times.leave("/snapshot")
    window.document.show(Opened(summary, "/snapshot"))


def told(window):
    return window.messages.findChild(QLabel, "messageText").text()


def test_recent_models_are_listed_newest_first_and_say_when_they_are_gone(three, page, qtbot):
    remember_model(three[0])
    assert [(one.path, one.missing) for one in recents().files()] == [
        (three[0], False), (three[2], True), (three[1], False)]  # fmt: skip
    gone, there = page.findChild(QPushButton, "recent2"), page.findChild(QPushButton, "recent3")
    assert not gone.isEnabled()
    assert "gone" in gone.toolTip()
    assert any("2.05 kB" in one.text() for one in there.findChildren(QLabel))
    with qtbot.waitSignal(page.model_chosen) as chosen:
        qtbot.mouseClick(there, Qt.MouseButton.LeftButton)
    assert chosen.args == [three[1]]


def test_a_recent_model_is_taken_off_the_list(three, page, qtbot):
    qtbot.mouseClick(page.findChild(QToolButton, "removeRecent1"), Qt.MouseButton.LeftButton)
    assert recents().paths() == [three[1], three[0]]
    qtbot.mouseClick(page.findChild(QPushButton, "clearRecents"), Qt.MouseButton.LeftButton)
    assert recents().paths() == []
    assert not page.recents.isVisible()


def test_a_list_that_changes_twice_at_once_does_not_flash_up_as_a_window(three, page, shown_windows, qtbot):
    remember_model(three[0])
    remember_model(three[1])  # before the row of the first was shown
    QApplication.processEvents()
    assert shown_windows == []


def test_nonsense_in_the_file_of_settings_is_no_recent_model(settings_folder):
    from PySide6.QtCore import QSettings

    for stored in (3, [1, "", None, "/models/a.onnx"], "/models/a.onnx"):
        QSettings().setValue("recent", stored)
        assert recents().paths() in ([], ["/models/a.onnx"])


def test_the_menu_follows_the_list_and_has_its_keys(window, three, qtbot):
    menu = window.findChild(QMenu, "recentMenu")
    menu.aboutToShow.emit()
    rows = [one for one in menu.actions() if one.shortcut().toString().startswith("Ctrl+")]
    assert [one.shortcut().toString() for one in rows] == ["Ctrl+1", "Ctrl+2", "Ctrl+3"]
    assert [one.isEnabled() for one in rows] == [False, True, True]
    assert "b&&b.onnx" in rows[1].text()
    next(one for one in menu.actions() if one.objectName() == "removeMissing").trigger()
    assert recents().paths() == [three[1], three[0]]
    next(one for one in menu.actions() if one.objectName() == "clearRecent").trigger()
    assert not menu.isEnabled()


def test_ctrl_2_opens_the_second_of_the_recent_models(window, summary, three, qtbot):
    show(window, summary)
    settings().write(SECOND_MODEL, "window")
    window.activateWindow()
    QApplication.processEvents()
    with qtbot.waitSignal(window.another_wanted) as wanted:
        qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert wanted.args == [three[1]]


def test_what_is_dropped_on_the_page_goes_to_the_window(page, qtbot):
    with qtbot.waitSignal(page.files_dropped) as dropped:
        drop(page.findChild(QFrame, "dropZone"), "/models/net.onnx", "/data")
    assert dropped.args == [["/models/net.onnx", "/data"]]


def test_files_are_told_apart_by_name_and_folders_by_what_they_hold(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "run").mkdir()
    for name in ("model.onnx", "recipe.yaml"):
        (tmp_path / "run" / name).touch()
    given = ["/a/Net.ONNX", "/a/w.safetensors", "/r.yml", "/d.npz", "/x.txt", "/x.txt"]
    assert sort_files([*given, str(tmp_path / "images"), str(tmp_path / "run")]) == Files(
        models=("/a/Net.ONNX", "/a/w.safetensors", str(tmp_path / "run" / "model.onnx")),
        recipes=("/r.yml",),
        data=("/d.npz", str(tmp_path / "images")),
        others=("/x.txt",),
    )


def test_a_second_model_is_asked_about_and_the_answer_can_be_kept(window, summary, qtbot):
    show(window, summary)
    drop(window, "/models/<b>other</b>.onnx")
    box = window.findChild(QMessageBox, "placeQuestion")
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.checkBox().setChecked(True)
    with qtbot.waitSignal(window.another_wanted) as wanted:
        next(one for one in box.buttons() if one.text() == "In a new window").click()
    assert wanted.args == ["/models/<b>other</b>.onnx"]
    assert settings().read(SECOND_MODEL) == "window"


def test_several_models_get_a_window_each_without_a_question(window, summary, qtbot):
    show(window, summary)
    wanted = []
    window.another_wanted.connect(wanted.append)
    drop(window, "/models/a.onnx", "/models/b.onnx")
    assert wanted == ["/models/a.onnx", "/models/b.onnx"]
    assert window.findChild(QMessageBox, "placeQuestion") is None


def test_a_recipe_that_is_dropped_is_taken(window, summary, qtbot, tmp_path):
    path = tmp_path / "small.yaml"
    write_recipe(Recipe(defaults=LayerSettings(bits=8)), path)
    drop(window, path)
    assert "Open a model first" in told(window)

    show(window, summary)
    drop(window, path)
    qtbot.waitUntil(lambda: window.document.recipe.defaults.bits == 8, timeout=60_000)
    assert not window.document.dirty


def test_what_is_nothing_gets_a_sentence(window, tmp_path):
    drop(window, "/notes.txt")
    assert told(window) == "notes.txt is no model (.onnx or PyTorch), recipe (.yaml) or data (a folder, .npz)."
    drop(window, tmp_path)
    assert told(window) == f"Open a model first: {tmp_path.name} is data."


def test_a_folder_of_data_that_is_dropped_becomes_the_data(window, summary, tmp_path):
    show(window, summary)
    drop(window, tmp_path)
    assert window.document.recipe.data.path == str(tmp_path)
    assert tmp_path.name in told(window)


def test_ctrl_shift_n_asks_for_an_empty_window(window, qtbot):
    window.activateWindow()
    QApplication.processEvents()
    with qtbot.waitSignal(window.another_wanted) as wanted:
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert wanted.args == [""]


def test_the_buttons_say_what_is_wanted(page, qtbot):
    with qtbot.waitSignal(page.open_wanted):
        page.findChild(QPushButton, "openButton").click()
    with qtbot.waitSignal(page.sample_wanted):
        page.findChild(QPushButton, "sampleButton").click()


def drawn_in(icon) -> set[str]:
    """The colours of an icon, without its edges."""
    picture = icon.pixmap(32, 32).toImage()
    every = (picture.pixelColor(x, y) for x in range(32) for y in range(32))
    return {colour.name() for colour in every if colour.alpha() == 255}


def test_its_icons_follow_the_colours(page, qapp):
    before = qapp.palette()
    for theme in (CONTRAST_DARK, LIGHT):
        qapp.setPalette(theme.palette())
        qapp.processEvents()
        buttons = {one.objectName(): one for one in page.findChildren(QPushButton)}
        assert drawn_in(buttons["openButton"].icon()) == {theme.roles["BrightText"]}
        assert drawn_in(buttons["sampleButton"].icon()) == {theme.roles["ButtonText"]}
    qapp.setPalette(before)
